"""Who has mails checked again: everybody some, and nobody all of them; several are checked at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from handlers import rechecks
from handlers.desk import Desk
from handlers.model.case import Case
from handlers.model.kept_mail import Unchecked
from mailin import rechecks as checking
from mailin.origin.checks import Checks
from mailin.origin.clues import NO_TRUST, Clues, Trust
from mailin.origin.spf import Sender
from tests.builders import make_account, open_desk
from tests.mailin.origin.test_rechecks import FORGERS, OWN, SILENT, Street, grade, street
from tests.mailin.origin.world import Dns
from tests.waiting import until


async def test_a_flood_of_them_costs_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many wait at most; the others are cases like before, and stay unknown."""
    monkeypatch.setattr(rechecks, "MOST", 2)
    async with street(tmp_path) as town:
        cases: list[Case] = []
        for number in range(4):
            await town.desk.keep(
                make_account(id=f"A-{number}", login=f"marie{number}", address=f"{number}@else.example")
            )
            cases = await town.send(FORGERS, f"mot de passe perdu, mon identifiant est marie{number}")
        assert {grade(case) for case in cases} == {"unknown"}
        assert len(cases) == 4
        assert await town.desk.desk.store.count(Unchecked) == 2


async def lost(town: Street, numbers: range, domain: str, peer: str) -> int:
    """Have mails about an account each come in the name of that domain, from there; how many mails wait then."""
    for number in numbers:
        address = f"{number}@else.example"
        await town.desk.keep(make_account(id=f"A-{number}", login=f"marie{number}", address=address))
        named = f"mot de passe perdu, mon identifiant est marie{number}"
        await town.send(peer, named, f"someone{number}@{domain}")
    return await town.desk.desk.store.count(Unchecked)


async def test_T31_a_stranger_does_not_say_whose_mails_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One silent domain has a share of the places, whatever is before it, and so has one network: others get theirs."""
    monkeypatch.setattr(rechecks, "SHARE", 2)
    named = [
        f"{before}{one}"
        for one in ("silent.example", "a.silent.example", "other.example")
        for before in ("", "_dmarc.")
    ]
    async with street(tmp_path, Dns(SILENT | {(name, "TXT"): None for name in named})) as town:
        assert await lost(town, range(2), "silent.example", FORGERS) == 2
        assert await lost(town, range(2, 4), "a.silent.example", "198.51.100.1") == 2
        assert await lost(town, range(4, 6), "other.example", "203.0.113.99") == 2
        await town.send(OWN)
        assert await town.desk.desk.store.count(Unchecked) == 3


async def test_behind_a_border_server_all_mails_come_from_there() -> None:
    """No network has a share then: it would be one for all."""
    clues, sender = Clues(domain="mail.clients.example"), Sender(peer=OWN)
    assert checking.facts(clues, sender, NO_TRUST).network == "192.0.2"
    behind = checking.facts(clues, sender, Trust(authserv_id="mx.desk.example"))
    assert (behind.domain, behind.network) == ("clients.example", "")


async def test_several_are_checked_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silent servers of one domain, five seconds a mail, keep nobody waiting for long; so many at once, and no more."""
    came: list[str] = []

    async def waits(desk: Desk, checks: Checks, piece: Unchecked) -> None:
        came.append(piece.id)
        await asyncio.sleep(3600)

    monkeypatch.setattr(checking, "again", waits)
    async with open_desk(tmp_path) as desk:
        due = desk.clock.now
        await desk.keep(*(Unchecked(id=f"R-{n}", queue=rechecks.QUEUE, due=due, sealed="") for n in range(20)))
        task = asyncio.create_task(checking.run(desk.desk, Checks(Dns({}), NO_TRUST, 3.0)))
        await until(lambda: len(came) >= checking.AT_ONCE)
        claimed = [one for one in await desk.desk.store.find(Unchecked) if one.tries]
        assert len(claimed) == len(came) == checking.AT_ONCE
        task.cancel()
        await asyncio.wait([task])
