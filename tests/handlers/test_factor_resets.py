"""A lost second factor: what is asked, who agrees, what the link takes off."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from msgspec.structs import replace

from handlers import decide, freeze, links, lookups, signed, temporary
from handlers.configuration.services import Services
from handlers.factors import factor_checks, factor_resets
from handlers.model.case import Case
from handlers.model.errors import Limited, Refused, SignInNeeded, Spent
from handlers.model.grant import Grant
from handlers.model.outbox import Letter
from handlers.model.second_factor import SecondFactor
from handlers.model.staff import Staff
from handlers.signing_in import sessions
from tests.builders import AYSE, BORIS, DeskUnderTest, make_case, make_grant, open_desk
from tests.handlers.factored import (
    account_of,
    code,
    factor_asked,
    letters,
    mailed,
    make_customer,
    signed_in,
    switched_on,
    told,
)

CHIEF = Staff(id="U0CHIEF", name="Chief", roles=frozenset({"agent", "approver"}))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """ConnectProf's desk, and a customer who linked an app and has known her password for a month."""
    async with open_desk(tmp_path) as house:
        await house.keep(await make_customer(profile_address="marie@profile.example"))
        await switched_on(house)
        house.clock.advance(minutes=5)
        yield house


async def asked(house: DeskUnderTest) -> Case:
    """The case of a customer who said at sign-in that the factor is lost."""
    await factor_resets.ask(house.desk, await factor_asked(house))
    return (await cases(house))[-1]


async def cases(house: DeskUnderTest) -> list[Case]:
    """Every case, oldest first."""
    return sorted(await house.desk.store.find(Case), key=lambda case: case.opened_at)


async def approved(house: DeskUnderTest) -> str:
    """The raw token of the link, once it was proposed and approved."""
    case = await asked(house)
    await decide.act(house.desk, case.id, "reset_second_factor", AYSE, None)
    await decide.act(house.desk, case.id, "approve", CHIEF, None)
    return await mailed(house, "second_factor_reset")


async def test_CP_27_who_gave_the_password_can_say_that_the_factor_is_lost(house: DeskUnderTest) -> None:
    """A case about the second factor, with what was proved: a login, and a password older than the loss."""
    case = await asked(house)
    assert (case.asked, case.source, case.account) == ("second_factor", "portal", "A-DURAND")
    assert [one.kind for one in case.evidence] == ["login_known", "typed_on_portal", "password_known"]


async def test_CP_27_saying_so_opens_nothing(house: DeskUnderTest) -> None:
    """The sign-in goes on waiting, and the factor goes on working."""
    token = await factor_asked(house)
    await factor_resets.ask(house.desk, token)
    with pytest.raises(SignInNeeded):
        await sessions.require(house.desk.store, house.desk, token)
    assert (await account_of(house)).second_factor == "totp"


async def test_without_the_password_nobody_asks(house: DeskUnderTest) -> None:
    """The request needs a sign-in that waits for the factor, and no other."""
    for token in ("", "connectprof.nothing"):
        with pytest.raises(SignInNeeded):
            await factor_resets.ask(house.desk, token)
    assert not await cases(house)


async def test_asking_again_goes_on_with_the_same_case(house: DeskUnderTest) -> None:
    """And not without end: five times a day."""
    for _ in range(5):
        await asked(house)
    assert len(await cases(house)) == 1
    with pytest.raises(Limited):
        await asked(house)


async def test_somebody_elses_case_gains_nothing_from_the_owners_password(house: DeskUnderTest) -> None:
    """A stranger's mail about the account stays apart (T27)."""
    stranger = {"requester": "eve@evil.example", "requester_key": "eve@evil.example"}
    await house.keep(make_case("login_known", service="connectprof", asked="second_factor", **stranger))
    await asked(house)
    theirs = await house.desk.store.get(Case, "R-7F3K2M")
    assert theirs
    assert [one.kind for one in theirs.evidence] == ["login_known"]
    assert len(await cases(house)) == 2


@pytest.mark.parametrize(("days_ago", "by_link", "counts"), [(10, False, True), (3, False, False), (10, True, False)])
async def test_CP_28_a_password_from_the_mailbox_or_too_new_proves_nothing_more(
    house: DeskUnderTest, days_ago: float, by_link: bool, counts: bool
) -> None:
    """The card then says that the mailbox alone is not enough (T27, T37)."""
    house.clock.advance(days=40)
    changed_at = house.clock.now - timedelta(days=days_ago)
    await house.keep(replace(await account_of(house), password_changed_at=changed_at))
    if by_link:
        used = {"state": "redeemed", "redeemed_at": changed_at, "issued_at": changed_at}
        await house.keep(make_grant(service="connectprof", expires_at=changed_at, **used))
    case = await asked(house)
    assert ("password_known" in [one.kind for one in case.evidence]) == counts
    if not counts:
        better = "was not set through it" if by_link else "is a week old"
        assert (case.evidence[-1].kind, case.evidence[-1].at) == (
            "password_by_mail" if by_link else "password_too_new",
            changed_at,
        )
        with pytest.raises(Refused, match=f"The mailbox alone is not enough: it needs a password that {better}"):
            await decide.act(house.desk, case.id, "reset_second_factor", AYSE, None)


