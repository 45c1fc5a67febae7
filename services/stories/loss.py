"""The desk is killed right after a click, in Turkish: what was promised is kept after the next start."""

from __future__ import annotations

import asyncio

from demo import cards
from demo.house import sample
from demo.slack import MARC
from demo.story import QUIET, Step, Story, require, shows

ADDRESS = "emre.kaya@kaya-ticaret.example"
TOO_LONG = "Bir-iki-üç-dört-beş-6"  # 21 characters where ConnectProf takes 20 (CP.15)
GOOD = "Uçan-Balon-42"


async def killed(story: Story) -> None:
    """`kill -9` right after the click, and a start: one card and one link."""
    story.expected.add(ADDRESS)
    story.case = (await story.write(sample("07"))).case
    await story.click(story.case, "send_link", MARC.id)
    await story.house.desk.kill()
    await story.house.desk.start()
    story.link = (await story.mailed_link(ADDRESS)).link
    await story.turns(story.case, "Sent")
    await asyncio.sleep(QUIET)
    await story.mailed_link(ADDRESS)
    same = [card.case for card in await cards.cards(story.house.slack) if card.case == story.case]
    require(len(same) == 1, f"one card of {story.case}", len(same))


async def redeemed(story: Story) -> None:
    """The link works, in Turkish and with ConnectProf's rules: 8 to 20 characters of four kinds (CP.15, CP.16)."""
    page = await story.browser.open(story.link)
    require(page.language == "tr", "a page in Turkish", page.language)
    shows(await story.browser.submit(page, password=TOO_LONG, again=TOO_LONG), 422, "20")
    page = await story.browser.open(story.link)
    shows(await story.browser.submit(page, password=GOOD, again=GOOD), 200, "Şifreniz değiştirildi")
    await story.turns(story.case, "Done")


STEPS: tuple[Step, ...] = (killed, redeemed)
