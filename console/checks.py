"""`check`: whether a desk with these settings would work, one line each, with what to do where it would not."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiosmtplib
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from handlers import services
from handlers.endpoints import HostPort
from handlers.model.document import Value
from handlers.model.errors import DeskError
from handlers.model.service import Service
from handlers.rules.passwords import departures
from handlers.settings import Settings
from handlers.store.contract import StoreLocked
from handlers.store.tiny import TinyStore
from handlers.strict import SettingsError

SECONDS = 10


class Finding(Value, frozen=True, kw_only=True):
    """What was looked at, whether it is well, what was seen, and what to do if it is not."""

    part: str
    well: bool
    says: str
    fix: str = ""


async def run(tell: Callable[[str], object]) -> bool:
    """Look at everything and tell one line each; returns whether all is well."""
    well = True
    async for finding in findings():
        well = well and finding.well
        fix = "" if finding.well else f" - {finding.fix}"
        tell(f"{'ok  ' if finding.well else 'FAIL'} {finding.part}: {finding.says}{fix}")
    return well


async def findings() -> AsyncIterator[Finding]:
    """Every finding, in the order in which an operator would mend them."""
    try:
        settings = Settings.load()
    except SettingsError as error:
        for problem in error.problems:
            yield Finding(part="settings", well=False, says=f"{problem.file} {problem.key}", fix=problem.message)
        return
    yield Finding(part="settings", well=True, says="every setting can be used")
    yield _services(settings)
    yield _keys(settings)
    yield await _store(settings)
    yield _port("mail", settings.mail_listen)
    yield _port("portal", settings.portal_listen)
    yield _port("admin", settings.admin_listen)
    yield _certificate(settings)
    yield await _dns(settings)
    yield await _relay(settings)
    yield await _slack(settings)
    yield _staff(settings)


def _services(settings: Settings) -> Finding:
    try:
        found = services.load(settings.services)
    except SettingsError as error:
        says = "; ".join(f"{problem.file} {problem.key}: {problem.message}" for problem in error.problems)
        return Finding(part="services", well=False, says=says, fix="correct the files; docs/services.md has every key")
    return Finding(part="services", well=True, says=", ".join(_described(service) for service in found.values()))


def _described(service: Service) -> str:
    departs = departures(service.password)
    return f"{service.id} (ASVS: {'; '.join(departs)})" if departs else service.id


def _keys(settings: Settings) -> Finding:
    if not settings.keys:
        says = f"none yet; the first start writes one to {settings.data / 'keys'}"
        return Finding(part="keys", well=True, says=says)
    return Finding(part="keys", well=True, says=f"{len(settings.keys)}, the first one signs")


async def _store(settings: Settings) -> Finding:
    path = settings.store.path
    if not path.parent.is_dir():
        return Finding(part="store", well=True, says=f"{path} will be made at the first start")
    try:
        store = await TinyStore.open(path, read_only=True)
        await store.close()
    except StoreLocked as error:
        return Finding(part="store", well=True, says=str(error))
    except DeskError as error:
        return Finding(part="store", well=False, says=str(error), fix="docs/store.md says how to go back to a backup")
    return Finding(part="store", well=True, says=f"{path} can be read")


def _port(name: str, at: HostPort) -> Finding:
    try:
        with socket.create_server((at.host, at.port)):
            return Finding(part=f"{name} listener", well=True, says=f"{at} is free")
    except OSError as error:
        fix = f"stop what listens there (is a desk running?), or set DESK_{name.upper()}_LISTEN to another"
        return Finding(part=f"{name} listener", well=False, says=f"{at}: {error.strerror}", fix=fix)


def _certificate(settings: Settings) -> Finding:
    if settings.mail_tls_cert is None:
        return Finding(part="certificate", well=True, says="none set, STARTTLS is not offered")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.mail_tls_cert, settings.mail_tls_key
        )
    except (ssl.SSLError, OSError) as error:
        fix = "set DESK_MAIL_TLS_CERT and DESK_MAIL_TLS_KEY to a PEM chain and its key"
        return Finding(part="certificate", well=False, says=str(error), fix=fix)
    return Finding(part="certificate", well=True, says=str(settings.mail_tls_cert))


async def _dns(settings: Settings) -> Finding:
    host = settings.portal_url.partition("//")[2].partition("/")[0].rpartition(":")[0] or settings.portal_url
    try:
        async with asyncio.timeout(SECONDS):
            await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), None)
    except (OSError, TimeoutError) as error:
        fix = "give the portal's host a DNS record, or correct DESK_PORTAL_URL"
        return Finding(part="dns", well=False, says=f"{host}: {error}", fix=fix)
    return Finding(part="dns", well=True, says=f"{host} resolves")


async def _relay(settings: Settings) -> Finding:
    relay = settings.relay
    if relay.scheme == "file":
        folder = relay.folder or Path()
        return Finding(part="relay", well=folder.is_dir(), says=str(folder), fix="make the folder")
    client = aiosmtplib.SMTP(hostname=relay.host, port=relay.port, use_tls=relay.scheme == "smtps", timeout=SECONDS)
    try:
        async with client:
            if relay.user and relay.password:
                await client.login(relay.user, relay.password.value)
    except (aiosmtplib.SMTPException, OSError) as error:
        fix = "set DESK_RELAY to a server that takes our letters, smtp://user:password@host:port"
        return Finding(part="relay", well=False, says=f"{relay.host}:{relay.port}: {type(error).__name__}", fix=fix)
    return Finding(part="relay", well=True, says=f"{relay.host}:{relay.port} answers")


async def _slack(settings: Settings) -> Finding:
    if settings.slack_bot_token is None:
        fix = "create the app with `manifest` and set SLACK_BOT_TOKEN and SLACK_APP_TOKEN; docs/slack.md"
        return Finding(part="slack", well=False, says="SLACK_BOT_TOKEN is not set", fix=fix)
    client = AsyncWebClient(token=settings.slack_bot_token.value, base_url=settings.slack_api_url, timeout=SECONDS)
    try:
        who = await client.auth_test()
        if not settings.slack_channel:
            return Finding(part="slack", well=False, says="no channel", fix="set DESK_SLACK_CHANNEL to its id, C…")
        await client.conversations_history(channel=settings.slack_channel, limit=1)
    except SlackApiError as error:
        fix = "docs/slack.md says which token and which channel; invite the app to the channel"
        return Finding(part="slack", well=False, says=str(error.response.get("error")), fix=fix)
    except (SlackClientError, OSError, TimeoutError) as error:
        fix = "is the network, or DESK_SLACK_API_URL, right?"
        return Finding(part="slack", well=False, says=type(error).__name__, fix=fix)
    return Finding(part="slack", well=True, says=f"{who.get('team')} as {who.get('user')}, {settings.slack_channel}")


def _staff(settings: Settings) -> Finding:
    if not settings.staff_agents:
        fix = "set DESK_STAFF_AGENTS to Slack user ids (U…) or user-group ids (S…)"
        return Finding(part="staff", well=False, says="nobody may handle cases", fix=fix)
    return Finding(part="staff", well=True, says=f"{len(settings.staff_agents)} agents listed")
