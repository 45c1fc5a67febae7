"""A second factor at the account: begun, switched on, given new codes, taken off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest

from handlers.factors import factor_checks, second_factor
from handlers.model.errors import Limited, Refused, SignInNeeded, Spent, WrongPassword
from handlers.model.second_factor import SecondFactor
from handlers.signing_in import sessions
from tests.builders import GOOD_PASSWORD, DeskUnderTest
from tests.handlers.factored import (
    account_of,
    begun,
    code,
    letters,
    mailed,
    make_customer,
    on_disk,
    open_customers_desk,
    proves,
    session,
    signed_in,
    switched_on,
    told,
    wrong,
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """Marie Durand at ConnectProf, without a second factor."""
    async with open_customers_desk(tmp_path) as house:
        yield house


async def test_CP_4_both_methods_are_offered_to_a_customer_without_one(house: DeskUnderTest) -> None:
    """An authenticator app and a code by mail; nothing is on before the customer wants it."""
    seen = await second_factor.look(house.desk, await session(house))
    assert (seen.factor, seen.pending, seen.methods) == ("", None, ("totp", "mail"))


async def test_CP_4_a_service_without_second_factors_offers_none(house: DeskUnderTest) -> None:
    """What is offered is data of the service."""
    await house.keep(await make_customer(service="shopfactory", language="fr"))
    token = (await signed_in(house, service="shopfactory")).session.value
    with pytest.raises(Refused):
        await second_factor.enrol(house.desk, token, "totp", GOOD_PASSWORD)


async def test_CP_5_only_one_of_the_two_can_be_in_use(house: DeskUnderTest) -> None:
    """With one switched on, the other cannot be begun; it has to be taken off first."""
    _, done = await switched_on(house)
    for method in ("mail", "totp"):
        with pytest.raises(Refused):
            await second_factor.enrol(house.desk, done.onward.session.value, method, GOOD_PASSWORD)


async def test_CP_9_the_key_is_fresh_long_and_what_the_app_gets(house: DeskUnderTest) -> None:
    """160 random bits (RFC 4226, 4), in an address that names service and login; another one at every start."""
    token = await session(house)
    first, second = await begun(house, token), await begun(house, token)
    assert first.key.value != second.key.value
    assert len(pyotp.TOTP(second.key.value).byte_secret()) == 20
    app = pyotp.parse_uri(second.uri.value)
    assert isinstance(app, pyotp.TOTP)
    assert (app.secret, app.name, app.issuer) == (second.key.value, "durand42", "ConnectProf")
    assert (app.interval, app.digits) == (30, 6)


async def test_CP_9_begun_is_not_switched_on(house: DeskUnderTest) -> None:
    """Until a code was typed, the password alone is asked for: nobody is locked out by half an enrolment."""
    token = await session(house)
    await begun(house, token)
    onward = await signed_in(house)
    assert (onward.stage, onward.enrol) == ("open", False)
    assert (await second_factor.look(house.desk, token)).pending == "totp"
    await second_factor.give_up(house.desk, token)
    assert (await second_factor.look(house.desk, token)).pending is None


async def test_T28_a_key_that_a_thief_began_is_shown_to_nobody_else(house: DeskUnderTest) -> None:
    """The owner, weeks later, gets a fresh one: a factor whose key somebody knows is none (T28)."""
    thief = await session(house)
    known = (await begun(house, thief)).key.value
    house.clock.advance(minutes=1)
    owner = await session(house)
    assert await second_factor.enrolment(house.desk, owner) is None
    with pytest.raises(Refused):
        await second_factor.activate(house.desk, owner, "", code(house, pyotp.TOTP(known)))
    assert (await begun(house, owner)).key.value != known
    with pytest.raises(Refused):
        await second_factor.activate(house.desk, thief, "", code(house, pyotp.TOTP(known)))


async def test_T28_a_stolen_cookie_begins_no_second_factor(house: DeskUnderTest) -> None:
    """It takes the password once more, and nothing is begun without (T28)."""
    token = await session(house)
    for typed in ("", "not hers"):
        with pytest.raises(WrongPassword):
            await second_factor.enrol(house.desk, token, "totp", typed)
    assert await house.desk.store.get(SecondFactor, "A-DURAND") is None


@pytest.mark.parametrize(
    ("late", "taken"),
    [(-31, False), (-30, True), (0, True), (29, True), (30, True), (59, True), (60, False), (90, False)],
)
async def test_CP_10_the_first_code_has_to_be_typed_before_it_expires(
    house: DeskUnderTest, late: float, taken: bool
) -> None:
    """A code of the step from 0 to 30 s is taken for one step more, and from an app whose clock is one step ahead."""
    token = await session(house)
    app = pyotp.TOTP((await begun(house, token)).key.value)
    typed = code(house, app)
    house.clock.advance(seconds=late)
    assert (await second_factor.activate(house.desk, token, "", typed) is not None) == taken
    assert (await account_of(house)).second_factor == ("totp" if taken else "")


async def test_CP_12_mail_is_switched_on_by_a_code_that_came_by_mail(house: DeskUnderTest) -> None:
    """The digits of the newest letter, to the address on file; from then on each sign-in asks for one."""
    token = await session(house)
    enrolment = await begun(house, token, "mail")
    assert (enrolment.address, enrolment.key.value) == ("m•••@m••••.example", "")
    assert (await account_of(house)).second_factor == ""
    assert await second_factor.activate(house.desk, token, "", wrong(await mailed(house))) is None
    assert await second_factor.activate(house.desk, token, "", await mailed(house))
    assert (await account_of(house)).second_factor == "mail"
    assert (await signed_in(house)).stage == "code"


async def test_CP_12_a_mailed_code_dies_in_time_by_tries_and_by_use(house: DeskUnderTest) -> None:
    """Ten minutes, five tries, one use; a newer code replaces it."""
    token = await session(house)
    await begun(house, token, "mail")
    old = await mailed(house)
    house.clock.advance(seconds=1)
    await second_factor.send_code(house.desk, token)
    new = await mailed(house)
    if old != new:
        assert await second_factor.activate(house.desk, token, "", old) is None
    house.clock.advance(minutes=10)
    with pytest.raises(Spent, match="expired"):
        await second_factor.activate(house.desk, token, "", new)
    await second_factor.send_code(house.desk, token)
    for _ in range(5):
        assert await second_factor.activate(house.desk, token, "", wrong(await mailed(house))) is None
    with pytest.raises(Spent, match="too many tries"):
        await second_factor.activate(house.desk, token, "", await mailed(house))


async def test_no_mailbox_is_flooded_with_codes(house: DeskUnderTest) -> None:
    """Five an hour (T16)."""
    token = await session(house)
    for _ in range(5):
        await second_factor.enrol(house.desk, token, "mail", GOOD_PASSWORD)
    with pytest.raises(Limited):
        await second_factor.enrol(house.desk, token, "mail", GOOD_PASSWORD)


async def test_the_store_keeps_neither_the_key_nor_a_recovery_code(house: DeskUnderTest, tmp_path: Path) -> None:
    """The key is sealed for its account, the codes are keyed digests (rule 2)."""
    app, done = await switched_on(house)
    kept = on_disk(tmp_path)
    assert app.secret not in kept
    assert not [one for one in done.codes if one.value in kept]
    factor = await house.desk.store.get(SecondFactor, "A-DURAND")
    assert factor
    with_another = SecondFactor(id="A-OTHER", method="totp", sealed=factor.sealed)
    assert factor_checks.secret_of(house.desk, factor).value == app.secret
    assert factor_checks.secret_of(house.desk, with_another).value == ""


async def test_every_change_ends_the_other_sessions_and_this_one_goes_on(house: DeskUnderTest) -> None:
    """Switched on, new codes, taken off (T12): whoever else is signed in is asked again."""
    other = await session(house)
    app, done = await switched_on(house)
    with pytest.raises(SignInNeeded):
        await sessions.require(house.desk.store, house.desk, other)
    house.clock.advance(minutes=1)
    renewed = await second_factor.renew_codes(house.desk, done.onward.session.value, "", code(house, app))
    assert renewed
    with pytest.raises(SignInNeeded):
        await sessions.require(house.desk.store, house.desk, done.onward.session.value)
    await sessions.require(house.desk.store, house.desk, renewed.onward.session.value)


async def test_new_recovery_codes_replace_the_old_ones(house: DeskUnderTest) -> None:
    """For a code of the factor, and with a notice."""
    app, done = await switched_on(house)
    house.clock.advance(minutes=1)
    token = done.onward.session.value
    assert await second_factor.renew_codes(house.desk, token, "", wrong(code(house, app))) is None
    renewed = await second_factor.renew_codes(house.desk, token, "", code(house, app))
    assert renewed
    assert not await proves(house, done.codes[0].value)
    assert await proves(house, renewed.codes[0].value)
    assert "recovery_made" in await told(house)


async def test_taking_the_factor_off_needs_password_and_code(house: DeskUnderTest) -> None:
    """An open browser is not enough, nor a password that somebody looked at."""
    app, done = await switched_on(house)
    house.clock.advance(minutes=1)
    token = done.onward.session.value
    with pytest.raises(WrongPassword):
        await second_factor.remove(house.desk, token, "", "another", code(house, app))
    assert await second_factor.remove(house.desk, token, "", GOOD_PASSWORD, wrong(code(house, app))) is None
    assert (await account_of(house)).second_factor == "totp"
    onward = await second_factor.remove(house.desk, token, "", GOOD_PASSWORD, code(house, app))
    assert onward
    await sessions.require(house.desk.store, house.desk, onward.session.value)
    assert (await account_of(house)).second_factor == ""
    assert (await told(house))[-1] == "removed"
    assert (await signed_in(house)).stage == "open"


async def test_a_mail_factor_is_taken_off_with_a_mailed_code_or_a_recovery_code(house: DeskUnderTest) -> None:
    """Whoever has lost the mailbox still has the paper."""
    token = await session(house)
    await begun(house, token, "mail")
    done = await second_factor.activate(house.desk, token, "", await mailed(house))
    assert done
    token = done.onward.session.value
    with pytest.raises(Spent):
        await second_factor.remove(house.desk, token, "", GOOD_PASSWORD, "000000")
    assert await second_factor.remove(house.desk, token, "", GOOD_PASSWORD, done.codes[9].value)


async def test_notices_go_to_every_known_address_with_a_way_to_stop(house: DeskUnderTest) -> None:
    """Also to the one in the profile (T28)."""
    await house.keep(await make_customer(profile_address="marie@profile.example"))
    await switched_on(house)
    found = await letters(house, "second_factor_changed")
    assert {one.to for one in found} == {"marie.durand@mail.example", "marie@profile.example"}


async def test_a_frozen_account_lets_nobody_change_the_factor(house: DeskUnderTest) -> None:
    """A session of before the freeze is worth nothing."""
    token = await session(house)
    await house.keep(await make_customer(frozen="R-7F3K2M"))
    with pytest.raises(SignInNeeded):
        await second_factor.enrol(house.desk, token, "totp", GOOD_PASSWORD)
