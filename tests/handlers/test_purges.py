"""The deletion of closed accounts: when, what goes, what stays, what may put it off."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from handlers import accounts, audit, intake, lookups
from handlers.closing import closures, erasure, purges
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.closing import Purge, Sweep, Tombstone
from handlers.model.evidence import EvidenceKind
from handlers.model.grant import Grant
from handlers.model.mail import Claims, InboundMail
from handlers.model.outbox import CardRefresh, Letter
from handlers.model.paper import Paper
from handlers.model.second_factor import SecondFactor
from handlers.model.session import Device, Session
from handlers.post import endings
from handlers.rules.closing import HELD
from tests.builders import AYSE, GOOD_PASSWORD, KEY, NOW, DeskUnderTest, make_account, make_case, make_grant, make_mail
from tests.builders import open_desk as open_again
from tests.handlers.closing import BOTH, arda, keep_arda, letters, on_disk, purge_of, signed_in, sweep_of

DAY30 = NOW + timedelta(days=30)
ADDRESS = "arda.yilmaz@mail.example"
MAILBOX = ("support@connectprof.example",)


def of_arda(*evidence: EvidenceKind, **changes: Any) -> Case:
    """A case about Arda's account, with what somebody wrote."""
    fields = {"id": "R-ARDA01", "service": "connectprof", "account": "A-ARDA", "text": "Ben Arda Yılmaz, İzmir."}
    written = {"requester": ADDRESS, "requester_key": ADDRESS, "subject": "arda.yilmaz.77", "new_address": ADDRESS}
    return make_case(*evidence, **fields | written | changes)


async def closed(house: DeskUnderTest) -> Account:
    """Arda's account, closed now."""
    token = await signed_in(house, await keep_arda(house))
    await closures.close(house.desk, token, GOOD_PASSWORD, BOTH)
    return await arda(house)


async def fall_due(house: DeskUnderTest, **later: float) -> None:
    """The deletion is looked at, so long after it fell due."""
    house.clock.now = DAY30 + timedelta(**later)
    await purges.purge(house.desk, await purge_of(house))


async def is_gone(house: DeskUnderTest) -> bool:
    return await house.desk.store.get(Account, "A-ARDA") is None


async def test_CP_21_everything_personal_goes_on_the_thirtieth_day(house: DeskUnderTest) -> None:
    """Account, second factor, devices, sessions, grants, documents, letters; cases keep their steps and no person."""
    account = await closed(house)
    work: dict[str, Any] = {"queue": "-", "due": None, "token": "-", "account": "A-ARDA"}
    blob = await house.desk.blobs.put(b"a copy of a passport")
    await house.keep(
        of_arda(state="refused", papers=1),
        make_grant(account="A-ARDA", case="R-ARDA01", token="1" * 64),
        SecondFactor(id="A-ARDA", method="totp", sealed="x"),
        Device(id="D-1", proved_at=NOW, **work),
        Paper(
            id="P-1",
            case="R-ARDA01",
            account="A-ARDA",
            name="arda.pdf",
            type="application/pdf",
            bytes=1,
            pages=1,
            fingerprint="f",
            blob=blob.id,
            sealed_key=blob.sealed_key,
            source="mail",
            received_at=NOW,
            scan="clean",
        ),
    )
    await fall_due(house)
    store = house.desk.store
    assert await house.desk.blobs.ids() == set()
    for kind in (Grant, Session, Device, Paper, SecondFactor, Purge):
        assert await store.find(kind) == [], kind
    case = await store.get(Case, "R-ARDA01")
    assert case
    assert (case.state, case.service, case.account) == ("refused", "connectprof", account.id)
    assert (case.requester, case.requester_key, case.subject, case.text, case.new_address) == ("",) * 5
    assert await is_gone(house)


