"""A mail server as a process for bench_smtp: `python -m bench.smtp_server KIND FOLDER` prints its port.

Kinds: `bare` (aiosmtpd with a handler that does nothing), `desk` (ours), `noop` (ours, keeping nothing), `each` (ours,
one sync per mail), `work` (ours, with a worker that takes every mail out again).
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

import mailin.spool
from handlers.clock import system_clock
from mailin.door import Door, Limits
from mailin.draft import Draft
from mailin.envelope import Envelope, SpoolId
from mailin.journal import Journal, Place
from mailin.listener import Listener
from mailin.spool import Room, Spool

HOSTNAME = "mx.desk.example"
LIMITS = Limits(mail_bytes=30 << 20, sessions=10_000, sessions_per_address=10_000, commands=10**9)


class Nothing:
    """aiosmtpd's smallest handler."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Accept and forget."""
        return "250 OK"


class OneByOne(Journal):
    """Does not share syncs."""

    def _write(self, pieces: list[bytes]) -> Place:
        # The head of a mail and its content are two pieces.
        places = [super(OneByOne, self)._write(pieces[start : start + 2]) for start in range(0, len(pieces), 2)]
        return places[0]


class Forgetful(Spool):
    """Keeps nothing."""

    async def accept(self, envelope: Envelope, draft: Draft) -> SpoolId:
        """Accept and forget."""
        draft.discard()
        return envelope.id


async def bare() -> int:
    """aiosmtpd as it is documented for use without its threads."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Nothing(), hostname=HOSTNAME, loop=loop), "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    return port


async def work(spool: Spool) -> None:
    """Take out every mail."""
    while True:
        await spool.done((await spool.next()).envelope.id)


async def main(kind: str, folder: Path) -> None:
    """Run until killed."""
    if kind == "bare":
        print(await bare(), flush=True)
    else:
        if kind == "each":
            vars(mailin.spool)["Journal"] = OneByOne
        made = Forgetful if kind == "noop" else Spool
        spool = await made.open(folder / "spool", Room(bytes=1 << 40, mails=10**9))
        listener = Listener(Door(HOSTNAME, lambda address: True, spool, system_clock, limits=LIMITS))
        print((await listener.start("127.0.0.1", 0))[1], flush=True)
        if kind == "work":
            await work(spool)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
