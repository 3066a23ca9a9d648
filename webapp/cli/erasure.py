"""flask erasure …: what proves an erasure, and keeps it."""

from __future__ import annotations

from webapp.cli.common import Commands

erasure = Commands("erasure", help="Prove erasures, and keep them.")
