"""Mail addresses and logins: one at a time, compared in one form, shown masked."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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

# What the eye takes for a Latin letter or another sign: the Cyrillic and Greek letters of Unicode's confusables
# (UTS 39) that occur in addresses, after marks were taken off and capitals made small.
_LOOKS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u051b\u0501\u051d\u043a\u043c\u0442\u043d\u0432"
    "\u03b1\u03bf\u03bd\u03c1\u03c5\u03b9\u03ba\u03c7\u03c4\u03b7\u03b5\u03c9\u03f2\u03f3\u0131\u017f01|",
    "aeopcyxijshqdwkmthbaovpuikxtnewcjisoll",
)
_PAIRS = (("rn", "m"), ("vv", "w"))

SAME = "="
"""What stands for an address whose mask says nothing beside that of the present one."""

MORE = 3
"""How many more letters of either half may be shown so that two addresses are told apart."""

# Local parts behind which no person reads: senders of web forms and newsletters, and what collects their bounces.
_UNREAD = re.compile(
    r"(?:[^+]*[._-])?(?:(?:no|not|non|dont|do[._-]?not)[._-]?reply|ne[._-]?pas[._-]?repondre|pas[._-]?de[._-]?reponse"
    r"|(?:yanit|cevap)lama(?:yin(?:iz)?)?|mailer[._-]?daemon|bounces?)\d{0,3}(?:[._+=-].*)?",
    re.IGNORECASE,
)

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


def is_unread(address: str) -> bool:
    """Whether nobody reads what comes to this address: `no-reply@`, `ne-pas-repondre@`, `bounces+7@`."""
    return _UNREAD.fullmatch(address.partition("@")[0]) is not None


def mask(address: str) -> str:
    """The address as staff may see it, `m•••@e••••.fr`; the dots do not tell how much they hide."""
    try:
        valid = _validated(address)
    except EmailNotValidError:
        return "•••"
    return _mask(valid, 0, 0)


def masks(old: str, new: str) -> tuple[str, str]:
    """Both addresses as `mask` shows them, with just as many more letters of each as tell them apart.

    At most `MORE` of the name and of the domain; they come back alike where even that does not help.
    """
    shown = mask(old), mask(new)
    if shown[0] != shown[1] or "@" not in shown[0] or canonical(old) == canonical(new):
        return shown
    for more in range(1, MORE + 1):
        for name, domain in ((more, 0), (0, more), (more, more)):
            told = _mask(_validated(old), name, domain), _mask(_validated(new), name, domain)
            if told[0] != told[1]:
                return told
    return shown


def _mask(valid: ValidatedEmail, name: int, domain: int) -> str:
    """The first letter of both halves, so many more of each, and the ending; never all of a half that hides more."""
    host, dot, top = valid.domain.rpartition(".")
    return f"{_first(valid.local_part, name)}•••@{_first(host or top, domain)}••••{dot}{top if dot else ''}"


def _first(half: str, more: int) -> str:
    return half[: 1 + max(0, min(more, len(half) - 2))]


def look_alike(new: str, old: str) -> bool:
    """Whether one address, or its domain, can be taken for the other's: one slip of a finger apart, or to the eye (T5).

    Only a doubt for people to judge: honest customers move from `gmial.example` to `gmail.example`.
    """
    if canonical(new) == canonical(old):
        return False
    new, old = readable(new), readable(old)
    domains = new.rpartition("@")[2], old.rpartition("@")[2]
    return _close(new, old) or (domains[0] != domains[1] and _close(*domains))


def _close(one: str, other: str) -> bool:
    return skeleton(one) == skeleton(other) or _one_edit(one, other)


@lru_cache(maxsize=1024)  # every mail asks how our own addresses look
def skeleton(text: str) -> str:
    """What the eye sees of a name or address: no marks, no capitals, look-alikes of other scripts as Latin letters."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    seen = bare.lower().translate(_LOOKS)
    for pair, sign in _PAIRS:
        seen = seen.replace(pair, sign)
    return seen


def _one_edit(one: str, other: str) -> bool:
    """Whether one sign was added, left out, replaced, or swapped with its neighbour."""
    short, long = sorted((one, other), key=len)
    start = next((at for at, sign in enumerate(short) if sign != long[at]), len(short))
    if len(long) - len(short) == 1:
        return short[start:] == long[start + 1 :]
    swapped = short[start + 1 : start + 2] + short[start : start + 1] + short[start + 2 :]
    return len(short) == len(long) and long[start:] in (long[start : start + 1] + short[start + 1 :], swapped)


def readable(address: str) -> str:
    """The address as a person reads it: its domain in Unicode, everything in small letters."""
    try:
        valid = _validated(address)
    except EmailNotValidError:
        return address.lower()
    return f"{valid.local_part}@{valid.domain}".lower()


@lru_cache(maxsize=4096)  # one mail asks a dozen times about the same few
def _validated(address: str) -> ValidatedEmail:
    if len(address) > _LONGEST or _IMPOSTORS & set(address):
        raise EmailNotValidError
    return validate_email(address, check_deliverability=False, globally_deliverable=False)
