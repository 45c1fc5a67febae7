"""What customers of any service do at the sign-in: both its pages, and the way to a forgotten password."""

from __future__ import annotations

from demo.browser import Browser, Page
from demo.story import Story, shows


async def sign_in(story: Story, browser: Browser, service: str, name: str, password: str) -> Page:
    """Login or address, then password; the page that follows."""
    page = await browser.open(f"{story.house.portal}/sign-in/{service}")
    shows(page, 200, "Se connecter")
    page = await browser.submit(page, name=name)
    shows(page, 200, "Saisir votre mot de passe", name)
    return await browser.submit(page, password=password)


async def forget(story: Story, browser: Browser, service: str, address: str) -> Page:
    """From the password's page to the request for help, without typing the address again."""
    page = await browser.open(f"{story.house.portal}/sign-in/{service}")
    page = await browser.submit(page, name=address)
    page = await browser.submit(page, look="1")
    shows(page, 200, "Mot de passe oublié", "Continuer")
    return await browser.submit(page, address=address)
