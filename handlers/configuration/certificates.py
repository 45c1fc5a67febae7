"""The certificate that mail comes in under, read anew when its files change, so that renewing it needs no restart."""

from __future__ import annotations

import os
import ssl
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509

from handlers.configuration.settings import Settings
from handlers.model.errors import Invalid

_log = structlog.get_logger()

WARN_BEFORE = timedelta(days=14)
"""So long before its end a certificate should have been renewed; those who renew by themselves do it at thirty."""

_Seen = tuple[tuple[int, int, int], ...]


class Certificate:
    """A certificate with its chain and its key, two PEM files; `context` gives what to use at this moment.

    A new pair that cannot be used, such as one that was only half copied, leaves the old one in place.
    """

    def __init__(self, cert: Path, key: Path) -> None:
        """Read both; raises Invalid when they cannot be used."""
        self._cert, self._key = cert, key
        self._seen = self._look()
        self._context, self.expires_at = _read(cert, key)
        self.trouble = ""

    def context(self) -> ssl.SSLContext:
        """The certificate as it is on disk now, or the last that could be used; costs two looks at the files."""
        seen = self._look()
        if seen != self._seen:
            self._seen = seen
            self._read_anew()
        return self._context

    def complaint(self, now: datetime) -> str:
        """What is wrong with it, or nothing: a renewal that failed, or an end that has come."""
        self.context()
        if self.expires_at <= now:
            return f"the certificate expired on {self.expires_at:%Y-%m-%d}"
        return self.trouble

    def _read_anew(self) -> None:
        try:
            self._context, self.expires_at = _read(self._cert, self._key)
        except Invalid as error:
            self.trouble = f"the renewed certificate cannot be used: {error}"
            _log.error("certificate.refused", why=str(error))
            return
        self.trouble = ""
        _log.info("certificate.renewed", until=f"{self.expires_at:%Y-%m-%d}")

    def _look(self) -> _Seen:
        """What changes when a file does: a new file has another number, a rewritten one another time or size."""
        return tuple(_fingerprint(path) for path in (self._cert, self._key))


def of(settings: Settings) -> Certificate | None:
    """The certificate that is set, or None; raises Invalid when it cannot be used."""
    if settings.mail_tls_cert is None or settings.mail_tls_key is None:
        return None
    return Certificate(settings.mail_tls_cert, settings.mail_tls_key)


def _fingerprint(path: Path) -> tuple[int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(cert: Path, key: Path) -> tuple[ssl.SSLContext, datetime]:
    pair = f"DESK_MAIL_TLS_CERT {cert} and DESK_MAIL_TLS_KEY {key}"
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    # Python's own choice of ciphers stays: forward secrecy and no SHA-1, which every mail server of today can do.
    made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    try:
        # A key behind a passphrase would be asked for at the terminal, and a desk has none.
        made.load_cert_chain(cert, key, password=lambda: b"")
        first, *_ = x509.load_pem_x509_certificates(cert.read_bytes())
    except (OSError, ValueError) as error:
        raise Invalid(
            f"{pair} cannot be used: both must be PEM files without a passphrase, and belong together."
        ) from error
    return made, first.not_valid_after_utc