async def test_the_trail_holds_and_says_what_was_deleted(house: DeskUnderTest) -> None:
    """An empty case still tells its history, and the chain is whole."""
    await closed(house)
    await intake.receive(house.desk, mail_from_arda())
    await fall_due(house, days=7)
    entries = await house.desk.store.find(AuditEntry, account="A-ARDA")
    assert "account.purged" in [one.event for one in entries]
    assert await audit.faults(house.desk.store, house.desk.vault) == []


async def test_a_purge_leaves_no_byte_of_the_customer_on_disk(tmp_path: Path) -> None:
    """Address, name, login, city, words: after the last letter, not in the journal, not in a snapshot, nowhere."""
    folder = tmp_path / "data"
    folder.mkdir()
    words = [ADDRESS, "arda.yilmaz", "Arda", "Yılmaz", "Ticaret", "İzmir", "ARDA GİREMEDİ", "232 000"]
    async with open_again(folder) as house:
        await closed(house)
        await intake.receive(house.desk, mail_from_arda(text="ARDA GİREMEDİ", recipients=MAILBOX))
        assert all(word.encode() in on_disk(folder) for word in words if word != "Arda")
        await fall_due(house, days=8)
        for letter in await house.desk.store.find(Letter):
            await endings.sent(house.desk, letter, 1)
        work = await sweep_of(house)
        assert work
        await erasure.sweep(house.desk, work)
        again = await sweep_of(house)
        left = on_disk(folder)
    assert again is None
    assert [word for word in words if word.encode() in left or as_json(word) in left] == []


def as_json(word: str) -> bytes:
    """The word as JSON may write it."""
    return word.encode("unicode_escape")


async def test_a_last_letter_still_in_the_outbox_is_swept_after_it_went_out(tmp_path: Path) -> None:
    """The relay may be down when the store is cleaned; a letter that dies is forgotten at once."""
    async with open_again(tmp_path) as house:
        await closed(house)
        await fall_due(house)
        work = await sweep_of(house)
        assert work
        assert len(work.letters) == 1
        await erasure.sweep(house.desk, work)
        assert ADDRESS.encode() in on_disk(tmp_path)
        letter = (await letters(house, "purged"))[0]
        await endings.bury(house.desk, letter, "gone")
        for _ in range(2):
            house.clock.advance(days=10)
            if work := await sweep_of(house):
                await erasure.sweep(house.desk, work)
        assert ADDRESS.encode() not in on_disk(tmp_path)
        assert await sweep_of(house) is None


async def test_many_purges_clean_the_store_once(house: DeskUnderTest) -> None:
    """One piece of work, however many accounts fall due together."""
    for name in ("A-ARDA", "A-BEREN", "A-CAN"):
        login = f"{name.lower()}.login"
        account = await keep_arda(house, id=name, login=login, address=f"{login}@mail.example")
        await closures.close(house.desk, await signed_in(house, account), GOOD_PASSWORD, BOTH)
    house.clock.now = DAY30
    for work in await house.desk.store.find(Purge):
        await purges.purge(house.desk, work)
    work_left = await house.desk.store.claim(Sweep, "sweeps", DAY30 + timedelta(days=1), HELD, 9)
    assert [len(one.letters) for one in work_left] == [3]


async def test_nothing_is_deleted_early_or_after_reopening(house: DeskUnderTest) -> None:
    """A timer that comes too soon, or too late, finds that there is nothing to do."""
    account = await closed(house)
    work = await purge_of(house)
    await fall_due(house, microseconds=-1)
    assert not await is_gone(house)
    assert (await purge_of(house)).due == DAY30
    await house.keep(replace(account, closed_at=None, reopens_until=None))
    await purges.purge(house.desk, work)
    assert not await is_gone(house)
    assert await house.desk.store.get(Purge, "A-ARDA") is None


async def test_one_last_letter_says_that_it_is_done(house: DeskUnderTest) -> None:
    """To the address on file, in the customer's language; the letters from before are gone."""
    await closed(house)
    await fall_due(house)
    assert [(one.kind, one.to, one.language) for one in await house.desk.store.find(Letter)] == [
        ("purged", ADDRESS, "tr")
    ]


