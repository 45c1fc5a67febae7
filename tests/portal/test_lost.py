"""The form of a customer who lost access."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from handlers import requests
from handlers.configuration.services import load
from handlers.model.outbox import PortalRequest
from portal.app import build
from tests.portal.conftest import Client, House, fill, get, make_account, post, token_of

ROOT = Path(__file__).resolve().parents[2]


async def asked(house: House) -> list[tuple[str, str, str, str]]:
    """What reached the desk, in the order it was typed."""
    requests = await house.desk.store.find(PortalRequest)
    return [(one.service, one.login, one.address, one.language) for one in requests]


async def test_SF_8_the_form_asks_what_the_service_requires(client: Client) -> None:
    """SF.8 wants login and address, OC.13 the address alone."""
    both, one = await get(client, "/lost/shop"), await get(client, "/lost/opc")
    assert 'name="login"' in both.text
    assert 'name="address"' in both.text
    assert 'name="login"' not in one.text
    assert 'name="address"' in one.text


async def test_SF_10_the_request_is_confirmed_and_the_junk_folder_named(house: House, client: Client) -> None:
    """SF.9, SF.10, SF.11, OC.14: what was typed is handed in; the page tells of mail, junk folder and life."""
    page = await fill(client, "/lost/shop", login=" durand42 ", address="Jean.Durand@mail.example")
    assert page.status == 303
    assert page.location == "/lost/shop/sent?lang=fr"
    sent = await get(client, page.location)
    assert "Si ces informations correspondent à un compte" in sent.text
    assert "courriers indésirables" in sent.text
    assert "30 minutes" in sent.text
    assert await asked(house) == [("shop", "durand42", "Jean.Durand@mail.example", "fr")]


async def test_service_of_codes_promises_a_code(client: Client) -> None:
    """The life on the page is that of what the service prefers to send."""
    page = await get(client, "/lost/opc/sent")
    assert "Saisissez le code reçu par e-mail" in page.text
    assert "10 minutes" in page.text


async def test_SF_21_known_and_unknown_look_the_same(house: House, client: Client) -> None:
    """T15, SF.21: right, half right and wrong details get the same status, place and page, byte for byte."""
    await house.add(make_account())
    answers = []
    for login, address in [
        ("durand42", "jean.durand@mail.example"),
        ("durand42", "somebody@else.example"),
        ("nobody", "jean.durand@mail.example"),
        ("nobody", "somebody@else.example"),
    ]:
        page = await fill(client, "/lost/shop", login=login, address=address)
        answers.append((page.status, page.location, (await get(client, page.location)).text))
    assert len(set(answers)) == 1


async def test_missing_fields_are_named_and_typed_ones_kept(house: House, client: Client) -> None:
    """What is missing is told beside its field; what was typed stays."""
    page = await fill(client, "/lost/shop", login="durand42", address=" ")
    assert page.status == 422
    assert "Saisissez votre adresse e-mail." in page.text
    assert 'value="durand42"' in page.text
    assert await asked(house) == []


@pytest.mark.parametrize(
    "address",
    ["a@mail.example,b@mail.example", "a@mail.example b@mail.example", "Jean <a@mail.example>", "no address", "a@b@c"],
)
async def test_more_than_one_address_is_refused(house: House, client: Client, address: str) -> None:
    """T6: exactly one address; anything that could mean a second is told what would be right."""
    page = await fill(client, "/lost/opc", address=address)
    assert page.status == 422
    assert "Saisissez une seule adresse e-mail" in page.text
    assert await asked(house) == []


async def test_a_field_given_twice_is_refused(house: House, client: Client) -> None:
    """T6: two values of one field are no form of ours."""
    token = token_of(await get(client, "/lost/opc"))
    page = await post(client, "/lost/opc", [("token", token), ("address", "a@x.example"), ("address", "b@x.example")])
    assert page.status == 400
    assert await asked(house) == []


async def test_too_many_requests_keep_what_was_typed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """While too many wait, one more is put off with Retry-After; nothing typed is lost."""
    monkeypatch.setattr(requests, "MOST_WAITING", 5)
    for _ in range(5):
        assert (await fill(client, "/lost/opc", address="jean@mail.example")).status == 303
    page = await fill(client, "/lost/opc", address="jean@mail.example")
    assert page.status == 429
    assert int(page.headers["Retry-After"]) > 0
    assert 'value="jean@mail.example"' in page.text
    assert "Merci de réessayer plus tard." in page.text


async def test_store_down_keeps_what_was_typed(house: House, client: Client) -> None:
    """Rule 10: when the desk cannot keep a request it says so, with what was typed still in the form."""
    token = token_of(await get(client, "/lost/opc"))
    await house.desk.store.close()
    page = await post(client, "/lost/opc", {"token": token, "address": "jean@mail.example"})
    assert page.status == 503
    assert page.headers["Retry-After"] == "60"
    assert 'value="jean@mail.example"' in page.text


async def test_unknown_service_is_a_plain_404(client: Client) -> None:
    """A service that the desk does not answer for has no page."""
    page = await get(client, "/lost/nobody", **{"Accept-Language": "tr"})
    assert page.status == 404
    assert "Sayfa bulunamadı" in page.text


@pytest.mark.parametrize(
    ("query", "wish", "language"),
    [
        ("", "", "fr"),
        ("", "tr-TR,tr;q=0.9,en;q=0.5", "tr"),
        ("", "de-DE,en;q=0.5", "en"),
        ("", "de", "fr"),
        ("?lang=en", "tr", "en"),
        ("?lang=xx", "tr", "tr"),
    ],
)
async def test_language_is_chosen_by_the_reader(client: Client, query: str, wish: str, language: str) -> None:
    """The reader's choice, else the browser's wish, else the service's language; the form keeps it."""
    page = await get(client, f"/lost/shop{query}", **{"Accept-Language": wish})
    assert f'<html lang="{language}">' in page.text
    assert f'action="?lang={language}"' in page.text


async def test_SF_23_the_language_is_kept_into_the_request(house: House, client: Client) -> None:
    """SF.23: who asks in Turkish is answered in Turkish."""
    page = await fill(client, "/lost/opc?lang=tr", address="ayse@mail.example")
    assert page.location == "/lost/opc/sent?lang=tr"
    assert [language for *_, language in await asked(house)] == ["tr"]


async def test_typed_markup_is_shown_as_text(client: Client) -> None:
    """What a stranger types comes back as text, never as markup."""
    token = token_of(await get(client, "/lost/opc"))
    data = {"token": token, "address": '"><script>alert(1)</script>'}
    async with client.post("/lost/opc", data=data) as response:
        assert not re.search(r"<script", await response.text())


@pytest.mark.parametrize("language", ["fr", "en", "tr"])
async def test_shipped_services_have_their_pages(house: House, language: str) -> None:
    """Each service of the seeds asks for what its file requires and names itself, in every language."""
    services = load(ROOT / "services")
    async with TestClient(TestServer(build(replace(house.desk, services=services)))) as client:
        client.session.headers["Host"] = "portal.example"
        for service in services.values():
            form = await get(client, f"/lost/{service.id}?lang={language}")
            assert form.status == 200
            assert f'<p class="brand">{service.name}</p>' in form.text
            assert all(f'name="{field}"' in form.text for field in service.identify.require)
            assert (await get(client, f"/lost/{service.id}/sent?lang={language}")).status == 200