async def test_CP_28_a_password_used_with_the_factor_since_counts_again(house: DeskUnderTest) -> None:
    """Set by a link ten days ago, and used together with the app since: both are in one hand."""
    house.clock.advance(days=30)
    changed_at = house.clock.now
    used = {"state": "redeemed", "redeemed_at": changed_at, "issued_at": changed_at}
    await house.keep(
        replace(await account_of(house), password_changed_at=changed_at),
        make_grant(service="connectprof", expires_at=changed_at, **used),
    )
    house.clock.advance(hours=1)
    app = pyotp.TOTP(await secret(house))
    assert await factor_checks.prove(house.desk, await factor_asked(house), "", code(house, app))
    house.clock.advance(days=10)
    assert "password_known" in [one.kind for one in (await asked(house)).evidence]


async def test_CP_27_a_temporary_password_does_not_pass_the_factor_and_proves_nothing_more(
    house: DeskUnderTest,
) -> None:
    """It came by mail: the sign-in asks for the code all the same, and a loss told there has the mailbox alone."""
    await house.keep(make_case(service="connectprof", requester="x@y.example", state="claimed"))
    async with house.desk.store.transaction() as tx:
        case = await tx.get(Case, "R-7F3K2M")
        assert case
        await temporary.issue(tx, house.desk, case, await account_of(house), AYSE)
    waiting = await signed_in(house, await mailed(house, "temporary_password"))
    assert waiting.stage == "factor"
    await factor_resets.ask(house.desk, waiting.session.value)
    case = next(one for one in await cases(house) if one.asked == "second_factor")
    assert "password_known" not in [one.kind for one in case.evidence]


async def test_T31_what_a_thief_asked_too_often_ends_with_the_stolen_password(house: DeskUnderTest) -> None:
    """T31: the owner who has set another password can say at once that the factor is lost."""
    for _ in range(5):
        await asked(house)
    with pytest.raises(Limited):
        await asked(house)
    account = await account_of(house)
    await house.keep(replace(account, credentials=account.credentials + 1))
    assert (await asked(house)).asked == "second_factor"


async def test_T27_a_password_typed_before_a_new_one_was_set_proves_nothing(house: DeskUnderTest) -> None:
    """Whoever takes the mailbox over later, and so the password, finds nothing in the owner's old case (T27, T37)."""
    case = await asked(house)
    house.clock.advance(days=2)
    changed_at = house.clock.now
    await house.keep(
        replace(await account_of(house), password_changed_at=changed_at),
        make_grant(service="connectprof", expires_at=changed_at, state="redeemed", redeemed_at=changed_at),
    )
    with pytest.raises(Refused, match="The mailbox alone is not enough"):
        await decide.act(house.desk, case.id, "reset_second_factor", AYSE, None)
    assert "password_known" not in [one.kind for one in (await asked(house)).evidence]


async def test_T27_a_typed_password_speaks_for_a_week(house: DeskUnderTest) -> None:
    """On the card as well; asking again with the same password makes it count anew (T27)."""
    case = await asked(house)
    house.clock.advance(days=7, seconds=-1)
    assert (await shown(house, case)) == ["login_known", "typed_on_portal", "password_known"]
    house.clock.advance(seconds=1)
    assert (await shown(house, case)) == ["login_known", "typed_on_portal"]
    with pytest.raises(Refused, match="The mailbox alone is not enough"):
        await decide.act(house.desk, case.id, "reset_second_factor", AYSE, None)
    await decide.act(house.desk, (await asked(house)).id, "reset_second_factor", AYSE, None)


async def test_T27_what_no_longer_speaks_for_a_reset_stops_the_last_approval(house: DeskUnderTest) -> None:
    """The proposal was right when it was made; the link is sent only if it still is (T27, T37)."""
    case = await asked(house)
    await decide.act(house.desk, case.id, "reset_second_factor", AYSE, None)
    house.clock.advance(days=7)
    with pytest.raises(Refused, match="The mailbox alone is not enough"):
        await decide.act(house.desk, case.id, "approve", CHIEF, None)
    assert not await letters(house, "second_factor_reset")


async def shown(house: DeskUnderTest, case: Case) -> list[str]:
    """The evidence on the case's card."""
    view = await lookups.card(house.desk, case.id)
    assert view
    return [one.kind for one in view.case.evidence]