async def test_CP_26_a_request_in_time_puts_the_deletion_off_for_a_week_at_most(house: DeskUnderTest) -> None:
    """Its card says until when; staff can still answer; then it is settled without a word about the account."""
    await closed(house)
    await house.keep(of_arda("address_on_file", "sender_unproven", opened_at=DAY30 - timedelta(hours=1)))
    await fall_due(house)
    await fall_due(house, days=6, hours=23)
    case = await house.desk.store.get(Case, "R-ARDA01")
    assert case
    assert not await is_gone(house)
    assert [step.detail for step in case.history] == ["until 2026-12-29 14:05 UTC at the latest"]
    await fall_due(house, days=7)
    case = await house.desk.store.get(Case, "R-ARDA01")
    assert case
    assert (case.state, case.reason, case.requester) == ("refused", "account_purged", "")
    assert await is_gone(house)
    assert {(one.kind, one.to) for one in await house.desk.store.find(Letter)} == {
        ("purged", ADDRESS),
        ("refused", ADDRESS),
    }
    assert await house.desk.store.get(CardRefresh, "R-ARDA01")


@pytest.mark.parametrize(
    ("evidence", "opened"),
    [
        (("address_on_file",), timedelta(0)),
        (("address_on_file",), timedelta(days=3)),
        (("address_named",), -timedelta(days=3)),
        (("login_known",), -timedelta(days=3)),
    ],
    ids=["at the deadline", "after it", "the address only named", "the login only known"],
)
async def test_CP_26_no_other_request_holds_anything_back(
    house: DeskUnderTest, evidence: tuple[EvidenceKind, ...], opened: timedelta
) -> None:
    """What comes too late, or from somebody who only knows a name, is settled with the rest."""
    await closed(house)
    await house.keep(of_arda(*evidence, opened_at=DAY30 + opened))
    await fall_due(house, days=3)
    case = await house.desk.store.get(Case, "R-ARDA01")
    assert await is_gone(house)
    assert case
    assert case.state == "refused"


async def test_a_request_that_staff_answered_holds_nothing_back_any_more(house: DeskUnderTest) -> None:
    """The week is for the answer; once it is given, the rest of it is not needed."""
    await closed(house)
    await house.keep(of_arda("address_on_file", opened_at=NOW))
    await fall_due(house)
    await house.keep(of_arda("address_on_file", opened_at=NOW, state="refused"))
    await fall_due(house, hours=1)
    assert await is_gone(house)


async def test_a_freeze_keeps_the_data_until_it_is_lifted_and_a_week_longer(house: DeskUnderTest) -> None:
    """A thief may have closed the account: its owner, who said so in time, does not lose it to the calendar (T38)."""
    account = await closed(house)
    await house.keep(replace(account, frozen="R-ARDA01"))
    await fall_due(house, days=40)
    account = await arda(house)
    assert account.reopens_until == DAY30 + timedelta(days=40) + HELD
    await house.keep(replace(account, frozen=""))
    await fall_due(house, days=46)
    assert not await is_gone(house)
    await fall_due(house, days=47)
    assert await is_gone(house)


def mail_from_arda(**changes: Any) -> InboundMail:
    """The owner writes, perhaps too late."""
    fields: dict[str, Any] = {"from_address": ADDRESS, "recipients": MAILBOX, "claims": Claims(), "language": "tr"}
    return make_mail(**fields | changes)


async def test_CP_22_who_writes_too_late_gets_the_same_answer_and_staff_see_why(house: DeskUnderTest) -> None:
    """The card says when it was deleted; the acknowledgement is the one that anybody gets (rule 5)."""
    await closed(house)
    await fall_due(house, hours=2)
    house.clock.advance(days=400)
    id = await intake.receive(house.desk, mail_from_arda(message_id="9@mail.example"))
    case = await house.desk.store.get(Case, id or "")
    assert case
    seen = {one.kind: one.at for one in case.evidence}
    assert seen["account_purged"] == DAY30 + timedelta(hours=2)
    assert {"address_not_on_file"} <= set(seen)
    assert [one.kind for one in await house.desk.store.find(Letter, case=case.id)] == ["acknowledgement"]


