"""Nobody decides alone, and nothing that is permitted ends in a move that a case cannot make."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from handlers import cases, decide, freeze, signed
from handlers.cases import ImpossibleMove
from handlers.model.audit import AuditEntry
from handlers.model.case import Action, Case, State
from handlers.model.errors import Limited, Refused
from handlers.model.evidence import EvidenceKind
from handlers.paperwork import documents
from handlers.rules.permits import RULES, allowed
from handlers.rules.states import LEADS, MOVES
from tests.builders import AYSE, DeskUnderTest, make_account, make_case
from tests.handlers import dossiers
from tests.handlers.changing import CASE, CEM, DIDIER, NEW, account_of, act, make_host_account, make_host_case, proposed

ROGUE = replace(AYSE, id="U0ROGUE", name="Rogue", roles=frozenset({"agent", "approver"}))
SHOWN: tuple[tuple[EvidenceKind, ...], ...] = (
    (),
    ("login_known", "address_on_file"),
    ("login_known", "address_on_file", "password_known"),
    ("login_known", "address_on_file", "documents_accepted"),
    ("login_known", "address_not_on_file", "not_the_owner"),
)


@pytest.mark.parametrize("state", MOVES)
async def test_T30_every_action_that_is_permitted_can_be_done_in_every_state(
    house: DeskUnderTest, state: State
) -> None:
    """T30: state by action by evidence, done for real: a case never gets stuck in a move that it cannot make."""
    tried = list[Action]()
    for number, evidence in enumerate(SHOWN):
        for action in RULES:
            id = f"{action}-{number}"
            account = make_account(id=f"A-{id}", service="o2switch", login=id, address=f"{id}@old.example")
            case = make_case(*evidence, id=f"R-{id}", service="o2switch", state=state, account=account.id, papers=1)
            case = replace(case, new_address=f"{id}@neuf.example", frozen_by="customer" * (state == "frozen"))
            await house.keep(account, case)
            if allowed(action, case, account, house.desk.service("o2switch"), ROGUE).allowed:
                tried.append(action)
                await done(house, action, case)
    assert {"claim", "refuse"} <= set(tried) or state in ("frozen", "redeemed", "refused", "cancelled")


async def done(house: DeskUnderTest, action: Action, case: Case) -> None:
    """The action, done; that a limit or an answer lacks is no matter here."""
    answers = decide.Answers(verdicts=(*dossiers.ACCEPTED[1:],))
    try:
        await decide.act(house.desk, case.id, action, ROGUE, None, answers)
    except ImpossibleMove:
        raise
    except (Limited, Refused):
        return


@pytest.mark.parametrize("state", ["issued", "opened", "undelivered"])
async def test_T30_documents_can_be_judged_after_a_link_was_sent(house: DeskUnderTest, state: State) -> None:
    """T30: the customer may do both at once, and staff both ways."""
    await dossiers.asked(house)
    await documents.upload(house.desk, dossiers.page(house), dossiers.dossier(), NEW)
    await house.keep(replace(await dossiers.the_case(house), state=state))
    answers = decide.Answers(verdicts=dossiers.ACCEPTED)
    assert (await decide.act(house.desk, CASE, "review_documents", AYSE, None, answers)).state == "claimed"


@pytest.mark.parametrize("action", LEADS)
def test_T30_what_a_case_cannot_do_is_not_permitted(house: DeskUnderTest, action: Action) -> None:
    """T30: a card has no button for it, whatever else speaks for it."""
    account = make_account(service="o2switch")
    case = make_case(*SHOWN[1], service="o2switch", state="refused", new_address=NEW, papers=1)
    permit = allowed(action, case, account, house.desk.service("o2switch"), ROGUE)
    assert permit.allowed == (action == "freeze")


async def test_T30_a_move_that_is_impossible_is_on_the_trail(
    house: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T30: should a rule ever miss one, it is refused like everything else, and noted."""
    await house.keep(make_host_account(), make_case(*SHOWN[1], service="o2switch", state="pending"))
    with pytest.raises(Refused, match="cannot be done with a case that is pending"):
        await act(house, "request_documents", AYSE)
    monkeypatch.delitem(LEADS, "request_documents")
    with pytest.raises(ImpossibleMove):
        await act(house, "request_documents", AYSE)
    trail = [one.event for one in await house.desk.store.find(AuditEntry)]
    assert trail.count("action.denied") == 2


async def test_T30_whoever_judged_the_documents_does_not_approve_what_follows(house: DeskUnderTest) -> None:
    """T30: also after somebody else took the case over and proposed; two others still can."""
    await dossiers.asked(house, new_address=NEW)
    await documents.upload(house.desk, dossiers.page(house), dossiers.dossier(), "")
    await decide.act(house.desk, CASE, "review_documents", ROGUE, None, decide.Answers(verdicts=dossiers.ACCEPTED))
    await act(house, "claim", AYSE)
    await act(house, "change_address", AYSE)
    with pytest.raises(Refused, match="claimed, judged or proposed"):
        await act(house, "approve", ROGUE)
    await act(house, "approve", CEM)
    assert len((await act(house, "approve", DIDIER)).proposal.approvals) == 2  # type: ignore[union-attr]


@pytest.mark.parametrize("part", ["claim", "change_address", "approve"])
async def test_T30_whoever_took_part_does_not_lift_the_owners_freeze(house: DeskUnderTest, part: Action) -> None:
    """T30: the owner said "not me" to what they did; somebody else has to look, and can."""
    if part == "approve":
        await proposed(house)
    else:
        await house.keep(make_host_account(), make_host_case())
    await act(house, part, ROGUE)
    if part == "claim":
        await act(house, "claim", AYSE)
    await freeze.stop(house.desk, signed.token(house.desk.vault, "stop", CASE, house.desk.now()))
    with pytest.raises(Refused, match="took no part"):
        await act(house, "approve", ROGUE)
    assert (await account_of(house)).frozen == CASE
    await act(house, "approve", CEM)
    assert (await cases.load(house.desk.store, CASE)).state in ("new", "claimed")
