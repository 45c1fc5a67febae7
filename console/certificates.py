"""The certificate that mail comes in under."""

from __future__ import annotations

import ssl

from handlers.configuration.settings import Settings
from handlers.model.errors import Invalid


def context(settings: Settings) -> ssl.SSLContext | None:
    """For STARTTLS, or None when no certificate is set; raises Invalid when it cannot be used."""
    if settings.mail_tls_cert is None:
        return None
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        made.load_cert_chain(settings.mail_tls_cert, settings.mail_tls_key)
    except OSError as error:
        pair = f"DESK_MAIL_TLS_CERT {settings.mail_tls_cert} and DESK_MAIL_TLS_KEY {settings.mail_tls_key}"
        raise Invalid(f"{pair} cannot be used: both must be PEM files, and belong together.") from error
    return made