async def test_nobody_approves_their_own_proposal(house: DeskUnderTest) -> None:
    """A second pair of eyes; until then nothing is sent (T22)."""
    case = await asked(house)
    await decide.act(house.desk, case.id, "reset_second_factor", CHIEF, None)
    with pytest.raises(Refused, match="somebody else"):
        await decide.act(house.desk, case.id, "approve", CHIEF, None)
    with pytest.raises(Refused, match="not on the list of approvers"):
        await decide.act(house.desk, case.id, "approve", BORIS, None)
    assert not await letters(house, "second_factor_reset")


async def test_approving_sends_a_link_and_takes_nothing_off(house: DeskUnderTest) -> None:
    """The link goes to the address on file alone, a notice with a way to stop to the other ones (T28, T30)."""
    await approved(house)
    assert [one.to for one in await letters(house, "second_factor_reset")] == ["marie.durand@mail.example"]
    assert [(one.to, one.detail) for one in await letters(house, "second_factor_changed")][-1] == (
        "marie@profile.example",
        "reset_sent",
    )
    assert (await account_of(house)).second_factor == "totp"
    case = (await cases(house))[-1]
    assert (case.state, case.proposal) == ("issued", None)


async def test_a_service_can_want_two_to_agree(house: DeskUnderTest) -> None:
    """How many is data of the service."""
    strict = house.desk.service("connectprof")
    strict = replace(strict, second_factor=replace(strict.second_factor, approvals=2))
    house.desk = dataclasses.replace(house.desk, services=Services({strict.id: strict}))
    case = await asked(house)
    await decide.act(house.desk, case.id, "reset_second_factor", AYSE, None)
    await decide.act(house.desk, case.id, "approve", CHIEF, None)
    assert not await letters(house, "second_factor_reset")
    await decide.act(house.desk, case.id, "approve", replace(CHIEF, id="U0OTHER", name="Other"), None)
    assert await letters(house, "second_factor_reset")


async def test_the_link_takes_the_factor_off_and_ends_every_session(house: DeskUnderTest) -> None:
    """Recovery codes with it; the case is over, everybody known is told, the next sign-in leads to a new set-up."""
    waiting = await factor_asked(house)
    token = await approved(house)
    assert (await factor_resets.look(house.desk, token)).login == "durand42"
    house.clock.advance(minutes=1)
    await factor_resets.redeem(house.desk, token)
    assert (await account_of(house)).second_factor == ""
    with pytest.raises(SignInNeeded):
        await factor_checks.prove(house.desk, waiting, "", "123456")
    assert (await told(house))[-2:] == ["reset", "reset"]
    assert (await cases(house))[-1].state == "redeemed"
    onward = await signed_in(house)
    assert (onward.stage, onward.enrol) == ("open", True)


async def test_the_link_works_once_also_for_many_at_once(house: DeskUnderTest) -> None:
    """One of the callers takes it off (T11)."""
    token = await approved(house)
    tries = [factor_resets.redeem(house.desk, token) for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Done", "Spent", "Spent", "Spent"]


async def test_a_link_for_the_factor_is_none_for_the_password(house: DeskUnderTest) -> None:
    """A grant of one kind passes for no other (T13)."""
    token = await approved(house)
    with pytest.raises(Spent, match="unknown"):
        await links.look(house.desk, token)


async def test_it_was_not_me_kills_the_link(house: DeskUnderTest) -> None:
    """One press of the notice's stop link, and nothing is taken off (T28)."""
    token = await approved(house)
    case = (await cases(house))[-1]
    notice: Letter = (await letters(house, "second_factor_changed"))[-1]
    assert notice.case == case.id
    await freeze.stop(house.desk, signed.token(house.desk.vault, "stop", case.id, notice.written_at))
    with pytest.raises(Spent):
        await factor_resets.redeem(house.desk, token)
    assert (await account_of(house)).second_factor == "totp"


async def test_no_reset_of_what_is_gone(house: DeskUnderTest) -> None:
    """The customer found the phone and took the factor off while staff deliberated."""
    case = await asked(house)
    await decide.act(house.desk, case.id, "reset_second_factor", AYSE, None)
    await house.keep(replace(await account_of(house), second_factor=""))
    with pytest.raises(Refused, match="no second factor any more"):
        await decide.act(house.desk, case.id, "approve", CHIEF, None)
    assert not [one for one in await house.desk.store.find(Grant) if one.kind == "second_factor"]


async def secret(house: DeskUnderTest) -> str:
    """The key of the customer's app."""
    factor = await house.desk.store.get(SecondFactor, "A-DURAND")
    assert factor
    return factor_checks.secret_of(house.desk, factor).value
