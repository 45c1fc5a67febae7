"""Customers of L'Opcommerce: one whose sign-in code never came, and one who has forgotten the password."""

from __future__ import annotations

import re

from demo.browser import browser
from demo.house import sample
from demo.letters import Letter
from demo.slack import AYSE
from demo.story import Step, Story, require, shows
from services.stories.signing_in import forget, sign_in

ADDRESS = "nathalie.fontaine@formation-fontaine.example"
SUBJECT = "L'Opcommerce : votre code de connexion temporaire."  # OC.5, to the letter
GOOD = "Trois pommes vertes 1911"
LUC = "luc.girard@caves-girard.example"
RESET = "L'Opcommerce : demande de renouvellement de votre mot de passe."  # OC.15, to the letter
LOWER = "merles chante"  # thirteen characters, small letters and a space: advice is no rule (OC.22)


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


async def two_steps(story: Story) -> None:
    """In the same browser the customer signs in in two steps, address and password, without a code (OC.1)."""
    page = await sign_in(story, story.browser, "opcommerce", ADDRESS, GOOD)
    shows(page, 200, "Votre compte", ADDRESS)


async def elsewhere(story: Story) -> None:
    """In another browser a code is asked for: mailed once a minute at most, it opens the account (OC.4 to OC.10)."""
    async with browser() as theirs:
        page = await sign_in(story, theirs, "opcommerce", ADDRESS, GOOD)
        shows(page, 200, "Renforcement de la sécurité anti-fraude", "n•••@f••••.example", "10 minutes")
        letter = await story.letter(_is_sign_in_code, f"a code for {ADDRESS}")
        shows(await theirs.submit(page, resend="1"), 429, "C’est trop tôt")
        shows(await theirs.submit(page, code=letter.digits), 200, "Votre compte")


async def forgotten(story: Story) -> None:
    """Another customer has forgotten the password: two clicks from the password's page, and a link comes (OC.13)."""
    story.expected.add(LUC)
    shows(await forget(story, story.browser, "opcommerce", LUC), 200, "nous enverrons un e-mail", "indésirables")
    letter = await story.mailed_link(LUC)
    require(letter.subject == RESET, RESET, letter.subject)
    story.link = letter.link


async def renewed(story: Story) -> None:
    """Thirteen characters are enough, whatever they are; nobody is signed in by the link (OC.17 to OC.19, OC.22)."""
    async with browser() as theirs:
        page = await theirs.open(story.link)
        shows(page, 200, "Conseil", "13")
        shows(await theirs.submit(page, password=LOWER, again=LOWER), 200, "mot de passe est mis à jour")
        page = await theirs.open(f"{story.house.portal}/account")
        require(LUC not in page.text, "no account to be seen yet", page.text)
        shows(await sign_in(story, theirs, "opcommerce", LUC, LOWER), 200, "Votre compte")


def _is_sign_in_code(letter: Letter) -> bool:
    return letter.to == ADDRESS and letter.subject == SUBJECT and not letter.link


STEPS: tuple[Step, ...] = (mailed, wrong, right, told, two_steps, elsewhere, forgotten, renewed)
