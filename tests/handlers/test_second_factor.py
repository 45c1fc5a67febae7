"""The second factor's whole life: begun, switched on, asked for, used up, taken off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from handlers import accounts, factor_checks, links, risk_codes, second_factor, sessions, totp
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Limited, Refused, SignInNeeded, Spent, WrongPassword
from handlers.model.second_factor import SecondFactor
from handlers.model.staff import DESK
from handlers.store.contract import Store
from handlers.vault import Secret
from tests.builders import AYSE, GOOD_PASSWORD, DeskUnderTest, make_case, open_desk
from tests.handlers.factored import (
    LOGIN,
    account_of,
    begun,
    code,
    factor_asked,
    letters,
    mailed,
    make_customer,
    proves,
    session,
    signed_in,
    switched_on,
    told,
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """The five services' desk at the start of a time step, with Marie Durand's account at ConnectProf."""
    async with open_desk(tmp_path) as house:
        assert house.clock.now.timestamp() % totp.PERIOD == 0
        await house.keep(await make_customer())
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
        await second_factor.enrol(house.desk, token, "totp")


async def test_CP_5_only_one_of_the_two_can_be_in_use(house: DeskUnderTest) -> None:
    """With one switched on, the other cannot be begun; it has to be taken off first."""
    _, done = await switched_on(house)
    for method in ("mail", "totp"):
        with pytest.raises(Refused):
            await second_factor.enrol(house.desk, done.onward.session.value, method)


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
    await begun(house, await session(house))
    onward = await signed_in(house)
    assert (onward.stage, onward.enrol) == ("open", True)
    await second_factor.give_up(house.desk, onward.session.value)
    assert not (await signed_in(house)).enrol


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


@pytest.mark.parametrize("late", [0, 29, 30, 59])
async def test_CP_11_every_sign_in_asks_for_the_code_and_takes_it_for_two_steps(
    house: DeskUnderTest, late: float
) -> None:
    """Its own step and the one after it: clocks differ, and people type slowly."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=5)
    typed = code(house, app)
    house.clock.advance(seconds=late)
    assert await proves(house, typed)


@pytest.mark.parametrize("late", [60, 90])
async def test_CP_11_an_expired_code_opens_nothing(house: DeskUnderTest, late: float) -> None:
    """And a wrong one neither: the sign-in goes on waiting."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=5)
    typed = code(house, app)
    house.clock.advance(seconds=late)
    token = await factor_asked(house)
    assert await factor_checks.prove(house.desk, token, "", typed) is None
    with pytest.raises(SignInNeeded) as needed:
        await sessions.require(house.desk.store, house.desk, token)
    assert needed.value.stage == "factor"


async def test_CP_11_a_known_browser_is_asked_too(house: DeskUnderTest) -> None:
    """At every sign-in, whatever proved the browser before."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=1)
    onward = await factor_checks.prove(house.desk, await factor_asked(house), "", code(house, app))
    assert onward
    assert onward.stage == "open"
    assert await factor_asked(house)


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
        await second_factor.enrol(house.desk, token, "mail")
    with pytest.raises(Limited):
        await second_factor.enrol(house.desk, token, "mail")


async def test_a_code_is_never_taken_twice(house: DeskUnderTest) -> None:
    """Nor one of an older step (RFC 6238, 5.2); not even the one that switched the factor on."""
    app, _ = await switched_on(house)
    assert not await proves(house, code(house, app))
    house.clock.advance(seconds=60)
    newest = code(house, app)
    assert await proves(house, newest)
    assert not await proves(house, newest)
    assert not await proves(house, code(house, app, seconds=-30))
    house.clock.advance(seconds=30)
    assert await proves(house, code(house, app))


