"""Whether the desk reaches what lies outside: the portal's name, the DNS, the scanner, the relay, Slack."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import aiosmtplib
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from console.faults import why
from console.finding import Finding, bad, good, note
from handlers.configuration.endpoints import HostPort, Relay, is_loopback
from handlers.configuration.settings import Settings

Resolves = Callable[[HostPort | None], Awaitable[bool]]
"""Whether this name server answers at all, or one of the system's."""

SECONDS = 10
RELAY_FIX = "set DESK_RELAY to a server that takes our letters, smtp://user:password@host:port"


async def portal(settings: Settings) -> Finding:
    """Whether the portal's name, which stands in every letter, can be found."""
    host = urlsplit(settings.portal_url).hostname or ""
    try:
        async with asyncio.timeout(SECONDS):
            await asyncio.get_running_loop().getaddrinfo(host, None)
    except (OSError, TimeoutError) as error:
        fix = "give the portal's host a DNS record, or correct DESK_PORTAL_URL"
        return bad("portal url", f"{host}: {why(error)}", fix)
    if is_loopback(host) and not is_loopback(settings.mail_listen.host):
        says = (
            f"mail comes in from other machines at {settings.mail_listen}, and letters lead to {settings.portal_url}, "
        )
        return note("portal url", f"{says}which only this machine can open; set DESK_PORTAL_URL to the public address")
    return good("portal url", f"{host} resolves{'; only this machine can open it' if is_loopback(host) else ''}")


async def name_server(settings: Settings, resolves: Resolves) -> Finding:
    """Whether the DNS answers, without which nobody knows what a mail proves."""
    whom = "the system's resolver" if settings.dns is None else str(settings.dns)
    if await resolves(settings.dns):
        return good("resolver", f"{whom} answers; what mails prove is checked")
    fix = "set DESK_DNS to a resolver, host:port; until it answers, the origin of every mail is unknown"
    return bad("resolver", f"{whom} does not answer", fix)


async def scanner(settings: Settings) -> Finding:
    """Whether clamd answers, as it would for a customer's document."""
    if settings.clamd is None:
        return good("scanner", "none set, documents are not scanned")
    try:
        async with asyncio.timeout(SECONDS):
            wrong = "" if await _pinged(settings.clamd) == b"PONG\n" else "what answers there is no clamd"
    except (OSError, ValueError) as error:
        wrong = why(error)
    if not wrong:
        return good("scanner", f"clamd answers at {settings.clamd}")
    fix = "start clamd with a TCPSocket, or correct DESK_CLAMD; until it answers, documents are not scanned"
    return bad("scanner", f"{settings.clamd}: {wrong}", fix)


async def _pinged(clamd: HostPort) -> bytes:
    """One line of answer to clamd's PING (clamd(8)); raises OSError, and ValueError for a line without an end."""
    reader, writer = await asyncio.open_connection(clamd.host, clamd.port)
    try:
        writer.write(b"nPING\n")
        return await reader.readline()
    finally:
        writer.transport.abort()


async def relay(settings: Settings) -> Finding:
    """Whether the relay answers, and lets us in; nothing is sent."""
    if settings.relay.folder is not None:
        return _folder(settings.relay.folder)
    place = f"{settings.relay.host}:{settings.relay.port}"
    try:
        wrong = await _greeted(settings.relay)
    except (aiosmtplib.SMTPException, OSError) as error:
        wrong = why(error)
    return bad("relay", f"{place}: {wrong}", RELAY_FIX) if wrong else good("relay", f"{place} answers")


def _folder(folder: Path) -> Finding:
    if not folder.parent.is_dir():
        return bad("relay", f"there is no folder {folder.parent}", f"make it, for letters in {folder}, or set another")
    there = folder if folder.exists() else folder.parent
    if not there.is_dir() or not os.access(there, os.W_OK):
        return bad(
            "relay", f"{there} is no folder that can be written to", "give it to the desk's user, or set another"
        )
    return good("relay", f"letters are files in {folder}")


async def _greeted(relay: Relay) -> str:
    """Greet the relay and sign in as the courier does; returns what is wrong. Raises SMTPException and OSError."""
    near = is_loopback(relay.host)
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        local_hostname=socket.gethostname(),
        use_tls=relay.scheme == "smtps",
        timeout=SECONDS,
        validate_certs=not near,
    )
    async with client:
        if relay.user and relay.password:
            if not near and client.get_transport_info("sslcontext") is None:
                return "it does not offer STARTTLS, and the password is not sent in the clear"
            await client.login(relay.user, relay.password.value)
    return ""


def wants_slack(settings: Settings) -> bool:
    """Whether any setting speaks of Slack; a desk may do without it."""
    # An app token or a signing secret alone never gets here: settings refuse it without a bot token.
    staff = (settings.staff_agents, settings.staff_approvers, settings.staff_admins)
    return bool(settings.slack_bot_token or settings.slack_channel or any(staff))


async def slack(settings: Settings) -> Finding:
    """Whether Slack knows our tokens and lets us into the channel."""
    if not wants_slack(settings):
        return note("slack", "none set; cases wait for `act`, and docs/slack.md says how to connect one")
    if settings.slack_bot_token is None:
        fix = "create the app with `manifest` and set SLACK_BOT_TOKEN and SLACK_APP_TOKEN; docs/slack.md"
        return bad("slack", "SLACK_BOT_TOKEN is not set", fix)
    if not settings.slack_channel:
        return bad("slack", "no channel", "set DESK_SLACK_CHANNEL to its id, C…")
    try:
        return good("slack", await _introduced(settings, settings.slack_bot_token.value))
    except SlackApiError as error:
        fix = "docs/slack.md says which token and which channel; invite the app to the channel"
        return bad("slack", str(error.response.get("error")), fix)
    except (SlackClientError, OSError, TimeoutError) as error:
        return bad("slack", why(error), "is the network, or DESK_SLACK_API_URL, right?")


async def _introduced(settings: Settings, token: str) -> str:
    client = AsyncWebClient(token=token, base_url=settings.slack_api_url, timeout=SECONDS)
    who = await client.auth_test()
    await client.conversations_history(channel=settings.slack_channel, limit=1)
    if settings.slack_app_token and not settings.slack_signing_secret:
        await client.apps_connections_open(app_token=settings.slack_app_token.value)
    return f"{who.get('team')} as {who.get('user')}, {settings.slack_channel}"
