"""A passkey made and used in Python, as a device and its browser do; every part can be wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, HAS_KEY = 1, 4, 64  # flags of what the device says
BYTES = 32  # of each number of a public key


@dataclass
class Device:
    """Keeps one passkey. `uses` is what it counts; 0 again and again is a device that does not."""

    origin: str = "http://localhost"
    site: str = "localhost"
    flags: int = PRESENT | VERIFIED
    uses: int = 0
    credential_id: bytes = field(default_factory=lambda: token_bytes(16))

    def __post_init__(self) -> None:
        self.key = generate_private_key(SECP256R1())

    def make(self, asked: dict[str, Any]) -> str:
        """Answer what the browser was asked to make a passkey with."""
        numbers, of_id = self.key.public_key().public_numbers(), self.credential_id
        x, y = numbers.x.to_bytes(BYTES, "big"), numbers.y.to_bytes(BYTES, "big")
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(of_id).to_bytes(2, "big") + of_id + public
        said = {"fmt": "none", "attStmt": {}, "authData": self._said(HAS_KEY) + attested}
        client = self._client("webauthn.create", asked)
        return self._answer(clientDataJSON=client, attestationObject=encode_cbor(said))

    def use(self, asked: dict[str, Any]) -> str:
        """Answer what the browser was asked to use a passkey with."""
        client, said = self._client("webauthn.get", asked), self._said()
        signature = self.key.sign(said + sha256(client).digest(), ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=said, signature=signature)

    def _said(self, flags: int = 0) -> bytes:
        head = sha256(self.site.encode()).digest() + bytes([self.flags | flags])
        return head + self.uses.to_bytes(4, "big")

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        what = {"type": kind, "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps(what | {"crossOrigin": False}).encode()

    def _answer(self, **response: bytes) -> str:
        named = bytes_to_base64url(self.credential_id)
        parts = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": parts})
