"""Two pairs of eyes, freezing, looking at addresses and numbers: real clicks in a Slack that runs."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from demo.slack import AYSE, MARC, VISITOR, Workspace
from handlers import cases
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case, Proposal
from handlers.model.grant import Grant
from handlers.model.outbox import Alert
from handlers.model.staff import DESK
from handlers.rules.identity import fact
from tests.bot.builders import open_case
from tests.bot.test_emulator import card_of, denied, running, told
from tests.builders import ADDRESS, make_account
from tests.waiting import once

NEW = "new.home@elsewhere.example"
FOUR_EYES: dict[str, Any] = {
    "agents": frozenset({AYSE.id, MARC.id}),
    "approvers": frozenset({AYSE.id, MARC.id}),
    "admins": frozenset({AYSE.id}),
}


async def alert_in(slack: Workspace, word: str) -> dict[str, Any]:
    """The alert that has the word, as soon as it stands in the channel."""

    async def look() -> list[dict[str, Any]]:
        public = [message for message in await slack.messages() if not message.get("ephemeral_to")]
        return [message for message in public if word in str(message.get("text"))]

    return (await once(look))[0]


async def propose(desk: Desk, case: Case) -> Case:
    """Ayşe proposes a reset of the second factor."""
    async with desk.store.transaction() as tx:
        proposal = Proposal(action="reset_second_factor", by=AYSE.id, name=AYSE.real_name, at=desk.now())
        proved = (fact("password_known", "portal", desk.now()),)
        proposed = replace(await cases.load(tx, case.id), proposal=proposal, evidence=proved)
        return await cases.record(tx, desk, proposed, "action.proposed", DESK, to="pending", detail=proposal.action)


async def test_freezing_stops_everything_and_somebody_else_lifts_it(desk: Desk, slack: Workspace) -> None:
    """The owner calls: one click freezes, the channel is told, and who froze does not lift."""
    async with running(desk, slack, **FOUR_EYES):
        case = await open_case(desk)
        await slack.click(await card_of(slack, case), "send_link", MARC.id)
        await slack.click(await card_of(slack, case, "Send another link"), "freeze", AYSE.id)
        frozen = await card_of(slack, case, "*Frozen:* Ayşe Demir stopped")
        assert "no longer valid" in str(frozen["blocks"])
        assert [grant.state for grant in await desk.store.find(Grant)] == ["replaced"]
        alert = await alert_in(slack, "*Frozen:*")
        assert (alert["thread_ts"], case.id in alert["text"]) == (frozen["ts"], True)
        await slack.click(frozen, "approve", AYSE.id)
        assert "Whoever froze a case does not lift it" in (await told(slack, AYSE.id))[0]
        await slack.click(frozen, "approve", MARC.id)
        await card_of(slack, case, "Marc Petit lifted the freeze")
        account = await desk.store.get(Account, case.account or "")
        assert account is not None
        assert account.frozen == ""
        assert await desk.store.find(Alert) == []


async def test_nobody_approves_their_own_case(desk: Desk, slack: Workspace) -> None:
    """Whoever proposed is refused with words, and the attempt is on the trail (THREATS T22)."""
    async with running(desk, slack, **FOUR_EYES):
        case = await propose(desk, await open_case(desk, asked="second_factor"))
        card = await card_of(slack, case, "Approve the reset")
        await slack.click(card, "approve", AYSE.id)
        assert "Nobody approves their own case" in (await told(slack, AYSE.id))[0]
        assert [entry.by for entry in await denied(desk)] == [AYSE.id]


async def test_an_agent_who_is_no_approver_cannot_approve(desk: Desk, slack: Workspace) -> None:
    """Two roles, two lists."""
    async with running(desk, slack, **FOUR_EYES | {"approvers": frozenset({AYSE.id})}):
        case = await propose(desk, await open_case(desk, asked="second_factor"))
        await slack.click(await card_of(slack, case, "Approve the reset"), "approve", MARC.id)
        assert "not on the list of approvers" in (await told(slack, MARC.id))[0]


async def test_full_addresses_are_shown_to_one_person_and_audited(desk: Desk, slack: Workspace) -> None:
    """Nothing else in Slack ever has one; looking leaves the card as it is."""
    async with running(desk, slack, **FOUR_EYES):
        writer = "so|me.bödy@elsé.example"
        case = await open_case(desk, asked="address_change", new_address=NEW, requester=writer)
        card = await card_of(slack, case)
        await slack.click(card, "reveal", AYSE.id)
        [shown] = await told(slack, AYSE.id)
        assert f"on file: `{ADDRESS}`" in shown
        assert f"`{writer}` (as DNS knows it: `so|me.bödy@xn--els-dma.example`)" in shown
        others = [message for message in await slack.messages() if message.get("ephemeral_to") != AYSE.id]
        assert not any(address in str(others) for address in (ADDRESS, NEW, writer))
        entries = [entry for entry in await desk.store.find(AuditEntry) if entry.event == "address.revealed"]
        assert [(entry.by, entry.case) for entry in entries] == [(AYSE.id, case.id)]
        assert (await card_of(slack, case))["blocks"] == card["blocks"]


async def test_strangers_see_no_address(desk: Desk, slack: Workspace) -> None:
    """The attempt is refused, told and audited."""
    async with running(desk, slack, **FOUR_EYES):
        await slack.click(await card_of(slack, await open_case(desk)), "reveal", VISITOR.id)
        [said] = await told(slack, VISITOR.id)
        assert "not on the list" in said
        assert ADDRESS not in said
        assert [entry.by for entry in await denied(desk)] == [VISITOR.id]


async def test_the_desk_tells_its_numbers(desk: Desk, slack: Workspace) -> None:
    """Open cases by state, the oldest, and the day at each service."""
    async with running(desk, slack, **FOUR_EYES):
        case = await open_case(desk)
        await slack.click(await card_of(slack, case), "claim", AYSE.id)
        await open_case(desk, id="R-000002")
        await slack.command("stats", MARC.id)
        [said] = await told(slack, MARC.id)
        assert said.startswith("*Open cases: 2*\n🆕 New: 1\n🙋 Taken: 1\nThe longest waits `R-7F3K2M`")
        assert said.endswith("ShopFactory: 2 cases opened, 0 customers helped, 0 refused")


@pytest.mark.parametrize("line", ["audit", "audit R-7F3K2M", "audit durand42"])
async def test_the_trail_is_shown_to_admins_alone(desk: Desk, slack: Workspace, line: str) -> None:
    """The newest first, addresses masked; others are refused, and both are on the trail."""
    async with running(desk, slack, **FOUR_EYES):
        async with desk.store.transaction() as tx:
            tx.put(make_account())
        case = await open_case(desk)
        async with desk.store.transaction() as tx:
            note = f"called back, wrote from {ADDRESS} <!channel>"
            await cases.record(tx, desk, await cases.load(tx, case.id), "case.noted", DESK, detail=note)
        await slack.command(line, AYSE.id)
        [said] = await told(slack, AYSE.id)
        entries = [one for one in said.splitlines() if case.id in one]
        assert "noted why `R-7F3K2M` (called back, wrote from m•••@m••••.example &lt;!channel&gt;)" in entries[0]
        assert "asked for help `R-7F3K2M`" in entries[-1]
        assert ADDRESS not in said
        await slack.command(line, MARC.id)
        assert "not on the list of admins" in (await told(slack, MARC.id))[0]
        assert [entry.by for entry in await denied(desk)] == [MARC.id]


async def test_a_trail_of_nothing_says_so(desk: Desk, slack: Workspace) -> None:
    """And what was looked for cannot mention anybody."""
    async with running(desk, slack, **FOUR_EYES):
        await slack.command("audit <!channel>", AYSE.id)
        assert (await told(slack, AYSE.id))[0] == "The trail has nothing about `&lt;!channel&gt;`."
