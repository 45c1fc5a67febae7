"""The registered address is not the one in the profile (SF.3): it follows, unless the old one objects (SF.4)."""

from __future__ import annotations

from demo.house import sample
from demo.slack import AYSE, MARC, NORA, ticked
from demo.story import Step, Story, require, shows

OLD = "claire.martin@fleurs-martin.example"
PROFILE = "claire@fleurs-martin-lyon.example"


async def no_reset(story: Story) -> None:
    """A customer writes from the profile's address: no link can be sent, and the card says what has to come first."""
    story.expected |= {OLD, PROFILE}
    card = await story.write(sample("10"))
    require("send_link" not in card.buttons, "no way to send a link", card.buttons)
    require("the registered address has to follow it first" in card.text, "why not", card.text)
    story.case = card.case


async def proposed(story: Story) -> None:
    """An agent proposes the change; the old address is told, and the profile's one gets a code, nobody else (SF.4)."""
    await story.click(story.case, "change_address", AYSE.id)
    await story.house.slack.submit(ticked("sure", "yes"), AYSE.id)
    told = await story.letter(lambda one: one.to == OLD, f"a notice for {OLD}")
    require(bool(told.leads_to("stop")) and not told.digits, "a way to stop it, and no code", told.text)
    letter = await story.letter(lambda one: one.to == PROFILE and bool(one.digits), f"a code for {PROFILE}")
    story.link = letter.link


async def confirmed(story: Story) -> None:
    """The customer types the code; nothing is registered yet."""
    letter = await story.letter(lambda one: one.link == story.link, "the code")
    page = await story.browser.open(letter.link)
    done = await story.browser.submit(page, code=letter.digits)
    shows(done, 200, "cette adresse est confirmée", "pas encore enregistrée")


async def approved(story: Story) -> None:
    """Nobody approves their own case: not the proposer, but a colleague; then the old address has 24 hours."""
    await story.card(lambda card: card.case == story.case and "the new address was confirmed" in card.text, "it")
    await story.click(story.case, "approve", AYSE.id)
    await story.click(story.case, "approve", MARC.id)
    await story.card(lambda card: card.case == story.case and "agreed, not done yet" in card.text, "an agreement")
    trail = [(entry["event"], entry["by"]) for entry in await story.trail(story.case)]
    require(("action.denied", AYSE.id) in trail, "the proposer refused", trail)
    require(("action.approved", MARC.id) in trail, "a colleague's approval", trail)


async def stopped(story: Story) -> None:
    """The old address says that it was not them: one button, no sign-in; account and case are frozen."""
    told = await story.letter(lambda one: one.to == OLD and "va changer" in one.subject, "when it will change")
    page = await story.browser.open(told.leads_to("stop"))
    shows(await story.browser.submit(page), 200, "Tout est arrêté")
    await story.turns(story.case, "Frozen")
    trail = [entry["event"] for entry in await story.trail(story.case)]
    require("address.stopped" in trail and "address.changed" not in trail, "a change that was stopped", trail)


async def lifted(story: Story) -> None:
    """An approver who took no part lifts the freeze; what was proposed before stays dead."""
    await story.click(story.case, "approve", NORA.id)
    card = await story.turns(story.case, "New")
    require("lifted the freeze" in card.text, "who lifted it", card.text)
    links = story.house.inbox.of(lambda one: bool(one.leads_to("reset")) and one.to in (OLD, PROFILE))
    require(not links, "no reset link", [letter.to for letter in links])


STEPS: tuple[Step, ...] = (no_reset, proposed, confirmed, approved, stopped, lifted)
