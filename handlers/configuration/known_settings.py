"""Every setting there is: its default, how its text is read, and one line that says what it is for."""

from __future__ import annotations

import base64
import os.path
import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, NamedTuple

from handlers.configuration.endpoints import HostPort, host_port, is_host, portal_url, relay, store_url, web_url
from handlers.model.errors import Invalid
from handlers.vault import Secret

_STAFF_ID = re.compile(r"[UWS][A-Z0-9]{2,}")


class Keys(tuple[bytes, ...]):
    """The desk's keys, the signing one first; their text form is stars."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Keys({len(self)} × ***)"


class Setting(NamedTuple):
    """How one setting is written: its default as text, how it is read, what it is for, and which TOML form it has."""

    default: str
    read: Callable[[str], Any]
    says: str
    form: Literal["text", "number", "list"] = "text"
    secret: bool = False


def path(text: str) -> Path:
    """A path, relative to the folder the desk is started in."""
    if not text.strip() or "\0" in text or text.startswith("~"):
        raise Invalid("a path, without ~")
    return Path(text)


def file_or_none(text: str) -> Path | None:
    """A file that exists, or empty for none."""
    # Not Path.is_file, which raises OSError for a name that is too long.
    if text and not os.path.isfile(text):
        raise Invalid("a file that exists, or empty")
    return path(text) if text else None


def whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number between the two, both included."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 16 and least <= int(text) <= most):
            raise Invalid(f"a whole number from {least} to {most}")
        return int(text)

    return read


def matching(pattern: str, right: str) -> Callable[[str], str]:
    """Reads a text of that pattern, described by `right`."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise Invalid(right)
        return text

    return read


def secret(pattern: str, right: str) -> Callable[[str], Secret | None]:
    """Reads a secret of that pattern, or None from an empty text."""
    read = matching(pattern, right)
    return lambda text: Secret(read(text)) if text else None


def staff(text: str) -> frozenset[str]:
    """Slack ids, comma separated."""
    ids = _listed(text)
    right = "Slack user or user-group ids, comma separated, such as U0123ABCD, S0456EFGH"
    _require_each(ids, lambda id: bool(_STAFF_ID.fullmatch(id)), right)
    return frozenset(ids)


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks or single addresses, comma separated; never the whole internet, whose word is worth nothing."""
    found = tuple(map(_network, _listed(text)))
    if any(one.prefixlen == 0 for one in found):
        raise Invalid("the networks of your load balancers alone, such as 10.0.0.0/24: /0 would believe everybody")
    return found


def _network(text: str) -> IPv4Network | IPv6Network:
    right = "networks or addresses, comma separated, such as 10.0.0.0/24, 2001:db8::/48"
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        raise Invalid(f'{right}; "{text[:40]}" is none') from None
    try:
        return ip_network(text)
    except ValueError:
        raise Invalid(f'{right}; "{text}" names one address of a network: did you mean {meant}?') from None


def slack_url(text: str) -> str:
    """The base of Slack's API, with the final slash that its client wants."""
    return web_url(text) + "/"


def resolver(text: str) -> HostPort | None:
    """A DNS server, or None for the system's."""
    if text == "system":
        return None
    try:
        found = host_port(text)
    except Invalid:
        found = None
    if found is None or not found.port:
        raise Invalid("system, or a name server's address with its port, such as 127.0.0.1:53 or [::1]:53")
    return found


def clamd(text: str) -> HostPort | None:
    """A clamd to connect to, or empty for none."""
    try:
        found = host_port(text) if text else None
    except Invalid:
        found = HostPort(host="", port=0)
    if found is not None and not found.port:
        raise Invalid("host:port of a running clamd, such as 127.0.0.1:3310, or empty")
    return found


def domains(text: str) -> frozenset[str]:
    """Domains, comma separated; international ones as `xn--…`."""
    found = [one.lower().removesuffix(".") for one in _listed(text)]
    right = "domains, comma separated, such as lists.example, forwarder.example"
    _require_each(found, lambda one: is_host(one) and "." in one and not one.rpartition(".")[2].isdigit(), right)
    return frozenset(found)


def keys(text: str) -> Keys:
    """Keys of at least 32 bytes in hex or base64, comma separated, the signing one first."""
    right = "different keys of at least 32 random bytes each, in hex or base64, comma separated"
    good: list[bytes] = []
    for number, one in enumerate(_listed(text), 1):
        key = _decoded(one)
        if key is None or len(key) < 32 or len(set(key)) < 12:
            raise Invalid(f"{right}; number {number} is none")
        if key in good:
            raise Invalid(f"{right}; number {number} is there before")
        good.append(key)
    return Keys(good)


def _decoded(text: str) -> bytes | None:
    if re.fullmatch(r"([0-9a-fA-F]{2})+", text):
        return bytes.fromhex(text)
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        return None


