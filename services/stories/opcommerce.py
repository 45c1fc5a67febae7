"""A customer of L'Opcommerce waits for a sign-in code: the code by mail, a wrong one, the right one, a new password."""

from __future__ import annotations

import re

from demo.house import sample
from demo.slack import AYSE
from demo.story import Step, Story, require, shows

ADDRESS = "nathalie.fontaine@formation-fontaine.example"
SUBJECT = "L'Opcommerce : votre code de connexion temporaire."  # OC.5, to the letter
GOOD = "Trois pommes vertes 1911"


async def mailed(story: Story) -> None:
    """An agent's click on `send_code` mails six digits under the exact subject L'Opcommerce promises (OC.5)."""
    story.expected.add(ADDRESS)
    story.case = (await story.write(sample("02"))).case
    await story.click(story.case, "send_code", AYSE.id)
    letter = await story.mailed_link(ADDRESS)
    require(letter.subject == SUBJECT, SUBJECT, letter.subject)
    require(len(letter.digits) == 6, "six digits alone on a line (OC.4)", letter.text)
    story.link = letter.link


async def wrong(story: Story) -> None:
    """A wrong code says how many tries are left."""
    page = await story.browser.open(story.link)
    shows(page, 200, "n•••")
    digits = (await story.mailed_link(ADDRESS)).digits
    other = f"{(int(digits) + 1) % 1_000_000:06d}"
    shows(await story.browser.submit(page, code=other), 422, "Il vous reste 4 essais")


async def right(story: Story) -> None:
    """The right code leads on to the new password, which has 13 characters or more (OC.12)."""
    digits = (await story.mailed_link(ADDRESS)).digits
    page = await story.browser.submit(await story.browser.open(story.link), code=digits)
    shows(page, 200, "nouveau mot de passe", "13")
    shows(await story.browser.submit(page, password=GOOD[:12], again=GOOD[:12]), 422, "13")
    page = await story.browser.open(page.url)
    done = await story.browser.submit(page, password=GOOD, again=GOOD)
    shows(done, 200, "mot de passe est mis à jour", "Reconnectez-vous au portail")


async def told(story: Story) -> None:
    """The card says that the customer is back in, and the code is dead."""
    card = await story.turns(story.case, "Done")
    told = re.search(r"One-time code sent .*; typed .*; password set", card.text)
    require(bool(told) and "Reset link" not in card.text, "a card that speaks of a code, not of a link", card.text)
    shows(await story.browser.open(story.link), 410, "déjà utilisé")


STEPS: tuple[Step, ...] = (mailed, wrong, right, told)
