"""What the holder of a reset link sees and can do."""

from __future__ import annotations

import pytest

from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.errors import Fault
from portal.pages import Pages
from portal.wording import OTHER_FAULT, fault, masked
from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import Client, House, fill, get, make_account, post, token_of


async def test_form_shows_rules_life_and_masked_account(house: House, client: Client) -> None:
    """The customer sees whose password it is, how long the link lives and what the password must be."""
    token = await house.link(await house.add(make_account()))
    page = await get(client, f"/reset/{token}")
    assert page.status == 200
    assert "du•••2" in page.text
    assert "30 minutes" in page.text
    assert "Au moins 12 caractères." in page.text
    assert "durand42" not in page.text


async def test_remaining_life_counts_down(house: House, client: Client) -> None:
    """The life on the page is what is left, rounded up to whole minutes."""
    token = await house.link(await house.add(make_account()))
    house.clock.advance(minutes=28, seconds=30)
    assert "2 minutes" in (await get(client, f"/reset/{token}")).text


async def test_OC_18_a_good_password_is_confirmed_with_after_care(house: House, client: Client) -> None:
    """OC.18, OC.19, SF.13: the change is confirmed, the next steps are listed, and nobody is signed in."""
    account = await house.add(make_account())
    token = await house.link(account)
    page = await fill(client, f"/reset/{token}", password=GOOD_PASSWORD, again=GOOD_PASSWORD)
    assert page.status == 200
    assert "Votre mot de passe est mis à jour" in page.text
    assert "Republiez votre boutique." in page.text
    assert "Reconnectez-vous à ShopFactory" in page.text
    changed = await house.desk.store.get(Account, account.id)
    assert changed
    assert changed.password_hash.startswith("$argon2id$")


async def test_SF_23_after_care_is_in_the_language_the_reader_chose(house: House, client: Client) -> None:
    """A customer whose account is French and who switched to English reads English steps, and no others."""
    token = await house.link(await house.add(make_account()))
    page = await fill(client, f"/reset/{token}?lang=en", password=GOOD_PASSWORD, again=GOOD_PASSWORD)
    assert "Your password has been changed" in page.text
    assert "Register again." in page.text
    assert "Republiez votre boutique." not in page.text