def _require_each(items: Sequence[str], good: Callable[[str], bool], right: str) -> None:
    """Raise Invalid, which names the first bad item, unless every item is good."""
    bad = next((one for one in items if not good(one)), None)
    if bad is not None:
        raise Invalid(f'{right}; "{bad[:40]}" is none')


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


GROUPS: dict[str, dict[str, Setting]] = {
    "The desk": {
        "data": Setting("data", path, "Folder of the store, the spool and the keys."),
        "store": Setting(
            "tinydb:///{data}/desk.json", store_url, "Where cases and accounts are kept; desk.json in data unless set."
        ),
        "services": Setting("services", path, "Folder of the service files."),
        "keys": Setting("", keys, "Keys, the first one in use; when empty, those in <data>/keys.", "list", True),
        "dns": Setting("system", resolver, "DNS resolver for the checks of senders: system, or host:port."),
        "log": Setting("text", matching("text|json", "text or json"), "Form of the log: text or json."),
    },
    "Mail in": {
        "mail_listen": Setting("127.0.0.1:8025", host_port, "Where customers' mail arrives, host:port."),
        "mail_tls_cert": Setting("", file_or_none, "Certificate for STARTTLS with its chain, a PEM file."),
        "mail_tls_key": Setting("", file_or_none, "Private key of the certificate, a PEM file."),
        "mail_max_bytes": Setting("26214400", whole(10_000, 104_857_600), "Largest mail accepted.", "number"),
        "mail_max_recipients": Setting("100", whole(1, 1000), "Most recipients of one mail.", "number"),
        "mail_max_sessions": Setting("200", whole(1, 10_000), "Most connections open at once.", "number"),
        "mail_max_per_minute": Setting(
            "600",
            whole(0, 1_000_000),
            "Most mails a minute of one network; a tenth of it of one sender, five times it to one mailbox; 0: any.",
            "number",
        ),
        "mail_proxy_from": Setting(
            "",
            networks,
            "Networks of load balancers, which must speak the PROXY protocol, such as 10.0.0.0/24.",
            "list",
        ),
        "mail_timeout_seconds": Setting("300", whole(1, 3600), "Longest wait for a silent sender.", "number"),
        "mail_authserv_id": Setting(
            "",
            matching(r"([\w.-]{1,253})?", "a host name"),
            "Border server whose Authentication-Results we trust; empty: we check senders ourselves.",
        ),
        "mail_trusted_sealers": Setting(
            "", domains, "Domains whose ARC seals we believe on forwarded mail, comma separated.", "list"
        ),
    },
    "Documents": {
        "clamd": Setting("", clamd, "The virus scanner clamd, host:port; empty: documents are not scanned."),
    },
    "Letters out": {
        "relay": Setting(
            "smtp://127.0.0.1:25", relay, "smtp://user:password@host:port, smtps://… or file:///folder.", secret=True
        ),
    },
    "Portal and health": {
        "portal_listen": Setting("127.0.0.1:8080", host_port, "Where the portal answers, host:port."),
        "portal_url": Setting("http://{portal_listen}", portal_url, "The portal as customers reach it, https://…"),
        "admin_listen": Setting("127.0.0.1:9090", host_port, "Where /live, /ready and /metrics answer."),
    },
    "Staff (Slack user or user-group ids; nobody by default)": {
        "staff_agents": Setting("", staff, "Who may handle cases.", "list"),
        "staff_approvers": Setting("", staff, "Who may be the second pair of eyes.", "list"),
        "staff_admins": Setting("", staff, "Who may also read audit and health.", "list"),
    },
    "Slack": {
        "slack_channel": Setting(
            "",
            matching("([CG][A-Z0-9]{2,})?", "a Slack channel id, such as C0123456789"),
            "Id of the channel for cards.",
        ),
        "slack_api_url": Setting(
            "https://slack.com/api/", slack_url, "Slack's API, to be changed only for an emulator."
        ),
        "slack_bot_token": Setting("", secret("xoxb-.+", "a bot token (xoxb-…)"), "Bot token, xoxb-…", secret=True),
        "slack_app_token": Setting(
            "", secret("xapp-.+", "an app-level token (xapp-…)"), "App-level token for Socket Mode, xapp-…", secret=True
        ),
        "slack_signing_secret": Setting(
            "", secret(r"\S{16,}", "the app's signing secret"), "Signing secret, instead of the app token.", secret=True
        ),
    },
}

KNOWN: dict[str, Setting] = {name: setting for group in GROUPS.values() for name, setting in group.items()}
"""Every setting by the name it has in `desk.toml`."""

_SLACKS_OWN = ("slack_bot_token", "slack_app_token", "slack_signing_secret")


def variable(name: str) -> str:
    """The setting's name in the environment; Slack's own three have the names Slack's users know."""
    return name.upper() if name in _SLACKS_OWN else f"DESK_{name.upper()}"
