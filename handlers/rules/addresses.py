"""Mail addresses and logins: one at a time, compared in one form, shown masked."""

from __future__ import annotations

import unicodedata

import email_validator
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from handlers.model.errors import Invalid

# The library refuses names such as `.test` and `localhost` because mail to them is never delivered on the Internet. An
# intranet's desk, and every try-out, needs them; emptying this list is the library's documented way.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

# What NFC turns into ASCII from outside it (Kelvin sign, Greek question mark, Greek varia): an address with
# one would compare equal to somebody else's.
_IMPOSTORS = frozenset("\u037e\u1fef\u212a")

_LONGEST = 254  # RFC 5321 4.5.3.1.3, less the angle brackets


def parse_one(text: str) -> str:
    """The one mail address in `text`, in the form to keep and to send to.

    Only surrounding blanks are forgiven. Lists, names in front, line breaks, comments and anything else that could mean
    a second address are Invalid (THREATS T6). The domain comes back as DNS knows it where that makes the whole address
    ASCII: not every relay speaks SMTPUTF8 (RFC 6531), and a look-alike domain shows.
    """
    try:
        valid = _validated(text.strip(" \t\u00a0"))
    except EmailNotValidError:
        raise Invalid("This is not one mail address; write it like name@example.com, alone.") from None
    return valid.ascii_email or valid.normalized


def canonical(address: str) -> str:
    """The form in which addresses are compared, never the one to send to.

    ASCII letters in lower case, the rest as it is but for NFC: `mıke@` is not `mike@` (THREATS T5). The domain as DNS
    knows it. What is not an address comes back unchanged, and so equals no address.
    """
    try:
        valid = _validated(address)
    except EmailNotValidError:
        return address
    return f"{valid.local_part.translate(_LOWER)}@{valid.ascii_domain}"


def canonical_login(login: str) -> str:
    """The form in which logins are compared: no surrounding blanks, NFC, ASCII letters in lower case."""
    text = login.strip()
    return text if _IMPOSTORS & set(text) else unicodedata.normalize("NFC", text).translate(_LOWER)


def mailbox_of(address: str) -> str:
    """Whose mailbox an address most likely reaches, for counting only: without its `+tag` and the dots before the @."""
    local, _, domain = canonical(address).rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def mask(address: str) -> str:
    """The address as staff may see it, `m•••@e••••.fr`; the dots do not tell how much they hide."""
    try:
        valid = _validated(address)
    except EmailNotValidError:
        return "•••"
    name, dot, top = valid.domain.rpartition(".")
    return f"{valid.local_part[0]}•••@{(name or top)[0]}••••{dot}{top if dot else ''}"


def _validated(address: str) -> ValidatedEmail:
    if len(address) > _LONGEST or _IMPOSTORS & set(address):
        raise EmailNotValidError
    return validate_email(address, check_deliverability=False, globally_deliverable=False)