async def test_second_post_says_it_is_done(house: House, client: Client) -> None:
    """A double click after success reads as done, with the next steps, not as an error."""
    token = await house.link(await house.add(make_account()))
    form = {"token": token_of(await get(client, f"/reset/{token}")), "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    assert (await post(client, f"/reset/{token}", form)).status == 200
    again = await post(client, f"/reset/{token}", form)
    assert again.status == 410
    assert "vous pouvez vous connecter" in again.text
    assert 'class="button" href="/sign-in/shop?lang=fr">Se connecter</a>' in again.text
    assert "Ce n’était pas moi\u00a0: tout arrêter" in again.text
    folded = again.text.index("<details>"), again.text.index("</details>")
    assert folded[0] < again.text.index("Republiez votre boutique.") < folded[1]


async def test_weak_password_says_why_and_keeps_the_link(house: House, client: Client) -> None:
    """A broken rule is named beside the field in the customer's language; the link still works afterwards."""
    token = await house.link(await house.add(make_account()))
    page = await fill(client, f"/reset/{token}", password="xyzw", again="xyzw")
    assert page.status == 422
    why = "Il est trop court\u00a0: utilisez au moins 12 caractères."
    assert f'<a href="#password">Nouveau mot de passe</a> – {why}' in page.text
    assert f"<p>{why}</p>" in page.text
    assert 'aria-invalid="true"' in page.text
    assert 'role="alert"' in page.text
    assert "xyzw" not in page.text
    assert (await fill(client, f"/reset/{token}", password=GOOD_PASSWORD, again=GOOD_PASSWORD)).status == 200


async def test_OC_17_passwords_that_differ_never_reach_the_desk(house: House, client: Client) -> None:
    """A mistyped repetition is told beside its field, and nothing is written."""
    token = await house.link(await house.add(make_account()))
    before = house.bytes()
    page = await fill(client, f"/reset/{token}", password=GOOD_PASSWORD, again=GOOD_PASSWORD + "x")
    assert page.status == 422
    assert "Les deux mots de passe sont différents." in page.text
    assert 'aria-describedby="again-fault"' in page.text
    assert GOOD_PASSWORD not in page.text
    assert house.bytes() == before


async def test_empty_password_is_asked_for(house: House, client: Client) -> None:
    """An empty form says what to type."""
    token = await house.link(await house.add(make_account()))
    page = await fill(client, f"/reset/{token}", password="", again="")
    assert page.status == 422
    assert "Saisissez le nouveau mot de passe." in page.text


async def test_blanks_are_part_of_a_password(house: House, client: Client) -> None:
    """What differs by a blank differs: a password manager's value is never trimmed."""
    token = await house.link(await house.add(make_account()))
    assert (await fill(client, f"/reset/{token}", password=GOOD_PASSWORD + " ", again=GOOD_PASSWORD)).status == 422


async def test_CP_16_every_broken_rule_of_a_strict_service_is_named(house: House, client: Client) -> None:
    """CP.15, CP.16: length 8 to 20 and four classes, each missing one named at once, in English and Turkish."""
    account = await house.add(make_account(service="prof", language="en"))
    token = await house.link(account)
    assert "8 to 20 characters." in (await get(client, f"/reset/{token}")).text
    page = await fill(client, f"/reset/{token}", password="qzvx", again="qzvx")
    for reason in ("at least 8 characters", "a capital letter.", "needs a digit.", "a special character"):
        assert reason in page.text
    turkish = await fill(client, f"/reset/{token}?lang=tr", password="qzvx", again="qzvx")
    for reason in ("en az 8 karakter", "Büyük harf eksik.", "Rakam eksik.", "Özel karakter eksik"):
        assert reason in turkish.text


async def test_OC_22_advice_is_shown_as_advice(house: House, client: Client) -> None:
    """OC.12, OC.22: mixing classes is recommended, thirteen characters are the rule."""
    token = await house.link(await house.add(make_account(service="opc")))
    page = await get(client, f"/reset/{token}")
    assert "Au moins 13 caractères." in page.text
    assert "Conseil\u00a0: ajoutez une majuscule, une minuscule, un chiffre et un caractère spécial" in page.text


async def test_SF_12_an_expired_link_says_why_and_offers_a_new_one(house: House, client: Client) -> None:
    """SF.11, SF.12: after 30 minutes the link is dead, the page says so and leads to the form in one click."""
    token = await house.link(await house.add(make_account()))
    house.clock.advance(minutes=30)
    page = await get(client, f"/reset/{token}")
    assert page.status == 410
    assert "Ce lien n’est plus valable" in page.text
    assert 'href="/lost/shop?lang=fr"' in page.text
    assert (await get(client, "/lost/shop?lang=fr")).status == 200


async def test_SF_11_a_link_may_expire_between_opening_and_sending(house: House, client: Client) -> None:
    """Expiry is checked at use: a form opened in time and sent too late changes nothing."""
    account = await house.add(make_account())
    token = await house.link(account)
    form = {"token": token_of(await get(client, f"/reset/{token}")), "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    house.clock.advance(minutes=31)
    assert (await post(client, f"/reset/{token}", form)).status == 410
    assert await house.desk.store.get(Account, account.id) == account


async def test_replaced_link_points_to_the_newer_mail(house: House, client: Client) -> None:
    """A link that a newer one replaced says so."""
    account = await house.add(make_account())
    old = await house.link(account)
    await house.link(account)
    page = await get(client, f"/reset/{old}")
    assert page.status == 410
    assert "Il existe un e-mail plus récent" in page.text


async def test_unknown_token_reads_like_an_expired_one(house: House, client: Client) -> None:
    """A guess learns nothing: same status, same words; only the holder of a real link is led to its service."""
    token = await house.link(await house.add(make_account()))
    house.clock.advance(minutes=31)
    expired = await get(client, f"/reset/{token}")
    unknown = await get(client, "/reset/" + "x" * 43, **{"Accept-Language": "fr"})
    assert unknown.status == expired.status == 410
    assert "Ce lien n’est plus valable" in unknown.text
    assert "ShopFactory" not in unknown.text


async def test_a_code_is_no_link(house: House, client: Client) -> None:
    """T13: the token of a code's page opens no reset page, and the other way round."""
    account = await house.add(make_account(service="opc"))
    code, _ = await house.code(account)
    assert (await get(client, f"/reset/{code}")).status == 410
    link = await house.link(account)
    assert (await get(client, f"/code/{link}")).status == 410


@pytest.mark.parametrize("page", ["reset", "code"])
async def test_fetching_ten_times_changes_nothing(house: House, client: Client, page: str) -> None:
    """T9: a mail scanner that fetches the link leaves every byte of the store as it was."""
    account = await house.add(make_account())
    token = await house.link(account) if page == "reset" else (await house.code(account))[0]
    before = house.bytes()
    for _ in range(10):
        assert (await get(client, f"/{page}/{token}")).status == 200
        async with client.head(f"/{page}/{token}") as response:
            assert response.status == 200
            assert await response.read() == b""
    assert house.bytes() == before


async def test_SF_23_the_grants_language_wins_over_the_browsers(house: House, client: Client) -> None:
    """SF.23: the page speaks as the mail did, unless the reader chooses otherwise on the page."""
    token = await house.link(await house.add(make_account(language="tr")))
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    assert '<html lang="tr">' in (await get(client, f"/reset/{token}", **english)).text
    chosen = await get(client, f"/reset/{token}?lang=en", **english)
    assert '<html lang="en">' in chosen.text
    assert 'action="?lang=en"' in chosen.text


async def test_trail_names_the_rule_and_not_the_password(house: House, client: Client) -> None:
    """A password that breaks a rule is on the trail by the rule's name."""
    token = await house.link(await house.add(make_account()))
    await fill(client, f"/reset/{token}", password="abc", again="abc")
    trail = await house.desk.store.find(AuditEntry)
    assert any(entry.detail == "too_short" for entry in trail)
    assert not any("abc" in entry.detail for entry in trail)


def test_unforeseen_fault_still_has_words() -> None:
    """A rule that this page does not know yet is refused in general words instead of breaking the page."""
    assert fault(Fault(code="new_rule"), Pages().voices["en"]) == OTHER_FAULT


@pytest.mark.parametrize(
    ("login", "shown"),
    [("durand42", "du•••2"), ("ali", "a•••"), ("ayse@mail.example", "a•••@m••••.example"), ("éloïse7", "él•••7")],
)
def test_login_is_masked_for_its_owner_only(login: str, shown: str) -> None:
    """The owner recognises the login; somebody looking over the shoulder does not learn it."""
    assert masked(login) == shown
