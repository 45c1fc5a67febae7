"""`check`: whether a desk with these settings would work, one line each, with what to do where it would not."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from email.utils import parseaddr

from console import listeners, reach
from console.control import is_answered
from console.finding import Finding, bad, good, note
from console.show import printable
from handlers.clock import system_clock
from handlers.configuration import certificates, services
from handlers.configuration.endpoints import HostPort
from handlers.configuration.opening import lost_key
from handlers.configuration.services import Services
from handlers.configuration.settings import Settings
from handlers.configuration.strict import SettingsError
from handlers.model.errors import DeskError, Invalid
from handlers.model.service import Service
from handlers.rules.addresses import canonical
from handlers.rules.passwords import departures
from handlers.store.tiny import TinyStore
from handlers.vault import name_of

SPARE_FILES = 1280
"""What may be open beside the connections that are counted: most of all those that wait at the SMTP door, 1024, which
are taken in before they are counted; then the store, the spool, letters under way and Slack."""


async def run(tell: Callable[[str], object], visits: int, resolves: reach.Resolves) -> bool:
    """Look at everything and tell one line each; returns whether all is well.

    `visits` is how many connections the portal may have at once; `resolves` says whether a name server answers.
    """
    well = True
    async for finding in findings(visits, resolves):
        well = well and finding.well
        fix = "" if finding.well else f" - {finding.fix}"
        tell(printable(f"{finding.label if finding.well else 'FAIL':4} {finding.part}: {finding.says}{fix}"))
    return well


async def findings(visits: int, resolves: reach.Resolves) -> AsyncIterator[Finding]:
    """Every finding, in the order in which an operator would mend them."""
    try:
        settings = Settings.load()
    except SettingsError as error:
        for finding in _problems("settings", error):
            yield finding
        return
    yield good("settings", "every setting can be used")
    for finding in _services(settings):
        yield finding
    store = await _store(settings)
    yield await _keys(settings, store)
    yield store
    runs = is_answered(settings)
    yield _port("mail", settings.mail_listen, runs)
    yield _port("portal", settings.portal_listen, runs)
    yield _port("admin", settings.admin_listen, runs)
    yield _files(visits + settings.mail_max_sessions + SPARE_FILES)
    yield _certificate(settings)
    yield await reach.portal(settings)
    yield await reach.name_server(settings, resolves)
    yield await reach.scanner(settings)
    yield await reach.relay(settings)
    yield await reach.slack(settings)
    yield _staff(settings)


def _problems(part: str, error: SettingsError) -> Iterator[Finding]:
    for problem in error.problems:
        where = " ".join(filter(None, (problem.file, problem.key)))
        yield bad(part, where, problem.message)


def _services(settings: Settings) -> Iterator[Finding]:
    try:
        found = services.load(settings.services)
    except SettingsError as error:
        yield from _problems("services", error)
        return
    yield good("services", f"{', '.join(found)}, from {settings.services}")
    for service in found.values():
        yield from _passwords(service)
        yield from _sender(service)
    yield from _examples(found)


def _passwords(service: Service) -> Iterator[Finding]:
    """A note, where the rules for passwords depart from the standards, and why they are kept all the same (CP.29)."""
    departs = departures(service.password)
    if departs:
        why = service.password.why or "its file gives no reason; `why` in [password] is the place for it"
        yield good(f"passwords of {service.id}", f"{'; '.join(departs)} - {why}")


def _sender(service: Service) -> Iterator[Finding]:
    """A note, where letters come from a domain that receives no mail for the service: perhaps a typing error."""
    domain = canonical(parseaddr(service.sender)[1]).rpartition("@")[2]
    if domain not in {canonical(box).rpartition("@")[2] for box in service.mailboxes}:
        says = f"letters come from {domain}, where the service has no mailbox; the relay must be allowed to send for it"
        yield note(f"sender of {service.id}", says)


def _examples(found: Services) -> Iterator[Finding]:
    """A note, where somebody may have forgotten to write service files: no mail reaches .example (RFC 2606)."""
    ids = [id for id, service in found.items() if all(box.endswith(".example") for box in service.mailboxes)]
    if ids:
        says = f"{', '.join(ids)}: their mailboxes end in .example, which no mail reaches"
        yield note("examples", f"{says}; set DESK_SERVICES to service files with your mailboxes (docs/services.md)")


async def _keys(settings: Settings, store: Finding) -> Finding:
    lost = await lost_key(settings) if store.well else None
    if lost:
        return bad("keys", lost.says, lost.fix)
    if not settings.keys:
        return good("keys", f"none yet; `init` or the first start writes one to {settings.data / 'keys'}")
    return good("keys", f"{len(settings.keys)}, the first one signs: {name_of(settings.keys[0])}")


async def _store(settings: Settings) -> Finding:
    path = settings.store.path
    if not path.parent.is_dir():
        return good("store", f"{path} will be made at the first start")
    if not os.access(path.parent, os.W_OK):
        return bad("store", f"{path.parent} cannot be written to", "give the folder to the desk's user")
    try:
        store = await TinyStore.open(path, read_only=True)
        await store.close()
    except DeskError as error:
        return bad("store", str(error), "docs/store.md says how to go back to a backup")
    return good("store", f"{path} can be read")


def _port(name: str, at: HostPort, runs: bool) -> Finding:
    part = f"{name} listener"
    try:
        family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
        with socket.create_server((at.host, at.port), family=family):
            return good(part, f"{at} is free")
    except OSError as error:
        if runs:
            return good(part, f"{at}, and a desk is running")
        return bad(part, f"{at}: {listeners.reason(error)}", listeners.mend(name, error))


def _files(needed: int) -> Finding:
    allowed = listeners.file_limit()
    if allowed < needed:
        fix = f"raise the limit (LimitNOFILE= in systemd, ulimit -Hn in a shell) to {needed} or more"
        return bad("open files", f"{allowed} may be open, the doors at their fullest need {needed}", fix)
    return good("open files", f"{allowed} may be open, {needed} are needed at most")


def _certificate(settings: Settings) -> Finding:
    try:
        certificate = certificates.of(settings)
    except Invalid as error:
        return bad("certificate", str(error), "name a PEM file with the chain, and the key it was made with")
    if certificate is None:
        return good("certificate", "none set, STARTTLS is not offered")
    left = certificate.expires_at - system_clock()
    says = f"{settings.mail_tls_cert}, until {certificate.expires_at:%Y-%m-%d}"
    if left <= certificates.WARN_BEFORE:
        when = f"{left.days} days are left" if left.total_seconds() > 0 else "it has expired"
        return bad("certificate", f"{says}: {when}", "renew it; a running desk takes the new files by itself")
    return good("certificate", f"{says}, {left.days} days")


def _staff(settings: Settings) -> Finding:
    if not settings.staff_agents and not reach.wants_slack(settings):
        return note("staff", "nobody listed; the command line needs nobody")
    if not settings.staff_agents:
        fix = "set DESK_STAFF_AGENTS to Slack user ids (U…) or user-group ids (S…)"
        return bad("staff", "nobody may handle cases", fix)
    return good("staff", f"{len(settings.staff_agents)} agents listed")
