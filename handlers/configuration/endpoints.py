"""The ends an operator names: listeners, relay, store, web addresses; each read strictly from its text."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from handlers.model.document import Value
from handlers.model.errors import Invalid
from handlers.vault import Secret

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*")
_PORTS = {"smtp": 25, "smtps": 465}


class HostPort(Value, frozen=True, kw_only=True):
    """A host name or IP address, and a port; port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def excludes(self, other: HostPort) -> bool:
        """Whether only one of the two can be listened on: one port, and one host or every host of its family."""
        mine, theirs = ("127.0.0.1" if one.host == "localhost" else one.host for one in (self, other))
        if not self.port or self.port != other.port:
            return False
        return mine == theirs or ((":" in mine) == (":" in theirs) and (_is_every(mine) or _is_every(theirs)))


class StoreUrl(Value, frozen=True, kw_only=True):
    """Where the documents are kept: so far always a TinyDB file."""

    scheme: Literal["tinydb"]
    path: Path


class Relay(Value, frozen=True, kw_only=True):
    """Where letters go: `smtp` (STARTTLS when offered), `smtps` (TLS from the start), or `file`, a folder."""

    scheme: Literal["smtp", "smtps", "file"]
    host: str = ""
    port: int = 0
    user: str = ""
    password: Secret | None = None
    folder: Path | None = None


def host_port(text: str) -> HostPort:
    """`127.0.0.1:8025`, `desk.example:25` or `[::1]:8025`."""
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if (
        not is_host(bare)
        or (":" in bare) != (bare != host)
        or not port.isascii()
        or not port.isdigit()
        or len(port) > 5
    ):
        raise Invalid("host:port, such as 127.0.0.1:8025 or [::1]:8025")
    if int(port) > 65535:
        raise Invalid("host:port with a port from 0 to 65535")
    return HostPort(host=bare, port=int(port))


def store_url(text: str) -> StoreUrl:
    """`tinydb:///data/desk.json`, relative to the folder the desk runs in, or `tinydb:////var/lib/…`, absolute."""
    if text.startswith(("postgresql:", "postgres:")):
        raise Invalid("tinydb:///<file>: PostgreSQL is not in this version")
    path = text.removeprefix("tinydb:///")
    if path == text or not path or path.endswith("/"):
        raise Invalid("tinydb:///<file>, such as tinydb:///data/desk.json, or tinydb:////<file> from the root")
    return StoreUrl(scheme="tinydb", path=Path(path))


def relay(text: str) -> Relay:
    """`smtp://user:password@host:port`, `smtps://…` or `file:///folder`; user and password percent-encoded."""
    url = _split(text)
    if url is None or url.query or url.fragment:
        raise Invalid("smtp://user:password@host:port, smtps://… or file:///folder")
    if url.scheme == "file":
        return _folder(url)
    if url.scheme not in _PORTS or not is_host(url.hostname or "") or url.path not in ("", "/"):
        raise Invalid("smtp://user:password@host:port, smtps://… or file:///folder")
    if bool(url.username) != bool(url.password):
        raise Invalid("smtp://user:password@host:port with both user and password, or neither")
    return Relay(
        scheme="smtps" if url.scheme == "smtps" else "smtp",
        host=url.hostname or "",
        port=url.port or _PORTS[url.scheme],
        user=unquote(url.username or ""),
        password=Secret(unquote(url.password)) if url.password else None,
    )


def web_url(text: str) -> str:
    """An https address without a final slash; plain http only on this machine, where nobody listens in (SF.22)."""
    url = _split(text)
    if url is None or not is_host(url.hostname or "") or url.username or url.query or url.fragment:
        raise Invalid("an address such as https://desk.example")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
        raise Invalid("an https:// address (http:// only for localhost and 127.0.0.1)")
    return text.rstrip("/")


def portal_url(text: str) -> str:
    """The portal's base: a web address without a path, since its pages stand at the root."""
    url = web_url(text)
    if urlsplit(url).path:
        raise Invalid("an address without a path, such as https://desk.example")
    return url


def is_host(text: str) -> bool:
    """Whether the text is a host name (ASCII, lower case; international names as `xn--…`) or an IP address."""
    return bool(_HOST.fullmatch(text)) or _is_ip(text)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    return host == "localhost" or (_is_ip(host) and ip_address(host).is_loopback)


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_every(host: str) -> bool:
    return _is_ip(host) and ip_address(host).is_unspecified


def _split(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text)
        return url if url.port != 0 or url.scheme in ("http", "https") else None
    except ValueError:
        return None


def _folder(url: SplitResult) -> Relay:
    if url.netloc or not url.path.startswith("/") or url.path == "/":
        raise Invalid("file:///folder, with three slashes and a folder from the root")
    return Relay(scheme="file", folder=Path(unquote(url.path)))
