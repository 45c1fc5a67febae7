"""A customer at a browser, who reads pages and fills forms in."""

from __future__ import annotations

from playwright.async_api import Page, expect

from demo.letters import Letter


class Customer:
    """One customer's browser with one page open."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open(self, url: str) -> None:
        """Open an address, as from a letter."""
        await self.page.goto(url)

    async def open_letter(self, letter: Letter) -> None:
        """Look at a letter as a mail program shows it."""
        await self.page.goto("about:blank")
        await self.page.set_content(letter.html)

    async def press_in_letter(self, letter: Letter) -> None:
        """Look at a letter, and press its button."""
        await self.open_letter(letter)
        await self.page.locator(".button a").click()

    async def fill(self, button: str, **fields: str) -> None:
        """Type into the page's fields by their names, and press the button that says so."""
        for name, text in fields.items():
            await self.page.locator(f'main [name="{name}"]').first.fill(text)
        await self.press(button)

    async def press(self, button: str) -> None:
        """Press the button that says so."""
        await self.page.get_by_role("main").get_by_role("button", name=button, exact=True).first.click()

    async def reads(self, *words: str) -> None:
        """The page says all of this."""
        for sentence in words:
            await expect(self.page.get_by_role("main")).to_contain_text(sentence)

    async def text(self) -> str:
        """All that the page's main part says."""
        return await self.page.get_by_role("main").inner_text()

    async def titled(self, heading: str) -> None:
        """The page's heading."""
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
