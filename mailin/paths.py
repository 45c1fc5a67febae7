"""What stands in the angle brackets of MAIL and RCPT, by the grammar of RFC 5321 4.1.2 and RFC 6531 3.3."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

# Beyond ASCII everything is taken but controls and blanks (RFC 6531 3.3 leaves finer rules to who owns the name), so
# each class here says what is not in it.
# Dots are taken anywhere: some providers gave out names such as `a..b` and `a.`, and still deliver to them.
_ATOM = r'[^\x00-\x20"(),:;<>@\[\\\]\x7f-\x9f\s]+'
_QUOTED = r'"(?:[^\x00-\x1f"\\\x7f-\x9f\u2028\u2029]|\\[ -~])*"'
# Letters, digits, hyphens; underscores are none, and in the names of real senders all the same.
_LABEL = r"[^\x00-,./:-@\[-\^`{-\x9f\s]+"
_NAME = rf"{_LABEL}(?:\.{_LABEL})*"
_LITERAL = r"\[[!-Z^-~]+\]"
# A source route is read over (RFC 5321 4.1.1.3, appendices C and F.2): it never decides where a mail goes.
_ROUTE = rf"@{_NAME}(?:,@{_NAME})*:"
_PATH = re.compile(rf"<(?:{_ROUTE})?(?P<local>{_ATOM}|{_QUOTED})(?:@(?P<domain>{_NAME}|{_LITERAL}))?>")
_BARE = re.compile(_ATOM)
_ESCAPED = re.compile(r"\\(.)")


def split_path(text: str) -> tuple[str, str] | None:
    """The path at the beginning of `text`, and what follows it; None if there is none. The empty path is `<>`."""
    if text.startswith("<>"):
        return "", text[2:]
    found = _PATH.match(text)
    if found is None or not _is_known(found["domain"] or ""):
        return None
    local = _unquoted(found["local"])
    domain = found["domain"]
    return (f"{local}@{domain}" if domain else local), text[found.end() :]


def _is_known(domain: str) -> bool:
    """Whether an address literal is one: IPv4, or IPv6 with its tag; no other kind was ever registered."""
    if not domain.startswith("["):
        return True
    literal = domain[1:-1]
    try:
        if literal[:5].upper() == "IPV6:":
            IPv6Address(literal[5:])
        else:
            IPv4Address(literal)
    except AddressValueError:
        return False
    return True


def _unquoted(local: str) -> str:
    """Without quotes where they change nothing: `"a"@x` and `a@x` are one address (RFC 5321 4.1.2)."""
    if not local.startswith('"'):
        return local
    plain = _ESCAPED.sub(r"\1", local[1:-1])
    return plain if _BARE.fullmatch(plain) else local
