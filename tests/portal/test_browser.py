"""A customer's way back in, in a real browser without JavaScript, by keyboard alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page

from handlers.model.account import Account
from portal.app import build, serve
from tests.builders import GOOD_PASSWORD
from tests.chromium import open_browser
from tests.portal.conftest import House, make_account

STORY = {
    "fr": ("Mot de passe oublié\u00a0?", "Merci, votre demande est enregistrée", "Votre mot de passe est mis à jour"),
    "en": ("Forgot your password?", "Thank you, we have your request", "Your password has been changed"),
    "tr": ("Şifrenizi mi unuttunuz?", "Teşekkürler, talebiniz alındı", "Şifreniz değiştirildi"),
}
pytestmark = pytest.mark.slow


@pytest.fixture
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with open_browser(chromium_path) as browser:
        yield browser


@pytest.fixture
async def address(house: House, free_port: int) -> AsyncIterator[str]:
    """The portal of `house`, served under the address that a browser uses."""
    url = f"http://127.0.0.1:{free_port}"
    serving = await serve(build(replace(house.desk, portal_url=url)), "127.0.0.1", free_port)
    yield url
    await serving.stop()


async def a_phone(browser: Browser, address: str, language: str) -> tuple[Page, list[str]]:
    """A page 360 pixels wide without JavaScript, and a list of what it blocks, fetches elsewhere or finds broken."""
    context = await browser.new_context(
        base_url=address, java_script_enabled=False, locale=language, viewport={"width": 360, "height": 740}
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    page.on("request", lambda request: None if request.url.startswith(address) else complaints.append(request.url))
    page.on("response", lambda response: complaints.append(response.url) if response.status >= 500 else None)
    return page, complaints


async def typed(page: Page, *values: str) -> str:
    """Type into the focused field and the ones after it, then press Enter; returns the next page's first heading."""
    await page.locator("input:focus").wait_for()
    await page.keyboard.type(values[0])
    for value in values[1:]:
        await page.keyboard.press("Tab")
        await page.keyboard.type(value)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    return await heading(page)


async def heading(page: Page) -> str:
    """The page's first heading; the page must fit its width and speak one language."""
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360, f"{page.url} is {width} pixels wide"
    return await page.inner_text("h1")


@pytest.mark.parametrize("language", STORY)
async def test_customer_finishes_by_keyboard(house: House, browser: Browser, address: str, language: str) -> None:
    """From the form to the new password with Tab and Enter, in the customer's language, fetching nothing elsewhere."""
    forgot, thanks, changed = STORY[language]
    page, complaints = await a_phone(browser, address, language)
    account = await house.add(make_account(language=language))
    await page.goto("/lost/shop")
    assert await heading(page) == forgot
    assert await typed(page, account.login, account.address) == thanks
    await page.goto(f"/reset/{await house.link(account)}")
    await heading(page)
    await typed(page, "abc", "abc")
    assert await page.locator("[aria-invalid=true]").count() == 1
    assert await page.locator("html").get_attribute("lang") == language
    assert await typed(page, GOOD_PASSWORD, GOOD_PASSWORD) == changed
    assert complaints == []
    current = await house.desk.store.get(Account, account.id)
    assert current
    assert current.credentials == account.credentials + 1


async def test_code_leads_on_by_keyboard(house: House, browser: Browser, address: str) -> None:
    """The code's field has the focus; Enter verifies, and the next field to type into is the new password's."""
    page, _ = await a_phone(browser, address, "fr")
    account = await house.add(make_account(service="opc"))
    token, digits = await house.code(account)
    await page.goto(f"/code/{token}")
    assert await heading(page) == "Renforcement de la sécurité anti-fraude"
    assert await typed(page, digits) == "Choisissez un nouveau mot de passe"
    assert await typed(page, GOOD_PASSWORD, GOOD_PASSWORD) == "Votre mot de passe est mis à jour"


async def test_language_switch_keeps_the_page(house: House, browser: Browser, address: str) -> None:
    """One click on a language shows the same page in it, and the form goes on in it."""
    page, _ = await a_phone(browser, address, "fr")
    account = await house.add(make_account())
    await page.goto(f"/reset/{await house.link(account)}")
    await page.get_by_text("Türkçe").click()
    assert await heading(page) == "Yeni bir şifre belirleyin"
    await page.fill("#password", GOOD_PASSWORD)
    await page.fill("#again", GOOD_PASSWORD)
    await page.get_by_role("button").click()
    assert await heading(page) == "Şifreniz değiştirildi"


async def test_link_opened_from_a_mailbox_works(house: House, browser: Browser, address: str) -> None:
    """Coming from another site, as webmail does, and twice: the form in the first tab is as good as the second's."""
    page, _ = await a_phone(browser, address, "en")
    token = await house.link(await house.add(make_account(language="en")))
    for tab in (page, await page.context.new_page()):
        await tab.goto(f"data:text/html,<a href='{address}/reset/{token}'>open</a>")
        await tab.get_by_text("open").click()
        await tab.wait_for_url("**/reset/**")
    await page.bring_to_front()
    assert await typed(page, GOOD_PASSWORD, GOOD_PASSWORD) == "Your password has been changed"
