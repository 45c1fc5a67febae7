"""Where the desk listens, and what to tell an operator when it cannot."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from handlers.endpoints import HostPort
from handlers.model.errors import Unavailable


@contextmanager
def listening(name: str, at: HostPort) -> Iterator[None]:
    """Start to listen in this block; raises Unavailable, naming the setting, when the system does not let us."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{setting(name)}: cannot listen at {at}: {reason(error)}. {mend(name, error)}.") from error


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
