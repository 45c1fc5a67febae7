"""What the holder of a one-time code sees and can do."""

from __future__ import annotations

import pytest

from handlers.model.account import Account
from portal.code import wrong
from portal.pages import Pages
from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import Client, House, fill, get, make_account


@pytest.fixture
async def account(house: House) -> Account:
    """An account at the service that sends codes."""
    return await house.add(make_account(service="opc"))


async def test_OC_8_the_page_says_where_the_code_went_and_for_how_long(
    house: House, client: Client, account: Account
) -> None:
    """OC.8, OC.9, OC.10: title, masked address, ten minutes, junk folder, and the way to a new code."""
    token, _ = await house.code(account)
    page = await get(client, f"/code/{token}")
    assert page.status == 200
    assert "<h1>Renforcement de la sécurité anti-fraude</h1>" in page.text
    assert "J•••@m••••.example" in page.text
    assert "10 minutes" in page.text
    assert "courriers indésirables" in page.text
    assert "Vous n’avez pas reçu d’e-mail\u00a0?" in page.text
    assert "Renvoyer" in page.text


async def test_whoever_lost_the_mailbox_reads_where_to_write(house: House, client: Client, account: Account) -> None:
    """No code helps somebody whose mailbox is gone: the service's support does."""
    token, _ = await house.code(account)
    page = await get(client, f"/code/{token}")
    assert f"Écrivez à l’assistance à l’adresse {house.desk.services['opc'].mailboxes[0]}." in page.text


async def test_OC_11_the_field_is_made_for_six_digits(house: House, client: Client, account: Account) -> None:
    """OC.4, OC.11: six digits, a numeric keyboard, and the browser may offer the code from the mail."""
    token, _ = await house.code(account)
    page = await get(client, f"/code/{token}")
    assert 'autocomplete="one-time-code"' in page.text
    assert 'inputmode="numeric"' in page.text
    assert "Code à 6 chiffres" in page.text


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        " {} ",
        "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}",
        "{0[0]}{0[1]}{0[2]}-{0[3]}{0[4]}{0[5]}",
        "Code\u00a0: {}\u200b.",
    ],
)
async def test_OC_6_the_right_code_leads_to_the_new_password(
    house: House, client: Client, account: Account, written: str
) -> None:
    """OC.6: the right code, however it was spaced when copied, leads to a reset link of the same life."""
    token, digits = await house.code(account)
    house.clock.advance(minutes=4)
    page = await fill(client, f"/code/{token}", code=written.format(digits))
    assert page.status == 303
    assert page.location.startswith("/reset/")
    reset = await get(client, page.location)
    assert "6 minutes" in reset.text
    assert (await fill(client, page.location, password=GOOD_PASSWORD, again=GOOD_PASSWORD)).status == 200


async def test_wrong_code_counts_down_and_ends(house: House, client: Client, account: Account) -> None:
    """Each wrong code says how many tries remain; after the fifth the code is dead, also the right one."""
    token, digits = await house.code(account)
    off = "000000" if digits != "000000" else "111111"
    for left in ("4 essais", "3 essais", "2 essais", "1 essai."):
        page = await fill(client, f"/code/{token}", code=off)
        assert page.status == 422
        assert f"Il vous reste {left}" in page.text
        assert off not in page.text
    page = await fill(client, f"/code/{token}", code=off)
    assert page.status == 410
    assert "Trop d’essais erronés" in page.text
    assert 'href="/lost/opc?lang=fr"' in page.text
    assert (await get(client, f"/code/{token}")).status == 410


async def test_empty_code_costs_no_try(house: House, client: Client, account: Account) -> None:
    """Sending the empty field asks for the code and writes nothing."""
    token, _ = await house.code(account)
    before = house.bytes()
    page = await fill(client, f"/code/{token}", code=" ")
    assert page.status == 422
    assert "Saisissez le code reçu par e-mail." in page.text
    assert house.bytes() == before


async def test_a_code_copied_in_part_costs_no_try(house: House, client: Client, account: Account) -> None:
    """Five digits can be no code: the page says how many there are, and all tries remain."""
    token, digits = await house.code(account)
    page = await fill(client, f"/code/{token}", code=digits[:5])
    assert page.status == 422
    assert "Le code comporte 6 chiffres. Saisissez-les tous." in page.text
    assert "4 essais" in (await fill(client, f"/code/{token}", code=str(int(digits) ^ 1).zfill(6))).text


async def test_OC_10_a_resend_waits_a_minute_then_replaces_the_code(
    house: House, client: Client, account: Account
) -> None:
    """OC.10, OC.21: too soon is told with the pause; afterwards a new code goes out and only it works."""
    token, old = await house.code(account)
    soon = await fill(client, f"/code/{token}", resend="1")
    assert soon.status == 429
    assert soon.headers["Retry-After"] == "60"
    assert "Vous pourrez réessayer dans 1 minute." in soon.text
    house.clock.advance(seconds=61)
    sent = await fill(client, f"/code/{token}", resend="1")
    assert sent.status == 303
    assert sent.location == f"/code/{token}?lang=fr&sent"
    assert "Un nouveau code vous a été envoyé." in (await get(client, sent.location)).text
    new = (await house.mailed(account)).split()[1]
    if new != old:  # one in a million
        assert (await fill(client, f"/code/{token}", code=old)).status == 422
    assert (await fill(client, f"/code/{token}", code=new)).status == 303


async def test_last_resend_leads_to_a_new_request(house: House, client: Client, account: Account) -> None:
    """When no more codes can be sent, the page says so and leads to the form instead of a dead button."""
    token, _ = await house.code(account)
    for _ in range(3):
        house.clock.advance(seconds=61)
        await fill(client, f"/code/{token}", resend="1")
    page = await get(client, f"/code/{token}")
    assert "Aucun autre code ne peut être envoyé" in page.text
    assert 'href="/lost/opc?lang=fr"' in page.text
    assert 'name="resend"' not in page.text


async def test_OC_9_the_code_dies_after_ten_minutes(house: House, client: Client, account: Account) -> None:
    """OC.9: eleven minutes later the page says why, and the right code is worth nothing."""
    token, _ = await house.code(account)
    house.clock.advance(minutes=11)
    page = await get(client, f"/code/{token}")
    assert page.status == 410
    assert "Ce lien n’est plus valable" in page.text


@pytest.mark.parametrize(
    ("language", "left", "words"),
    [
        ("fr", 1, "Il vous reste 1 essai."),
        ("en", 1, "You have 1 try left."),
        ("en", 2, "You have 2 tries left."),
        ("tr", 2, "2 deneme hakkınız kaldı."),
    ],
)
def test_tries_left_are_counted_as_the_language_counts(language: str, left: int, words: str) -> None:
    """Singular and plural follow each language's own rule."""
    assert wrong(Pages().voices[language], left).endswith(words)
