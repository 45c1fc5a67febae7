"""A desk behind its real door, where mails are handed in by machines at addresses of a test's choice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from handlers.model.case import Case
from handlers.post.addressing import accepts
from mailin import replies, worker
from mailin.origin.asking import Resolving
from mailin.origin.checks import Checks
from mailin.origin.clues import NO_TRUST, Trust
from tests.builders import DeskUnderTest, make_account, open_desk
from tests.mailin.origin.world import DOMAIN, PEER
from tests.mailin.smtp import House, house
from tests.waiting import until

ADDRESS = f"marie@{DOMAIN}"


class DoorStep:
    """A desk, its door, and what a test hands in there."""

    def __init__(self, desk: DeskUnderTest, door: House) -> None:
        self.desk, self.door = desk, door

    async def hand_in(self, content: bytes, sender: str = ADDRESS, peer: str = PEER) -> None:
        """Hand a mail in; it is on disk then."""
        client = await self.door.connect(greeted=False)
        await client.send(f"PROXY TCP4 {peer} 192.0.2.1 40000 25\r\n".encode())
        await client.hear()
        await client.begin(sender, "support@shopfactory.example")
        await client.send(content + b".\r\n")
        assert await client.hear() == replies.ACCEPTED

    async def cases(self, *, waiting: int = 0) -> list[Case]:
        """All cases, the oldest first, once no more mails wait than that."""
        await until(lambda: self.door.spool.pending == waiting, 20)
        return sorted(await self.desk.desk.store.find(Case), key=lambda case: case.opened_at)


@asynccontextmanager
async def doorstep(
    folder: Path, dns: Resolving, trust: Trust = NO_TRUST, address: str = ADDRESS
) -> AsyncIterator[DoorStep]:
    """The five services' desk with Marie's account; its worker asks that DNS."""
    async with open_desk(folder) as desk:
        await desk.keep(make_account(address=address, address_key=address))
        async with house(folder, accepts=partial(accepts, desk.desk), balancers=("127.0.0.0/8",)) as door:
            task = asyncio.create_task(worker.run(door.spool, desk.desk, checks=Checks(dns, trust, 3.0)))
            try:
                yield DoorStep(desk, door)
            finally:
                task.cancel()
                await asyncio.wait([task])