async def test_CP_21_staff_who_look_for_a_deleted_login_find_its_trail_and_no_data(house: DeskUnderTest) -> None:
    """The stone has digests alone; the trail says who did what, and that it is over."""
    await closed(house)
    await fall_due(house)
    stones = await house.desk.store.find(Tombstone)
    assert [(one.id, one.service, one.purged_at) for one in stones] == [("A-ARDA", "connectprof", DAY30)]
    assert "arda" not in repr(stones[0]).lower().replace("a-arda", "")
    for text in ("arda.yilmaz.77", ADDRESS):
        found = await lookups.find(house.desk, text, AYSE)
        assert [(one.account_id, one.address, one.name, one.deleted_at) for one in found] == [("A-ARDA", "", "", DAY30)]
    assert [one.event for one in await lookups.trail(house.desk, "ARDA.yilmaz.77")] == [
        "account.closed",
        "account.purged",
    ]


async def test_a_deleted_login_comes_back_as_a_new_account_with_nothing_of_the_old(house: DeskUnderTest) -> None:
    """T38: an import may use the login again, and the trail says so; staff see that there was another."""
    await closed(house)
    await fall_due(house)
    lines = ["service,login,address\n", "connectprof,Arda.Yilmaz.77,someone.else@mail.example\n"]
    assert (await accounts.import_csv(house.desk, lines, AYSE)).added == 1
    new = (await accounts.show(house.desk, "arda.yilmaz.77"))[0]
    assert new.id != "A-ARDA"
    assert (new.name, new.integrations, new.password_hash) == ("", (), "")
    told = await house.desk.store.find(AuditEntry, account=new.id)
    assert [(one.event, one.detail) for one in told] == [("accounts.added", "a deleted account had this login")]
    late = mail_from_arda(message_id="9@mail.example", claims=Claims(logins=("arda.yilmaz.77",)))
    case = await house.desk.store.get(Case, await intake.receive(house.desk, late) or "")
    assert case
    assert case.account == new.id
    assert "account_purged" in {one.kind for one in case.evidence}


async def test_a_stone_is_found_after_a_change_of_keys(tmp_path: Path) -> None:
    """Digests of every key are tried, so that nobody's deletion is forgotten."""
    async with open_again(tmp_path) as house:
        await closed(house)
        await fall_due(house)
    async with open_again(tmp_path, keys=(bytes(32), KEY)) as house:
        found = await purges.tombstones(house.desk.store, house.desk, "connectprof", login="arda.yilmaz.77")
        assert [one.id for one in found] == ["A-ARDA"]


async def test_a_request_without_an_account_goes_with_its_writers_account(house: DeskUnderTest) -> None:
    """But not where somebody else there has the same address: it may be theirs."""
    await closed(house)
    await house.keep(of_arda(account=None, state="refused"))
    await house.keep(of_arda(id="R-0THER1", account=None, state="refused", service="esp"))
    other = make_account(id="A-SAME", service="connectprof", login="family", address=ADDRESS)
    await house.keep(other)
    await fall_due(house)
    kept = await house.desk.store.get(Case, "R-ARDA01")
    assert kept
    assert kept.requester == ADDRESS


async def test_a_request_that_found_no_account_is_emptied_as_well(house: DeskUnderTest) -> None:
    """It was written from the address of the account that goes."""
    await closed(house)
    await house.keep(of_arda(account=None, state="refused"), of_arda(id="R-0THER1", account=None, service="esp"))
    await fall_due(house)
    mine, elsewhere = await house.desk.store.get(Case, "R-ARDA01"), await house.desk.store.get(Case, "R-0THER1")
    assert mine
    assert mine.requester == ""
    assert elsewhere
    assert elsewhere.requester == ADDRESS
