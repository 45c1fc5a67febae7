"""The desk is killed at any moment of a recovery; what it promised is kept after the next start."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from demo.house import House, house
from demo.letters import Letter
from demo.slack import Workspace
from tests.e2e.line import line
from tests.e2e.person import Person
from tests.e2e.power import Power

# A moment of the recovery, and how many seconds after it the power is cut.
CUTS = (
    ("accepted", 0.0), ("accepted", 0.004), ("accepted", 0.012), ("accepted", 0.03), ("carded", 0.0),
    ("clicking", 0.003), ("clicking", 0.012), ("clicked", 0.0), ("clicked", 0.02), ("linked", 0.0),
    ("typing", 0.01), ("typing", 0.06), ("typing", 0.12), ("redeemed", 0.0),
)  # fmt: skip


pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.xdist_group("e2e")]
ONCE = {"cards": 1, "links": 1, "notices": 1}


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
        assert found == dict.fromkeys(logins, ONCE)
        await trail_is_whole(running, changes=len(logins))


async def test_a_card_whose_posting_was_never_confirmed_is_not_posted_twice(
    slack_emulator_path: str, shopfactory_accounts: Callable[[Iterable[str]], Path]
) -> None:
    """The power goes while Slack's answer is on its way: after the start, the card is found and not posted again."""
    async with line() as to_slack:

        def through_the_line(slack: Workspace) -> dict[str, str]:
            to_slack.api = slack.api
            return {"DESK_SLACK_API_URL": to_slack.url}

        async with house(accounts=shopfactory_accounts(["cut"]), change=through_the_line) as running:
            power = Power(running, "chat.postMessage")

            async def lost(method: str) -> None:
                power.reached(method)
                if method == "chat.postMessage":
                    await power.back()

            to_slack.before_answer = lost
            person = Person(running, "cut", power.reached)
            await person.recover()
            assert await outcome(person) == ONCE


@pytest.mark.parametrize("kind", ["link", "notice"])
async def test_a_letter_whose_delivery_was_never_confirmed_comes_again_as_the_same_letter(
    slack_emulator_path: str, shopfactory_accounts: Callable[[Iterable[str]], Path], kind: str
) -> None:
    """The power goes before the relay's 250 arrives: what comes again has the same Message-ID and the same link."""
    async with house(accounts=shopfactory_accounts(["cut"])) as running:
        power = Power(running, kind)
        person = Person(running, "cut", lambda moment: None)

        async def lost(letter: Letter) -> None:
            if person.is_link(letter) if kind == "link" else person.is_notice(letter):
                power.reached(kind)
                await power.back()

        running.inbox.before_answer = lost
        await person.recover()
        again = person.is_link if kind == "link" else person.is_notice
        first = running.inbox.of(again)[0]
        assert await running.inbox.wait(lambda letter: again(letter) and letter is not first, seconds=20)
        assert await outcome(person) == ONCE


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
