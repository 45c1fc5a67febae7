"""Mails in one name that prove nothing share a case: what one does to pass for another's stays in sight."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.modals import whole
from handlers import decide, lookups
from handlers.model.case import Case
from handlers.model.outbox import Letter
from tests.bot.reading import PLAIN, strings
from tests.builders import AYSE
from tests.mailin.origin.door import ADDRESS, DoorStep, doorstep
from tests.mailin.origin.world import DOMAIN, MAIL, Dns, zone

EVE = "eve@evil.example"
OWN, FORGERS = "192.0.2.7", "203.0.113.66"


def mail(number: int, fields: str = "", text: str = "mon identifiant est durand42") -> bytes:
    """A mail in Marie's name; her domain does not say how its mails are known."""
    said = MAIL.replace(b"<m1@", f"<m{number}@".encode()).replace(b"j'ai  perdu mon mot de passe", text.encode())
    return fields.encode() + said


async def the(step: DoorStep) -> Case:
    """The only case."""
    [case] = await step.cases()
    return case


def kinds(case: Case) -> set[str]:
    """What is known of it."""
    return {one.kind for one in case.evidence}


@pytest.mark.parametrize("address", [ADDRESS, "paul@other.example"], ids=["of an account", "of nobody we know"])
@pytest.mark.parametrize("forged_first", [False, True])
async def test_T19_what_a_forged_mail_shows_of_itself_is_said_of_the_case_it_joins(
    tmp_path: Path, forged_first: bool, address: str
) -> None:
    """Whichever came first: neither joins unseen, nor does the next honest mail take it off again."""
    async with doorstep(tmp_path, Dns(zone()), address=address) as step:
        forged = (mail(1, f"Reply-To: {EVE}\r\n", "mon adresse est eve@evil.example"), EVE, FORGERS)
        honest = (mail(2, text="bonjour"), ADDRESS, OWN)
        for one in (forged, honest) if forged_first else (honest, forged):
            await step.hand_in(*one)
            await step.cases()
        before = await the(step)
        assert {"return_elsewhere", "reply_elsewhere"} <= kinds(before)
        await step.hand_in(mail(3, text="encore moi"), ADDRESS, OWN)
        assert {"return_elsewhere", "reply_elsewhere"} <= kinds(await the(step))


async def test_T19_each_mail_says_what_it_proves_and_where_it_returns_to(tmp_path: Path) -> None:
    """In the dialog of the whole mails: From alone would make them look alike. As code, which draws nothing (T26)."""
    async with doorstep(tmp_path, Dns(zone())) as step:
        await step.hand_in(mail(1), ADDRESS, OWN)
        await step.cases()
        await step.hand_in(mail(2), EVE, FORGERS)
        case = await the(step)
        forged, own = await lookups.whole_mails(step.desk.desk, case.id, AYSE, None)
    assert (forged.mail.returned, own.mail.returned) == (EVE, "")
    assert [one.mail.origin.grade for one in (forged, own) if one.mail.origin] == ["unproven", "unproven"]
    drawn = "\n".join(strings(whole.draw(case.id, [forged, own], PLAIN)))
    assert drawn.count(f"Handed in for `{EVE}`") == 1
    assert drawn.count(f"❔ Nothing shows that the mail comes from `{DOMAIN}`.") == 2


async def test_T31_nobody_is_locked_out_by_what_another_writes_in_their_name(tmp_path: Path) -> None:
    """It is said, and staff weigh it; what may be done stays what it was."""
    async with doorstep(tmp_path, Dns(zone())) as step:
        await step.hand_in(mail(1), ADDRESS, OWN)
        before = await lookups.card(step.desk.desk, (await the(step)).id)
        await step.hand_in(mail(2, f"Reply-To: {EVE}\r\n"), EVE, FORGERS)
        case = await the(step)
        after = await lookups.card(step.desk.desk, case.id)
        assert before is not None
        assert after is not None
        assert {"return_elsewhere", "reply_elsewhere"} <= kinds(case)
        assert after.permits == before.permits
        await decide.act(step.desk.desk, case.id, "send_link", AYSE, None)
        [letter] = [one for one in await step.desk.desk.store.find(Letter) if one.kind == "reset"]
        assert letter.to == ADDRESS


async def test_T19_a_full_case_still_takes_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever fills it up first gains nothing by it; and the same warning again makes no further step."""
    monkeypatch.setattr("handlers.cases.MOST_REQUESTS", 1)
    async with doorstep(tmp_path, Dns(zone())) as step:
        for number in range(1, 4):
            await step.hand_in(mail(number), ADDRESS, OWN)
            await step.cases()
        steps = len((await the(step)).history)
        for number in range(4, 7):
            await step.hand_in(mail(number), EVE, FORGERS)
            await step.cases()
        case = await the(step)
        assert "return_elsewhere" in kinds(case)
        assert len(case.history) == steps + 1
