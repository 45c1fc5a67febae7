"""Somebody who works for the owner asks for the owner's account (O2.10, O2.11)."""

from __future__ import annotations

import pytest

from handlers import decide, intake, lookups
from handlers.model.case import Reason
from handlers.model.mail import Claims
from handlers.model.outbox import Letter
from tests.builders import AYSE, DeskUnderTest, make_account, make_mail
from tests.handlers.letterbox import text_of
from tests.handlers.samples import all_samples

WEBMASTER = "julie@agence-web.example"


async def asked_by_webmaster(house: DeskUnderTest) -> str:
    """A webmaster's mail about the account of a customer of the host; returns the case."""
    await house.keep(make_account(id="A-LEROY", service="o2switch", login="leroy", address="leroy@mail.example"))
    mail = make_mail(
        message_id="web@agence-web.example",
        recipients=("support@o2switch.example",),
        from_address=WEBMASTER,
        claims=Claims(logins=("leroy",), not_owner=True),
        text="Je suis le webmaster de M. Leroy, il me faut l'accès à son compte client.",
    )
    case = await intake.receive(house.desk, mail)
    assert case
    return case


async def test_O2_10_no_remedy_is_offered_to_somebody_who_is_not_the_owner(house: DeskUnderTest) -> None:
    """The account proves who owns it: whatever the reason, only refusing is possible."""
    case = await asked_by_webmaster(house)
    view = await lookups.card(house.desk, case)
    assert view
    refused = {permit.action: permit.why for permit in view.permits if not permit.allowed}
    assert "belongs to somebody else" in refused["send_link"]
    assert "belongs to somebody else" in refused["request_documents"]


async def test_O2_11_a_webmaster_gets_a_friendly_no_and_what_to_use_instead(house: DeskUnderTest) -> None:
    """The refusal goes to the webmaster alone and names cPanel; the owner's address stays unknown to them."""
    case = await asked_by_webmaster(house)
    await decide.act(house.desk, case, "refuse", AYSE, None, decide.Answers(reason="not_the_owner"))
    letters = [one for one in await house.desk.store.find(Letter, case=case) if one.kind != "acknowledgement"]
    assert [(one.kind, one.to) for one in letters] == [("delegate", WEBMASTER)]
    text = text_of(all_samples()["delegate"]("fr"))
    assert "cPanel" in text
    assert "leroy" not in text


@pytest.mark.parametrize("reason", ["insufficient_evidence", "other"])
async def test_any_other_refusal_stays_neutral(house: DeskUnderTest, reason: Reason) -> None:
    """Only who says that the account is somebody else's is answered to that."""
    case = await asked_by_webmaster(house)
    await decide.act(house.desk, case, "refuse", AYSE, None, decide.Answers(reason=reason))
    letters = await house.desk.store.find(Letter, case=case)
    assert [one.kind for one in letters if one.kind != "acknowledgement"] == ["refused"]
