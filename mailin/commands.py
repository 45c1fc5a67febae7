"""Commands, and the arguments of MAIL and RCPT (RFC 5321 4.1). Nothing is guessed."""

from __future__ import annotations

import re

from handlers.model.document import Value
from mailin.paths import split_path
from mailin.replies import BAD_ARGUMENT, BAD_RECIPIENT, BAD_SENDER, TOO_BIG, UNKNOWN_PARAMETER, UTF8_NOT_ASKED, Reply

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[!-<>-~]+))?")  # RFC 5321 4.1.2


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
    return verb.upper(), argument.strip(" \t")


def read_mail(argument: str, most_bytes: int) -> Sender:
    """The sender in a MAIL command; raises Refusal."""
    address, parameters = _read_path("FROM:", argument, BAD_SENDER)
    if address and "@" not in address:
        raise Refusal(BAD_SENDER)
    utf8 = _read_mail_parameters(parameters, most_bytes) if parameters else False
    _check(address, utf8)
    return Sender(address=address, smtputf8=utf8)


def read_rcpt(argument: str, smtputf8: bool) -> str:
    """The recipient in a RCPT command, whose domain may be missing; raises Refusal."""
    address, parameters = _read_path("TO:", argument, BAD_RECIPIENT)
    if not address:
        raise Refusal(BAD_RECIPIENT)
    if parameters:
        raise Refusal(UNKNOWN_PARAMETER)
    _check(address, smtputf8)
    return address


def _read_path(keyword: str, argument: str, malformed: Reply) -> tuple[str, dict[str, str | None]]:
    """The address behind the keyword, and the parameters by name. A blank before the path is common, and harmless."""
    if argument[: len(keyword)].upper() != keyword:
        raise Refusal(BAD_ARGUMENT)
    found = split_path(argument[len(keyword) :].lstrip(" "))
    if found is None or (found[1] and not found[1].startswith(" ")):
        raise Refusal(malformed)
    return found[0], _parameters(found[1]) if found[1] else {}


def _parameters(text: str) -> dict[str, str | None]:
    """Each parameter's value by its name in capitals; raises Refusal."""
    parameters: dict[str, str | None] = {}
    for one in filter(None, text.split(" ")):
        found = _PARAMETER.fullmatch(one)
        name = found["name"].upper() if found else ""
        if found is None or name in parameters:
            raise Refusal(BAD_ARGUMENT)
        parameters[name] = found["value"]
    return parameters


def _read_mail_parameters(parameters: dict[str, str | None], most_bytes: int) -> bool:
    """Whether SMTPUTF8 is among the parameters of MAIL, all of which must be known."""
    for name, value in parameters.items():
        match name:
            case "SMTPUTF8" if value is None:  # RFC 6531 3.4: it takes no value
                pass
            case "SIZE" if value and re.fullmatch("[0-9]{1,20}", value):  # RFC 1870 section 5
                if int(value) > most_bytes:
                    raise Refusal(TOO_BIG)
            case "SMTPUTF8" | "SIZE":
                raise Refusal(BAD_ARGUMENT)
            case "BODY" if value and value.upper() in ("7BIT", "8BITMIME"):
                pass
            case _:
                raise Refusal(UNKNOWN_PARAMETER)
    return "SMTPUTF8" in parameters


def _check(address: str, utf8: bool) -> None:
    """Lengths are not looked at: RFC 5321 4.5.3.1 says how long names must be taken, not how long they may be."""
    if not address.isascii() and not utf8:
        raise Refusal(UTF8_NOT_ASKED)