async def test_of_two_who_type_one_code_at_once_one_gets_in(house: DeskUnderTest) -> None:
    """Comparing and using up are one step (T11)."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=1)
    tokens = [await factor_asked(house) for _ in range(4)]
    typed = code(house, app)
    results = await asyncio.gather(*(factor_checks.prove(house.desk, token, "", typed) for token in tokens))
    assert sum(one is not None for one in results) == 1


async def test_of_two_who_type_one_recovery_code_at_once_one_gets_in(house: DeskUnderTest) -> None:
    """Each of the ten works once (T11)."""
    _, done = await switched_on(house)
    tokens = [await factor_asked(house) for _ in range(4)]
    tries = (factor_checks.prove(house.desk, token, "", done.codes[0].value) for token in tokens)
    results = await asyncio.gather(*tries)
    assert sum(one is not None for one in results) == 1


async def test_a_recovery_code_gets_in_once_and_says_how_many_are_left(house: DeskUnderTest) -> None:
    """In the same field, as people write it; the trail and a letter say so."""
    _, done = await switched_on(house)
    used = done.codes[3].value
    house.clock.advance(seconds=1)
    assert len({one.value for one in done.codes}) == 10
    assert await proves(house, f" {used[:5].lower()}-{used[5:].lower()} ")
    assert not await proves(house, used)
    assert (await told(house))[-1] == "recovery_used 9"
    entries = await events(house, "account.recovery_code_used")
    assert [one.detail for one in entries] == ["9 left"]


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


async def test_guesses_have_an_end_and_the_owner_a_way_back(house: DeskUnderTest) -> None:
    """Ten in ten minutes, counted before they are compared (T10); later the right code works again."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=5)
    token, typed = await factor_asked(house), wrong(code(house, app))
    results = await asyncio.gather(
        *(factor_checks.prove(house.desk, token, "", typed) for _ in range(30)), return_exceptions=True
    )
    assert [type(one).__name__ for one in results].count("NoneType") == 10
    assert all(one is None or isinstance(one, Limited) for one in results)
    with pytest.raises(Limited):
        await factor_checks.prove(house.desk, token, "", code(house, app))
    house.clock.advance(minutes=10)
    assert await proves(house, code(house, app))


async def test_a_day_of_guessing_has_an_end_too(house: DeskUnderTest) -> None:
    """A hundred a day: of a million codes, three of which are right at a time."""
    app, _ = await switched_on(house)
    for _ in range(10):
        house.clock.advance(minutes=10)
        token = await factor_asked(house)
        for _ in range(10):
            await factor_checks.prove(house.desk, token, "", "nothing")
    house.clock.advance(minutes=10)
    with pytest.raises(Limited) as limited:
        await factor_checks.prove(house.desk, await factor_asked(house), "", code(house, app))
    assert limited.value.retry_after <= timedelta(days=1).total_seconds()


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
    assert (await told(house))[:2] == ["added_totp", "recovery_made"]


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


async def test_a_recovery_code_stands_in_for_a_code_by_mail(house: DeskUnderTest) -> None:
    """At the stage that waits for the mail; any other account's has no such way."""
    token = await session(house)
    await begun(house, token, "mail")
    done = await second_factor.activate(house.desk, token, "", await mailed(house))
    assert done
    waiting = await signed_in(house)
    assert waiting.stage == "code"
    onward = await factor_checks.prove(house.desk, waiting.session.value, "", done.codes[0].value)
    assert onward
    assert onward.stage == "open"


