"""Where the desk listens, and what to tell an operator when it cannot."""

from __future__ import annotations

import errno
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import msgspec

from handlers.configuration.endpoints import HostPort
from handlers.configuration.settings import Settings
from handlers.model.errors import Unavailable

ENOUGH_FILES = 65_536
"""More open files than all doors use at their fullest; macOS refuses to promise endlessly many."""


@contextmanager
def listening(name: str, at: HostPort) -> Iterator[None]:
    """Start to listen in this block; raises Unavailable, naming the setting, when the system does not let us."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{setting(name)}: cannot listen at {at}: {reason(error)}. {mend(name, error)}.") from error


def with_ports(settings: Settings) -> Settings:
    """Where the portal's port was left to the system, the one it gave; a URL whose port is 0 follows it."""
    at, url = settings.portal_listen, settings.portal_url
    if not at.port:
        family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
        with listening("portal", at), socket.create_server((at.host, 0), family=family) as probe:
            at = msgspec.structs.replace(at, port=probe.getsockname()[1])
    if urlsplit(url).port == 0:
        url = f"{url.rpartition(':')[0]}:{at.port}"
    return msgspec.structs.replace(settings, portal_listen=at, portal_url=url)


def setting(name: str) -> str:
    """The variable that says where `mail`, `portal` or `admin` listens."""
    return f"DESK_{name.upper()}_LISTEN"


def reason(error: OSError) -> str:
    """What the system said, without Python's words around it."""
    number = error.errno or 0  # a name that cannot be resolved has a negative one
    return (os.strerror(number) if number > 0 else error.strerror or str(error)).lower()


def mend(name: str, error: OSError) -> str:
    """What an operator does about it."""
    match error.errno:
        case errno.EADDRINUSE:
            return f"Stop what listens there (is a desk running?), or set {setting(name)} to another port"
        case errno.EACCES | errno.EPERM:
            return f"Ports below 1024 need CAP_NET_BIND_SERVICE (docs/operations.md), or set {setting(name)} to another"
        case _:
            return f"Set {setting(name)} to an address of this machine"


def file_limit() -> int:
    """How many files and connections this process may have open when it asks for as many as it may."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_FILES)


def lift_file_limit() -> None:
    """Ask for as many open files as we may have: shells give 1024, for programs older than ours."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < file_limit():
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (file_limit(), hard))
