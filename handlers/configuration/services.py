"""Loads the service files, and finds a service by its name or its mailbox."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from handlers.configuration.strict import Check, Problem, SettingsError, read, table
from handlers.model.errors import Invalid
from handlers.model.service import Service
from handlers.rules.addresses import canonical, parse_one

__all__ = ["Problem", "Services", "SettingsError", "load"]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# A name that needs no quoting (RFC 5322 3.2.3, and RFC 6532 beyond ASCII), so that every mail library reads it alike.
_SENDER = re.compile(r"""[^\x00-\x1f<>()@,;:\\"\[\]]*\S +<(?P<address>[^<>]+)>""")
_NAME_FAULT = re.compile(r"""[()<>@,;:\\"\[\]]""")
_SIGNS = {",": "a comma", ";": "a semicolon", ":": "a colon", '"': "quotation marks"}
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")

LOCAL_PART = 64
"""Octets before the @ (RFC 5321 4.5.3.1.1)."""

OWN_PART = 33
"""What our own addresses add to a mailbox: `+b-`, a letter's id of 13, a hyphen, a tag of 16."""


class Services(Mapping[str, Service]):
    """The services by id, in alphabetical order of their ids."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = dict(services)
        self._mailboxes = {canonical(box): service for service in services.values() for box in service.mailboxes}

    def __getitem__(self, id: str) -> Service:
        return self._services[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._services)

    def __len__(self) -> int:
        return len(self._services)

    def by_mailbox(self, address: str) -> Service | None:
        """The service that receives mail at `address`, however it is capitalised."""
        return self._mailboxes.get(canonical(address))


def load(folder: Path | str) -> Services:
    """Every `*.toml` in `folder`; raises SettingsError with all mistakes of all files."""
    files = sorted(Path(folder).glob("*.toml"))
    if not files:
        missing = "holds no service file (*.toml)" if Path(folder).is_dir() else "is not a folder"
        raise SettingsError([Problem(file=str(folder), key="", message=f"{missing}; see docs/services.md")])
    loaded: dict[str, Service] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            loaded[file.stem] = load_one(file)
        except SettingsError as error:
            problems += error.problems
    problems += _roomless(loaded, Path(folder))
    problems += _shared_mailboxes({str(Path(folder) / f"{id}.toml"): service for id, service in loaded.items()})
    if problems:
        raise SettingsError(problems)
    return Services(loaded)


def load_one(file: Path) -> Service:
    """The service in `file`; raises SettingsError with all mistakes of this file."""
    if not _ID.fullmatch(file.stem):
        rule = "the file's name is the service's id; it must be lower-case letters, digits and single hyphens"
        raise SettingsError([Problem(file=str(file), key="", message=rule)])
    raw = table(file)
    if "id" in raw:
        rule = "must not be written: the file's name is the service's id"
        raise SettingsError([Problem(file=str(file), key="id", message=rule)])
    return read(Service, {**raw, "id": file.stem}, str(file), CHECKS)


def _roomless(services: Mapping[str, Service], folder: Path) -> Iterator[Problem]:
    """A service whose mailboxes are all too long for what our own addresses add before the @."""
    for id, service in services.items():
        if not own_mailbox(service):
            rule = (
                f"one mailbox needs at most {LOCAL_PART - OWN_PART} characters before the @: replies and bounces need"
            )
            message = f"{rule} {OWN_PART} more of the {LOCAL_PART} that mail allows"
            yield Problem(file=str(folder / f"{id}.toml"), key="mailboxes", message=message)


def own_mailbox(service: Service) -> str:
    """The mailbox our own addresses are made from: the first with room for them, or "" where there is none."""
    short = (box for box in service.mailboxes if len(box.rpartition("@")[0].encode()) <= LOCAL_PART - OWN_PART)
    return next(short, "")


def _shared_mailboxes(services: Mapping[str, Service]) -> Iterator[Problem]:
    """A mailbox that two files claim: a mail to it could not be told apart."""
    owner: dict[str, str] = {}
    for file, service in services.items():
        for box in service.mailboxes:
            first = owner.setdefault(canonical(box), file)
            if first != file:
                message = f'"{box}" already belongs to {first}; a mailbox has one service'
                yield Problem(file=file, key="mailboxes", message=message)


def _line(text: str) -> str | None:
    strange = any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in text)
    blank = not text or text != text.strip()
    return "one line of text, without blanks around it or control characters" if strange or blank else None


def _mailbox(text: str) -> str | None:
    right = "one mail address in lower case, such as support@shop.example"
    try:
        meant = canonical(parse_one(text))
    except Invalid:
        return right
    return None if text == meant else f"{right}; did you mean {meant}?"


def _sender(text: str) -> str | None:
    right = 'a name and one mail address, such as "Shop <support@shop.example>"'
    found = _SENDER.fullmatch(text)
    if found is None:
        fault = _NAME_FAULT.search(text.rpartition(" <")[0])
        return f"{right}; its name cannot hold {_SIGNS.get(fault[0], fault[0])}" if fault else right
    try:
        meant = parse_one(found["address"])
    except Invalid:
        return right
    return None if found["address"] == meant else f"{right}; did you mean <{meant}>?"


def _channel(text: str) -> str | None:
    return None if not text or _CHANNEL.fullmatch(text) else "a Slack channel id, such as C0123456789, or empty"


CHECKS: Mapping[str, Check] = {"line": _line, "mailbox": _mailbox, "sender": _sender, "channel": _channel}
"""What the types of `handlers.model.service` cannot say about a text."""
