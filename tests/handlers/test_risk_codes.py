"""The code that a sign-in asks for: six digits, ten minutes, five tries, sent again now and then."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from handlers import limits
from handlers.letters import render
from handlers.model.audit import AuditEntry
from handlers.model.errors import Limited, SignInNeeded, Spent, WrongCode
from handlers.model.outbox import Letter
from handlers.model.session import Session
from handlers.signing_in import risk_codes, sessions
from tests.builders import DeskUnderTest
from tests.handlers.letterbox import MESSAGE_ID, REPLY_TO
from tests.handlers.posting import courier_to
from tests.handlers.samples import facts_of
from tests.handlers.signing import enter, mailed, make_customer
from tests.handlers.sink import Sink

WAITING = tuple[DeskUnderTest, str, str]


@pytest.fixture
async def waiting(house: DeskUnderTest) -> WAITING:
    """A sign-in at L'Opcommerce that waits for its code: the desk, the session's cookie, the digits."""
    await make_customer(house, "opcommerce")
    onward = await enter(house.desk, "opcommerce")
    assert onward.stage == "code"
    return house, onward.session.value, await mailed(house.desk, "sign_in_code")


def wrong(digits: str) -> str:
    """Another code of the same length."""
    return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}}"


async def test_OC_6_the_right_code_lets_the_sign_in_go_on(waiting: WAITING) -> None:
    """Under a new cookie; the old one opens nothing any more, and before the code it opened nothing either."""
    house, token, digits = waiting
    with pytest.raises(SignInNeeded) as needed:
        await sessions.require(house.desk.store, house.desk, token)
    assert (needed.value.service, needed.value.stage) == ("opcommerce", "code")
    onward = await risk_codes.verify(house.desk, token, digits)
    assert onward.stage == "open"
    await sessions.require(house.desk.store, house.desk, onward.session.value)
    with pytest.raises(SignInNeeded):
        await sessions.require(house.desk.store, house.desk, token)


async def test_OC_7_a_browser_that_proved_itself_is_not_asked_for_thirty_days(waiting: WAITING) -> None:
    """Then it is asked again; another browser is asked at once."""
    house, token, digits = waiting
    browser = (await risk_codes.verify(house.desk, token, digits)).browser
    assert browser
    assert (await enter(house.desk, "opcommerce", browser=browser.value)).stage == "open"
    assert (await enter(house.desk, "opcommerce")).stage == "code"
    house.clock.advance(days=29, hours=23, minutes=59)
    assert (await enter(house.desk, "opcommerce", browser=browser.value)).stage == "open"
    house.clock.advance(minutes=1)
    assert (await enter(house.desk, "opcommerce", browser=browser.value)).stage == "code"


async def test_CP_11_the_mail_factor_is_asked_at_every_sign_in(house: DeskUnderTest) -> None:
    """Also from a browser that has just proved itself."""
    await make_customer(house, "connectprof", second_factor="mail")
    onward = await enter(house.desk, "connectprof")
    for _ in range(2):
        assert onward.stage == "code"
        digits = await mailed(house.desk, "sign_in_code")
        browser = (await risk_codes.verify(house.desk, onward.session.value, digits)).browser
        assert browser
        house.clock.advance(seconds=1)
        onward = await enter(house.desk, "connectprof", browser=browser.value)


async def test_CP_11_totp_is_a_stage_of_its_own(house: DeskUnderTest) -> None:
    """No code is mailed then, and the password alone opens nothing (CP.27)."""
    await make_customer(house, "connectprof", second_factor="totp")
    onward = await enter(house.desk, "connectprof")
    assert onward.stage == "factor"
    assert await house.desk.store.find(Letter) == []
    with pytest.raises(SignInNeeded):
        await sessions.require(house.desk.store, house.desk, onward.session.value)


async def test_OC_9_the_code_is_dead_at_ten_minutes(waiting: WAITING) -> None:
    """At 10:00 it is as good as none, and a new one can be asked for."""
    house, token, digits = waiting
    house.clock.advance(minutes=10)
    with pytest.raises(Spent, match="expired"):
        await risk_codes.verify(house.desk, token, digits)
    await risk_codes.resend(house.desk, token)
    assert (await risk_codes.verify(house.desk, token, await mailed(house.desk, "sign_in_code"))).stage == "open"


async def test_OC_11_the_code_has_six_digits(waiting: WAITING) -> None:
    """No more, no less."""
    _, _, digits = waiting
    assert len(digits) == 6
    assert digits.isdecimal()


async def test_five_tries_and_no_sixth_also_at_once(waiting: WAITING) -> None:
    """T10: each is counted before it is compared; the right code is worth nothing afterwards."""
    house, token, digits = waiting
    tries = [risk_codes.verify(house.desk, token, wrong(digits)) for _ in range(30)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, WrongCode) for one in answers) == 4
    assert sum(isinstance(one, Spent) for one in answers) == 26
    with pytest.raises(Spent, match="too many tries"):
        await risk_codes.verify(house.desk, token, digits)


async def test_a_code_works_once_also_for_many_at_once(waiting: WAITING) -> None:
    """T11: one of them goes on."""
    house, token, digits = waiting
    tries = [risk_codes.verify(house.desk, token, digits) for _ in range(4)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, sessions.Onward) for one in answers) == 1


async def test_OC_10_a_new_code_can_be_asked_for_and_the_old_one_dies(waiting: WAITING) -> None:
    """After a minute, three times at most (OC.21)."""
    house, token, digits = waiting
    with pytest.raises(Limited) as soon:
        await risk_codes.resend(house.desk, token)
    assert soon.value.retry_after == 60
    for left in (2, 1, 0):
        house.clock.advance(minutes=1)
        await risk_codes.resend(house.desk, token)
        assert (await risk_codes.look(house.desk, token)).resends_left == left
    house.clock.advance(minutes=1)
    with pytest.raises(Limited):
        await risk_codes.resend(house.desk, token)
    new = await mailed(house.desk, "sign_in_code")
    if new != digits:
        with pytest.raises(WrongCode):
            await risk_codes.verify(house.desk, token, digits)
    assert (await risk_codes.verify(house.desk, token, new)).stage == "open"


async def test_OC_8_the_page_learns_where_the_code_went_and_no_more(waiting: WAITING) -> None:
    """The seed's page repeats the whole address; ours masks it, since the password alone must not reveal it."""
    house, token, _ = waiting
    view = await risk_codes.look(house.desk, token)
    assert view.address == "m•••@m••••.example"
    assert view.digits == 6