async def test_CP_27_a_new_password_by_link_does_not_pass_the_second_factor(house: DeskUnderTest) -> None:
    """The sign-in after it asks for the code all the same."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=1)
    await house.keep(make_case(service="connectprof", requester="x@y.example", state="claimed"))
    async with house.desk.store.transaction() as tx:
        case = await tx.get(Case, "R-7F3K2M")
        assert case
        await links.issue(tx, house.desk, case, await account_of(house), DESK)
    await links.redeem(house.desk, await mailed(house, "reset"), "Newer-Battery-7!")
    waiting = await signed_in(house, "Newer-Battery-7!")
    assert waiting.stage == "factor"
    assert await factor_checks.prove(house.desk, waiting.session.value, "", code(house, app))


async def test_an_imported_key_of_sixteen_characters_leads_to_a_new_one(house: DeskUnderTest) -> None:
    """No library checks 80 bits: password, a code by mail, straight to the set-up; told and on the trail."""
    async with house.desk.store.transaction() as tx:
        tx.put(await second_factor.take_over(tx, house.desk, await account_of(house), Secret("JBSW Y3DP EHPK 3PXP")))
    assert (await account_of(house)).second_factor == "unusable"
    waiting = await signed_in(house)
    assert waiting.stage == "code"
    assert (await letters(house, "sign_in_code"))[-1].to == (await account_of(house)).address
    onward = await risk_codes.verify(house.desk, waiting.session.value, await mailed(house, "sign_in_code"))
    assert (onward.stage, onward.enrol) == ("open", True)
    assert await told(house) == ["unusable"]
    assert await events(house, "account.factor_replaced")
    token = onward.session.value
    app = pyotp.TOTP((await begun(house, token)).key.value)
    assert await second_factor.activate(house.desk, token, "", code(house, app))
    assert (await account_of(house)).second_factor == "totp"


@pytest.mark.parametrize("secret", ["", "not base 32!", "1" * 32, "JBSWY3DPEHPK3PXP"])
async def test_an_imported_key_that_cannot_be_checked_is_no_second_factor(house: DeskUnderTest, secret: str) -> None:
    """Nothing is nothing; anything else that is no key of 112 bits is unusable."""
    async with house.desk.store.transaction() as tx:
        account = await second_factor.take_over(tx, house.desk, await account_of(house), Secret(secret))
    assert account.second_factor == ("unusable" if secret else "")


async def test_an_imported_key_goes_on_working(house: DeskUnderTest) -> None:
    """As other systems write it; but it never replaces a factor that the customer has here."""
    secret = pyotp.random_base32()
    async with house.desk.store.transaction() as tx:
        tx.put(await second_factor.take_over(tx, house.desk, await account_of(house), Secret(secret.lower())))
    assert await proves(house, code(house, pyotp.TOTP(secret)))
    async with house.desk.store.transaction() as tx:
        tx.put(await second_factor.take_over(tx, house.desk, await account_of(house), Secret(pyotp.random_base32())))
    house.clock.advance(minutes=1)
    assert await proves(house, code(house, pyotp.TOTP(secret)))


async def test_a_file_of_accounts_can_bring_keys_and_gives_none_out(house: DeskUnderTest) -> None:
    """One usable, one of sixteen characters, one line without; what was kept is no text of the file."""
    secret = pyotp.random_base32()
    lines = [
        "service,login,address,totp_secret",
        f"connectprof,{LOGIN},marie.durand@mail.example,{secret}",
        "connectprof,short,short@mail.example,JBSWY3DPEHPK3PXP",
        "connectprof,none,none@mail.example,",
    ]
    await accounts.import_csv(house.desk, lines, AYSE)
    found = {one.login: one for one in await house.desk.store.find(Account)}
    assert {login: one.second_factor for login, one in found.items()} == {
        LOGIN: "totp",
        "short": "unusable",
        "none": "",
    }
    assert await proves(house, code(house, pyotp.TOTP(secret)))
    assert secret not in str(await accounts.export(house.desk))


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
        await second_factor.enrol(house.desk, token, "totp")


async def events(house: DeskUnderTest, event: str) -> list[AuditEntry]:
    """The trail's entries of that name."""
    store: Store = house.desk.store
    return [one for one in await store.find(AuditEntry) if one.event == event]


def on_disk(folder: Path) -> str:
    """Everything the store wrote."""
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file()).decode()


def wrong(digits: str) -> str:
    """Other digits of the same length."""
    return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}}"
