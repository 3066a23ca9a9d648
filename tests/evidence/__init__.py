"""Evidence: the ledger, backups that are restored, and what was tampered with."""
