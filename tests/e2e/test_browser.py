"""People with a real browser: an agent in Slack's page, a customer in the inbox and on the portal."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import BrowserContext, Page, expect

from demo.house import House, sample
from tests.chromium import open_browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("e2e")]

GOOD = "Sept cerfs-volants orange"


@pytest.fixture
async def person(chromium_path: str) -> AsyncIterator[BrowserContext]:
    """A French browser with the width of a laptop."""
    async with open_browser(chromium_path) as chromium:
        context = await chromium.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(15_000)
        yield context


async def slack(house: House, person: BrowserContext, name: str) -> Page:
    """Slack's page, as somebody of the workspace; dialogs are answered with yes."""
    page = await person.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(house.slack.url)
    await page.get_by_label("Act as").select_option(label=name)
    return page


async def letter(house: House, person: BrowserContext, subject: str) -> Page:
    """The newest letter with that subject, opened in the inbox once it is there."""
    page = await person.new_page()
    await page.goto(house.inbox.url)
    await page.get_by_role("link", name=subject).first.click()
    return page


async def test_a_customer_is_back_in_after_one_click(running: House, person: BrowserContext) -> None:
    """The agent clicks in Slack; the customer opens the letter, follows the link and sets a new password."""
    await running.send(sample("01"))
    channel = await slack(running, person, "Ayşe Demir")
    await channel.get_by_role("button", name="Send reset link").click()
    await expect(channel.get_by_text("Sent: the customer has a letter and has not used it yet")).to_be_visible()

    opened = await letter(running, person, "ShopFactory : réinitialisation de votre mot de passe")
    async with opened.expect_popup() as popup:
        await opened.frame_locator("iframe").get_by_role("link", name="Choisir un nouveau mot de passe").click()
    page = await popup.value
    await set_password(page, "court")
    await expect(page.get_by_role("main")).to_contain_text("Il est trop court")
    await set_password(page, GOOD)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Votre mot de passe est mis à jour")

    await expect(channel.get_by_text("Done: the customer has a new password")).to_be_visible()
    await expect(channel.get_by_role("button", name="Send reset link")).to_have_count(0)
    notice = await letter(running, person, "mot de passe a été")
    await expect(notice.frame_locator("iframe").get_by_text("durand42")).to_be_visible()


async def test_a_stranger_to_the_list_is_turned_away(running: House, person: BrowserContext) -> None:
    """Somebody who is not an agent presses the button and is told so; nothing happens to the case."""
    await running.send(sample("01"))
    channel = await slack(running, person, "Vera Visitor")
    await channel.get_by_role("button", name="Send reset link").click()
    await expect(channel.get_by_text("You are not on the list of agents")).to_be_visible()
    await expect(channel.get_by_text("New: nobody has taken this yet")).to_be_visible()


async def test_an_agent_refuses_with_a_reason(running: House, person: BrowserContext) -> None:
    """The dialog asks for the reason; the card says who refused and why, and offers nothing more."""
    await running.send(sample("04"))
    channel = await slack(running, person, "Marc Petit")
    await channel.get_by_role("button", name="Refuse…").click()
    await channel.get_by_label("The writer is not the owner").check()
    await channel.get_by_role("button", name="Refuse the request").click()
    await expect(channel.get_by_text("Refused:")).to_be_visible()
    await expect(channel.get_by_text("Marc Petit refused the request")).to_be_visible()
    await expect(channel.get_by_role("button", name="Refuse…")).to_have_count(0)


async def set_password(page: Page, password: str) -> None:
    """Type a password twice and send the form."""
    await page.get_by_label("Nouveau mot de passe", exact=True).fill(password)
    await page.get_by_label("Confirmez le nouveau mot de passe").fill(password)
    await page.get_by_role("button", name="Réinitialiser le mot de passe").click()
