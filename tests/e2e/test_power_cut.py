"""The desk is killed at any moment of a recovery; what it promised is kept after the next start."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from demo.house import House, house
from tests.e2e.person import Person

# A moment of the recovery, and how many seconds after it the power is cut.
CUTS = (
    ("accepted", 0.0), ("accepted", 0.004), ("accepted", 0.012), ("accepted", 0.03), ("carded", 0.0),
    ("clicking", 0.003), ("clicking", 0.012), ("clicked", 0.0), ("clicked", 0.02), ("linked", 0.0),
    ("typing", 0.01), ("typing", 0.06), ("typing", 0.12), ("redeemed", 0.0),
)  # fmt: skip


class Power:
    """Cuts the desk's power once, so many seconds after a moment, and starts it again."""

    def __init__(self, house: House, moment: str, delay: float) -> None:
        self._house, self._moment, self._delay = house, moment, delay
        self._cut: asyncio.Task[None] | None = None

    def reached(self, moment: str) -> None:
        if moment == self._moment and self._cut is None:
            self._cut = asyncio.create_task(self._cut_and_start())

    async def back(self) -> None:
        """Wait until the desk runs again; fails if the moment never came."""
        assert self._cut, f"the recovery never came to {self._moment}"
        await self._cut

    async def _cut_and_start(self) -> None:
        await asyncio.sleep(self._delay)
        await self._house.desk.kill()
        await self._house.desk.start()


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.xdist_group("e2e")
async def test_a_kill_at_any_moment_ends_in_one_card_and_one_link(
    slack_emulator_path: str, shopfactory_accounts: Callable[[Iterable[str]], Path]
) -> None:
    """SIGKILL between 250 and redeemed, then a start: one card, one link, one change of the password, one notice."""
    logins = [f"cut{number:02d}" for number, _ in enumerate(CUTS)]
    async with house(accounts=shopfactory_accounts(logins)) as running:
        people = []
        for login, (moment, delay) in zip(logins, CUTS, strict=True):
            power = Power(running, moment, delay)
            people.append(Person(running, login, power.reached))
            await people[-1].recover()
            await power.back()
        await asyncio.sleep(2)
        found = {person.login: await outcome(person) for person in people}
        assert found == {login: {"cards": 1, "links": 1, "notices": 1} for login in logins}
        await trail_is_whole(running, changes=len(logins))


async def outcome(person: Person) -> dict[str, int]:
    """How many cards, different links and different notices there are; a letter may come twice, as the same letter."""
    inbox = person.house.inbox
    return {
        "cards": len(await person.cards()),
        "links": len({letter.link for letter in inbox.of(person.is_link)}),
        "notices": len({letter.message_id for letter in inbox.of(person.is_notice)}),
    }


async def trail_is_whole(running: House, changes: int) -> None:
    verified = await running.desk.command("audit", "--verify", "--json")
    assert verified.status == 0, verified.output
    events = Counter(entry["event"] for entry in json.loads(verified.output)["entries"])
    assert (events["case.opened"], events["link.issued"], events["password.changed"]) == (changes,) * 3
