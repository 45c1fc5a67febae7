"""Commands, and the arguments of MAIL and RCPT (RFC 5321 4.1). Nothing is guessed."""

from __future__ import annotations

import re

from handlers.model.document import Value
from mailin.replies import BAD_ARGUMENT, BAD_RECIPIENT, BAD_SENDER, TOO_BIG, UNKNOWN_PARAMETER, UTF8_NOT_ASKED, Reply

# A source route ("@one,@two:") is read over, as RFC 5321 appendix C asks.
_PATH = r"""<(?:@[^<>:\s]+:)?(?P<address>
    (?: "(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*" | [^<>@"\\\s\x00-\x1f\x7f]+ )
    (?: @[^<>@"\\\s\x00-\x1f\x7f]+ )? )?>(?:\ +(?P<parameters>\S.*))?"""
_MAIL = re.compile(r"FROM:\ *" + _PATH, re.IGNORECASE | re.VERBOSE)
_RCPT = re.compile(r"TO:\ *" + _PATH, re.IGNORECASE | re.VERBOSE)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MOST_LOCAL, _MOST_PATH = 64, 254  # octets, RFC 5321 4.5.3.1.1 and .3


class Refusal(Exception):
    """The command cannot be taken; `reply` says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.reply = reply


class Sender(Value, frozen=True):
    """What MAIL said: the `address` (empty for the null sender) and whether SMTPUTF8 was asked for."""

    address: str
    smtputf8: bool = False


def read_line(line: bytes) -> tuple[str, str] | None:
    """The verb, in capitals, and the argument; None if the line is not one command in UTF-8 ended by CRLF."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return None
    verb, _, argument = text[:-2].partition(" ")
    if not text.endswith("\r\n") or not verb.isascii() or not verb.isalpha() or _CONTROL.search(argument):
        return None
    return verb.upper(), argument.strip(" ")


def read_mail(argument: str, most_bytes: int) -> Sender:
    """The sender in a MAIL command; raises Refusal."""
    found = _MAIL.fullmatch(argument)
    if found is None:
        raise Refusal(BAD_SENDER if argument[:5].upper() == "FROM:" else BAD_ARGUMENT)
    address = found["address"] or ""
    utf8 = _read_parameters(found["parameters"], most_bytes) if found["parameters"] else False
    _check(address, utf8, BAD_SENDER)
    return Sender(address=address, smtputf8=utf8)


def read_rcpt(argument: str, smtputf8: bool) -> str:
    """The recipient in a RCPT command; raises Refusal."""
    found = _RCPT.fullmatch(argument)
    if found is None or not found["address"]:
        raise Refusal(BAD_RECIPIENT if argument[:3].upper() == "TO:" else BAD_ARGUMENT)
    if found["parameters"]:
        raise Refusal(UNKNOWN_PARAMETER)
    _check(found["address"], smtputf8, BAD_RECIPIENT)
    return found["address"]


def _read_parameters(text: str, most_bytes: int) -> bool:
    """Whether SMTPUTF8 is among the parameters of MAIL, all of which must be known."""
    utf8 = False
    for parameter in text.upper().split():
        name, _, value = parameter.partition("=")
        if name == "SMTPUTF8" and parameter == name:
            utf8 = True
        elif name == "SIZE" and value.isdecimal() and value.isascii() and len(value) <= 20:
            if int(value) > most_bytes:
                raise Refusal(TOO_BIG)
        elif parameter not in ("BODY=7BIT", "BODY=8BITMIME"):
            raise Refusal(UNKNOWN_PARAMETER)
    return utf8


def _check(address: str, smtputf8: bool, malformed: Reply) -> None:
    if not address.isascii() and not smtputf8:
        raise Refusal(UTF8_NOT_ASKED)
    local, _, _ = address.rpartition("@")
    if len(local.encode()) > _MOST_LOCAL or len(address.encode()) > _MOST_PATH:
        raise Refusal(malformed)
