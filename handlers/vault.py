"""Keys and chance: raw secrets, keyed digests, seals.

Every use has a key of its own, derived from one of the desk's keys by HKDF with the purpose as its label, so that a
digest made for one purpose never passes for another. The first key signs; the others still verify, which lets an
operator rotate keys without killing what is out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handlers.model.errors import Unavailable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that ids survive a telephone."""

TAG = 20
"""Characters of a tag where there is room: 100 bits."""


class Secret:
    """A raw secret whose text form is stars; only a letter's template asks for `value`."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__


class Vault:
    """The desk's keys, and everything that is drawn by lot.

    `keys` are at least 32 random bytes each; the first one signs and seals, all of them verify and open.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) < 32 for key in keys):
            raise ValueError("The vault needs at least one key of 32 bytes or more.")
        self._keys = {name_of(key): key for key in keys}
        self._derive = lru_cache(maxsize=256)(self._derived)

    @property
    def key(self) -> str:
        """The name of the key that signs now."""
        return next(iter(self._keys))

    def digest(self, purpose: str, text: str, key: str | None = None) -> str:
        """A keyed digest (HMAC-SHA-256, hex) of `text` for `purpose`, by the signing key or the one named."""
        derived = self._derive(key or self.key, purpose)
        return hmac.new(derived, text.encode(), hashlib.sha256).hexdigest()

    def digests(self, purpose: str, text: str) -> list[str]:
        """The digests of `text` under every key, the signing one first: what a stored digest may equal."""
        return [self.digest(purpose, text, key) for key in self._keys]

    def matches(self, purpose: str, text: str, digest: str, key: str | None = None) -> bool:
        """Whether `digest` was made of `text` for `purpose`, by the key named or any; in the same time either way."""
        expected = [self.digest(purpose, text, key)] if key in self._keys else self.digests(purpose, text)
        return sum(hmac.compare_digest(one, digest) for one in expected) > 0

    def knows(self, key: str) -> bool:
        """Whether the key of that name is among ours."""
        return key in self._keys

    def tag(self, purpose: str, text: str, length: int = TAG) -> str:
        """A short keyed tag for addresses and ids: so many lower-case characters of five bits each."""
        return self._tags(purpose, text, length)[0]

    def tag_matches(self, purpose: str, text: str, tag: str, length: int = TAG) -> bool:
        """Whether `tag` is ours for `text`, of that length, under any key."""
        return sum(hmac.compare_digest(one.encode(), tag.encode()) for one in self._tags(purpose, text, length)) > 0

    def seal(self, purpose: str, text: str) -> str:
        """`text` encrypted (AES-256-GCM) for `purpose`, as `<key>.<base64>`."""
        nonce = secrets.token_bytes(12)
        sealed = nonce + AESGCM(self._derive(self.key, purpose)).encrypt(nonce, text.encode(), purpose.encode())
        return f"{self.key}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, purpose: str, sealed: str) -> Secret:
        """What `seal` encrypted; raises Unavailable when the key is gone or the seal was broken."""
        key, _, body = sealed.partition(".")
        if key not in self._keys:
            raise Unavailable(f"The key {key} is no longer in DESK_KEYS; what it sealed cannot be opened.")
        try:
            raw = base64.urlsafe_b64decode(body)
            return Secret(AESGCM(self._derive(key, purpose)).decrypt(raw[:12], raw[12:], purpose.encode()).decode())
        except (InvalidTag, ValueError) as error:
            raise Unavailable("A sealed secret was changed or cut; it cannot be opened.") from error

    def lock(self, label: str, content: bytes) -> tuple[str, bytes]:
        """A file's bytes encrypted (AES-256-GCM) under a random key of their own, bound to `label`.

        Returns that key, sealed for the record, and the bytes for the disk.
        """
        key, nonce = AESGCM.generate_key(256), secrets.token_bytes(12)
        sealed_key = self.seal("document key", base64.urlsafe_b64encode(key).decode())
        return sealed_key, nonce + AESGCM(key).encrypt(nonce, content, label.encode())

    def unlock(self, label: str, sealed_key: str, locked: bytes) -> bytes:
        """What `lock` encrypted; raises Unavailable when the key is gone, or the bytes, key or label are not those."""
        key = base64.urlsafe_b64decode(self.open("document key", sealed_key).value)
        try:
            return AESGCM(key).decrypt(locked[:12], locked[12:], label.encode())
        except (InvalidTag, ValueError) as error:
            raise Unavailable("An encrypted file was changed or cut; it cannot be opened.") from error

    def token(self) -> Secret:
        """256 random bits for an address, as 43 URL-safe characters."""
        return Secret(secrets.token_urlsafe(32))

    def code(self, digits: int) -> Secret:
        """A one-time code of that many digits: HOTP (RFC 4226) over a random secret that is kept nowhere."""
        return Secret(pyotp.HOTP(pyotp.random_base32(), digits=digits).at(secrets.randbits(32)))

    def seed(self) -> Secret:
        """A key for an authenticator app: 160 random bits (RFC 4226, 4, R6) as 32 characters of base 32."""
        return Secret(pyotp.random_base32())

    def recovery_code(self, length: int) -> Secret:
        """A code that is kept on paper, of that many characters of ALPHABET: five bits each."""
        return Secret("".join(secrets.choice(ALPHABET) for _ in range(length)))

    def draw(self, alphabet: str, length: int) -> Secret:
        """That many signs of the alphabet, each as likely as the others."""
        return Secret("".join(secrets.choice(alphabet) for _ in range(length)))

    def moment(self, at_most: timedelta) -> timedelta:
        """Some part of that time, in milliseconds: for work whose end must not tell how it went."""
        return timedelta(milliseconds=secrets.randbelow(int(at_most.total_seconds() * 1000)))

    def name(self, prefix: str, length: int = 6) -> str:
        """A random id such as `R-7F3K2M`."""
        return f"{prefix}-{''.join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(length))}"

    def _tags(self, purpose: str, text: str, length: int) -> list[str]:
        return [base64.b32encode(bytes.fromhex(one)).decode().lower()[:length] for one in self.digests(purpose, text)]

    def _derived(self, key: str, purpose: str) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=f"recovery-desk {purpose}".encode()).derive(self._keys[key])


def name_of(key: bytes) -> str:
    """The name under which a key is known: eight hex digits that reveal nothing of it."""
    return hashlib.sha256(key).hexdigest()[:8]


def new_key() -> str:
    """A fresh key for DESK_KEYS: 32 random bytes in URL-safe base64."""
    return secrets.token_urlsafe(32)
