"""Customers of a store on ESP Websites: a temporary password by mail, and one of their own in its place."""

from __future__ import annotations

from demo.browser import Page, browser
from demo.house import sample
from demo.letters import Letter
from demo.slack import AYSE
from demo.story import Step, Story, require, shows
from services.stories.signing_in import forget, sign_in

HUGO = "hugo.bernard@courrier.example"
SOPHIE = "sophie.clarke@letters.example"
NOBODY = "personne@boutique-inconnue.example"
GOOD = "Une lampe sous la pluie"


async def asked(story: Story) -> None:
    """Two customers and a stranger have forgotten their password, and read the same page (ESP.17)."""
    story.expected |= {HUGO, SOPHIE}
    pages = [await _asked(story, address) for address in (HUGO, SOPHIE, NOBODY)]
    shows(pages[0], 200, "mot de passe temporaire", "1 heure")
    require(pages[0] == pages[1] == pages[2], f"one page for all: {pages[0].text}", [page.text for page in pages])


async def mailed(story: Story) -> None:
    """The two get a temporary password of their own, alone on its line, in their language; no link, no code (ESP.5)."""
    hugos, sophies = await _newest(story, HUGO), await _newest(story, SOPHIE)
    require("Your password has been reset to" in sophies.text, "the sentence of the page (ESP.6)", sophies.text)
    require(hugos.password != sophies.password, "two passwords", "one")
    secrets = [letter.subject for letter in (hugos, sophies) if letter.link or letter.digits]
    require(not secrets, "neither link nor code", secrets)
    others = story.house.inbox.of(lambda one: one.to == NOBODY)
    require(not others, f"nothing for {NOBODY}", [letter.subject for letter in others])


async def once(story: Story) -> None:
    """It signs in once, and leads to the page that changes it and nowhere else (ESP.9, ESP.16)."""
    password = (await _newest(story, HUGO)).password
    page = await sign_in(story, story.browser, "esp", HUGO, password)
    shows(page, 200, "mot de passe temporaire", "ne servait qu’une fois")
    account = await story.browser.open(f"{story.house.portal}/account")
    shows(account, 200, "Choisissez un nouveau mot de passe")
    async with browser() as theirs:
        shows(await sign_in(story, theirs, "esp", HUGO, password), 422, "est incorrect")


async def changed(story: Story) -> None:
    """It cannot be the password to keep; one of his own can, and he is told by mail (ESP.13, ESP.14)."""
    password = (await _newest(story, HUGO)).password
    page = await story.browser.open(f"{story.house.portal}/account")
    kept = await story.browser.submit(page, old=password, password=password, again=password)
    shows(kept, 422, "déjà utilisé ce mot de passe")
    done = await story.browser.submit(kept, old=password, password=GOOD, again=GOOD)
    shows(done, 200, "Votre mot de passe a été changé", HUGO)
    await story.letter(lambda one: one.to == HUGO and "a été modifié" in one.subject, "the notice of the change")


async def by_staff(story: Story) -> None:
    """He writes to support as well: an agent's click mails another one, and the card tells (ESP.18)."""
    before = (await _newest(story, HUGO)).number
    story.case = (await story.write(sample("08"))).case
    await story.click(story.case, "send_temporary_password", AYSE.id)
    await story.letter(lambda one: one.to == HUGO and one.number > before and bool(one.password), "a newer one")
    card = await story.turns(story.case, "Sent")
    require("Ayşe Demir sent a temporary password" in card.text, "who sent it", card.text)


async def still(story: Story) -> None:
    """Asking locks nobody out: his own password signs in until the temporary one is used; then the card is done."""
    async with browser() as theirs:
        shows(await sign_in(story, theirs, "esp", HUGO, GOOD), 200, "Votre compte")
        password, own = (await _newest(story, HUGO)).password, f"{GOOD} encore"
        page = await sign_in(story, theirs, "esp", HUGO, password)
        shows(await theirs.submit(page, old=password, password=own, again=own), 200, "Votre compte")
    await story.turns(story.case, "Done")


async def _asked(story: Story, address: str) -> Page:
    async with browser() as theirs:
        return await forget(story, theirs, "esp", address)


async def _newest(story: Story, address: str) -> Letter:
    """The last letter with a temporary password in that mailbox, once there is one."""
    await story.letter(lambda one: one.to == address and bool(one.password), f"a temporary password for {address}")
    return story.house.inbox.of(lambda one: one.to == address and bool(one.password))[-1]


STEPS: tuple[Step, ...] = (asked, mailed, once, changed, by_staff, still)
