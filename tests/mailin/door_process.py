"""A desk's door as a process that a test can kill: `door_process.py FOLDER [MOST_FILE_BYTES]`.

It prints its port, takes mail for `support@shop.example`, and a worker takes the mails out of the spool again, writing
the first line of each to `taken` before it says done.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from pathlib import Path

from handlers.clock import system_clock
from mailin.door import Door, Limits
from mailin.listener import Listener
from mailin.spool import Spool
from tests.mailin.smtp import HOSTNAME, is_mailbox


async def work(spool: Spool, taken: int) -> None:
    """Take in mails, a little slower than they come."""
    while True:
        mail = await spool.next()
        os.write(taken, mail.content.split(b"\r\n")[0] + b"\n")
        await asyncio.sleep(0.001)
        await spool.done(mail.envelope.id)


async def main(folder: Path, work_too: bool) -> None:
    """Run until killed."""
    spool = await Spool.open(folder / "spool", segment_bytes=100_000)
    listener = Listener(Door(HOSTNAME, is_mailbox, spool, system_clock, limits=Limits(commands=10**9)))
    _, port = await listener.start("127.0.0.1", 0)
    print(port, flush=True)
    taken = os.open(folder / "taken", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    if work_too:
        await work(spool, taken)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        most = int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    asyncio.run(main(Path(sys.argv[1]), work_too=len(sys.argv) == 2))
