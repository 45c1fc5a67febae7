"""What ShopFactory's page leaves open: names of one account, and answers that tell nothing."""

from __future__ import annotations

import aiohttp
import pytest

from demo.slack import AYSE
from tests.scenarios.shop import ACCOUNT, MARIE
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-3"), in_one_loop]


def mail(sender: str, subject: str, text: str) -> bytes:
    """A customer's mail to the support team."""
    return (
        f"From: Marie Durand <{sender}>\nTo: ShopFactory <support@shopfactory.example>\nSubject: {subject}\n"
        f"Message-ID: <{abs(hash(text))}@mail.example>\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n"
    ).encode()


@pytest.mark.parametrize("name", ["ShopFactory", "ShopFactory Cloud", "Total Care"])
async def test_SF_20_every_name_of_the_account_leads_to_it(scenario: Scenario, name: str) -> None:
    """One service, one account, one link, whatever the customer calls it."""
    await scenario.add(**ACCOUNT)
    text = f"Bonjour,\n\nj’ai oublié mon mot de passe {name}. Mon identifiant {name} est durand42.\n\nMarie"
    card = await scenario.write(mail(MARIE, f"Mot de passe {name} oublié", text))
    assert "*ShopFactory*" in card.text
    await scenario.click(card.case, "send_link", AYSE.id)
    assert (await scenario.mailed_link(MARIE)).recipients == (MARIE,)


async def test_SF_16_a_mail_about_hosting_is_seen_as_one(scenario: Scenario) -> None:
    """SF.17: staff read what it is about, and the account's link comes first all the same."""
    await scenario.add(**ACCOUNT)
    text = "Bonjour,\n\nje ne retrouve plus mon mot de passe d’hébergement Total Care, identifiant durand42.\n\nMarie"
    card = await scenario.write(mail(MARIE, "Récupérer mon mot de passe d’hébergement Total Care", text))
    assert card.text.startswith("Hosting password")
    assert "send_link" in card.buttons


async def test_SF_21_wrong_pairs_look_like_right_ones(scenario: Scenario) -> None:
    """Byte by byte on the portal, header by header; word by word in the mail that answers a mail."""
    await scenario.add(**ACCOUNT)
    right, wrong = ("durand42", MARIE), ("durand99", "marie@ailleurs.example")
    seen = [
        await answered(scenario, login, address) for login in (right[0], wrong[0]) for address in (right[1], wrong[1])
    ]
    assert seen.count(seen[0]) == 4
    await scenario.pass_time(seconds=5)
    await scenario.mailed_link(MARIE)
    await scenario.pass_time(seconds=5)
    assert [one.to for one in scenario.house.inbox.letters] == [MARIE]


async def answered(scenario: Scenario, login: str, address: str) -> list[object]:
    """Status, headers and bytes of every answer to the form, but for the clock."""
    form = f"{scenario.house.portal}/lost/shopfactory?lang=fr"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.get(form) as page:
            token = (await page.text()).partition('name="token" value="')[2].partition('"')[0]
        typed = {"token": token, "login": login, "address": address}
        async with http.post(form, data=typed, allow_redirects=False) as post:
            first = [post.status, _headers(post), await post.read()]
        async with http.get(f"{scenario.house.portal}{post.headers['Location']}") as sent:
            return [*first, sent.status, _headers(sent), await sent.read()]


def _headers(response: aiohttp.ClientResponse) -> list[tuple[str, str]]:
    return [(name, value) for name, value in response.headers.items() if name not in ("Date", "Set-Cookie")]


async def test_SF_21_a_mail_is_acknowledged_in_the_same_words(scenario: Scenario) -> None:
    """Whoever writes learns nothing of what is known."""
    await scenario.add(**ACCOUNT)
    text = "Bonjour,\n\nj’ai oublié mon mot de passe, identifiant {}.\n\nMarie"
    for sender, login in (
        (MARIE, "durand42"),
        ("marie@ailleurs.example", "durand42"),
        ("x@ailleurs2.example", "nemo7"),
    ):
        await scenario.house.send(mail(sender, "Mot de passe oublié", text.format(login)))
        await scenario.opens(sender, "ShopFactory\u00a0: nous avons bien reçu votre message")
    said = {one.words for one in scenario.house.inbox.letters}
    assert len(scenario.house.inbox.letters) == 3
    assert len(said) == 1
