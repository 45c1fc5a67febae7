"""Jane Miller at ConnectProf: details that were missing, a second factor, an account closed and back again."""

from __future__ import annotations

import re
from time import time

import pyotp

from demo.browser import Page
from demo.letters import Letter
from demo.slack import AYSE
from demo.story import Step, Story, require, shows
from services.stories.others import MILLER as JANE

GOOD = "Blue-Harbour7"
PERIOD = 30
_KEY = re.compile(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}")
_RECOVERY = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b")


async def waits(story: Story) -> None:
    """Jane's case waits: the letter says why, its page asks for what is missing and nothing else (CP.1, CP.2, CP.6)."""
    card = await story.card(lambda card: "jane.miller" in card.text, "Jane's card")
    require(card.shows("Waiting") and "send_link" not in card.buttons, "a case that waits", card.text)
    story.case = card.case
    letter = await _letter(story, "we need some details before we can help")
    page = await story.browser.open(letter.leads_to("information"))
    shows(page, 200, "City", "Date of birth")
    asked = set(page.forms[0].fields) - {"token"}
    require(asked == {"city", "born"}, "the two that are missing", asked)
    story.link = str(page.url)


async def completed(story: Story) -> None:
    """One detail is kept, the other still asked for; with both, the case goes on by itself (CP.1)."""
    page = await story.browser.submit(await story.browser.open(story.link), city="Whitby")
    shows(page, 200, "we have kept what you gave", "Date of birth")
    shows(await story.browser.submit(page, born="1984-05-06"), 200, "nothing is missing any more")
    await story.turns(story.case, "New")


async def back_in(story: Story) -> None:
    """Now staff can act: a link, and a password of 8 to 20 characters of four kinds (CP.15, CP.16)."""
    await story.click(story.case, "send_link", AYSE.id)
    page = await story.browser.open((await story.mailed_link(JANE)).link)
    weak = await story.browser.submit(page, password="harbour7", again="harbour7")
    shows(weak, 422, "It needs a capital letter.", "It needs a special character", "too easy to guess")
    shows(await story.browser.submit(weak, password=GOOD, again=GOOD), 200, "Renew your password every 90 days")
    await story.turns(story.case, "Done")


async def second_factor(story: Story) -> None:
    """She signs in and links an app, by QR code or typed key; ten recovery codes are shown once (CP.9, CP.10)."""
    shows(await _sign_in(story), 200, "Your account", JANE)
    page = await story.browser.open(f"{story.house.portal}/account/second-factor")
    page = await story.browser.submit(page, method="totp", password=GOOD)
    key = _KEY.search(page.text)
    require(bool(key), "a key to type into an app", page.text)
    app = pyotp.TOTP(key[0].replace(" ", "") if key else "")
    shows(await story.browser.submit(page, code=app.at(time() - 10 * PERIOD)), 422, "This code is not right")
    story.link = app.secret
    digits = app.at(time())
    codes = await story.browser.submit(page, code=digits)
    shows(codes, 200, "Two-step verification is on")
    story.kept = [digits, *_RECOVERY.findall(codes.text)]
    require(len(story.kept) == 11, "ten recovery codes", codes.text)
    await _letter(story, "two-step verification is on")


async def asked(story: Story) -> None:
    """From then on every sign-in asks for the app's code, and takes no code twice (CP.11, CP.27)."""
    await _sign_out(story)
    page = await _sign_in(story)
    shows(page, 200, "Open your authenticator app")
    app = pyotp.TOTP(story.link)
    shows(await story.browser.open(f"{story.house.portal}/account"), 200, "Open your authenticator app")
    page = await story.browser.submit(page, code=story.kept[0])
    shows(page, 422, "or it was used already")
    shows(await story.browser.submit(page, code=app.at(time() + PERIOD)), 200, "Your account")


async def closed(story: Story) -> None:
    """Closing says that integrations go first, and takes both boxes; a letter says for how long (CP.19 to CP.23)."""
    page = await story.browser.open(f"{story.house.portal}/account/close")
    shows(page, 200, "Your integrations are closed first: Marketplace One and Cargo Two.", "deleted for good")
    page = await story.browser.submit(page, warnings="yes", deletion="", password=GOOD)
    shows(page, 422, "Tick this box if you agree.")
    done = await story.browser.submit(page, warnings="yes", deletion="yes", password=GOOD)
    shows(done, 200, "Your account is closed", "Can be reopened until")
    letter = await _letter(story, "your account is closed")
    require("Integrations stay off" in letter.text, "what stays off", letter.text)


async def reopened(story: Story) -> None:
    """Signing in, here with a recovery code, asks before it reopens; the integrations stay off (CP.20, CP.25)."""
    await _sign_in(story)
    page = await story.browser.open(f"{story.house.portal}/sign-in/connectprof/factor?recovery&lang=en")
    page = await story.browser.submit(page, code=story.kept[1])
    shows(page, 200, "Reopen your account?", "Stay closed", "Marketplace One and Cargo Two")
    shows(await story.browser.submit(page), 200, "Your account", JANE)
    await _letter(story, "your account is open again")
    shows(await story.browser.open(f"{story.house.portal}/account/close"), 200, "none runs at the moment")


async def told(story: Story) -> None:
    """The trail has it all, in its order."""
    entries = await story.trail("jane.miller")
    wanted = ["account.factor_added", "account.closed", "account.recovery_code_used", "account.reactivated"]
    seen = [entry["event"] for entry in entries if entry["event"] in wanted]
    require(seen == wanted, f"{', '.join(wanted)}", seen)


async def _sign_in(story: Story) -> Page:
    page = await story.browser.open(f"{story.house.portal}/sign-in/connectprof")
    page = await story.browser.submit(page, name=JANE)
    return await story.browser.submit(page, password=GOOD)


async def _sign_out(story: Story) -> None:
    shows(await story.browser.submit(await story.browser.open(f"{story.house.portal}/account")), 200, "signed out")


async def _letter(story: Story, subject: str) -> Letter:
    return await story.letter(lambda one: one.to == JANE and subject in one.subject, f"{subject!r} for {JANE}")


STEPS: tuple[Step, ...] = (waits, completed, back_in, second_factor, asked, closed, reopened, told)