async def test_OC_5_the_mail_has_the_services_exact_subject() -> None:
    """To the letter, with its final dot."""
    mail = render(facts_of("sign_in_code", "fr"), MESSAGE_ID, REPLY_TO)
    assert mail["Subject"] == "L'Opcommerce : votre code de connexion temporaire."


async def test_the_store_holds_only_a_keyed_digest_of_the_code(waiting: WAITING) -> None:
    """Nor does the trail know it."""
    house, _, digits = waiting
    kept = repr(await house.desk.store.find(Session)) + repr(await house.desk.store.find(AuditEntry))
    assert digits not in kept


async def test_sign_ins_one_after_the_other_send_a_bounded_number_of_codes(house: DeskUnderTest) -> None:
    """Whoever knows the password cannot fill the mailbox."""
    await make_customer(house, "connectprof", second_factor="mail")
    for _ in range(20):
        await enter(house.desk, "connectprof")
    with pytest.raises(Limited):
        await enter(house.desk, "connectprof")
    assert await house.desk.store.count(Letter) == 20


async def test_T10_codes_used_up_with_a_stolen_password_are_the_owners_again_with_a_new_one(
    house: DeskUnderTest,
) -> None:
    """Neither what a thief had sent nor what a thief typed keeps the owner out once the password is new (T10, T31)."""
    account = await make_customer(house, "opcommerce")
    async with house.desk.store.transaction() as tx:
        for limit in (risk_codes.SENT, risk_codes.TYPED):
            for _ in range(limit.most):
                await limits.take(tx, house.desk, limit, limits.of_credentials(account))
    with pytest.raises(Limited):
        await enter(house.desk, "opcommerce")
    await house.keep(replace(account, credentials=account.credentials + 1))
    onward = await enter(house.desk, "opcommerce")
    digits = await mailed(house.desk, "sign_in_code")
    assert (await risk_codes.verify(house.desk, onward.session.value, digits)).stage == "open"


async def test_a_code_that_ran_out_is_not_sent_any_more(waiting: WAITING, sink: Sink) -> None:
    """A relay that was down for ten minutes delivers no code that no page takes."""
    house, _, _ = waiting
    house.clock.advance(minutes=10)
    await courier_to(house.desk, sink).deliver()
    assert await house.desk.store.find(Letter) == []
    assert sink.envelopes == []
