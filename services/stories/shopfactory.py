"""A customer of ShopFactory has forgotten the password: mail, card, click, link, new password."""

from __future__ import annotations

import json

from demo.house import sample
from demo.slack import AYSE, VISITOR
from demo.story import Step, Story, require, shows

ADDRESS = "marie.durand@boutique-durand.example"
WEAK = "court"
GOOD = "Sept cerfs-volants orange"
HOSTING = "Neuf phares sous la neige"


async def one_card(story: Story) -> None:
    """A French mail from the registered address makes one card in the channel within 2 seconds."""
    story.expected.add(ADDRESS)
    card = await story.write(sample("01"), seconds=2)
    require("durand42" in card.text, "a card that names durand42", card.text)
    require("send_link" in card.buttons, "a button send_link", card.buttons)
    story.case = card.case


async def acknowledged(story: Story) -> None:
    """The writer gets a neutral acknowledgement, without a link."""
    letter = await story.letter(lambda one: one.to == ADDRESS, f"an acknowledgement for {ADDRESS}")
    require(letter.is_acknowledgement and not letter.link, "an acknowledgement without a link", letter.headers)
    require(letter.sender == "", "a null return path", letter.sender)


async def unlisted(story: Story) -> None:
    """The click of somebody who is not on the list of agents is refused, and is on the trail."""
    await story.click(story.case, "send_link", VISITOR.id)
    denied = [entry for entry in await story.trail(story.case) if entry["event"] == "action.denied"]
    require([entry["by"] for entry in denied] == [VISITOR.id], "one denied attempt by the visitor", denied)
    answers = [one for one in await story.house.slack.messages() if one.get("ephemeral_to") == VISITOR.id]
    require(len(answers) == 1 and "not on the list" in answers[0]["text"], "a word to the visitor alone", answers)
    links = story.house.inbox.of(lambda one: bool(one.link))
    require(not links, "no link in any mailbox", [letter.to for letter in links])


async def one_link(story: Story) -> None:
    """An agent's click on `send_link` mails a link to the registered address and to no other."""
    await story.click(story.case, "send_link", AYSE.id)
    letter = await story.mailed_link(ADDRESS)
    require(letter.recipients == (ADDRESS,), f"{ADDRESS} alone in the envelope", letter.recipients)
    require(not letter.mail["Cc"] and not letter.mail["Bcc"], "no other recipient in the headers", letter.headers)
    require(letter.link.startswith(f"{story.house.portal}/reset/"), "a link to the portal", letter.link)
    story.link = letter.link
    await story.turns(story.case, "Sent")


async def looking(story: Story) -> None:
    """Opening the link ten times changes nothing."""
    before = await _case(story)
    for _ in range(10):
        shows(await story.browser.open(story.link), 200, "nouveau mot de passe")
    after = await _case(story)
    require(before == after, f"the case as it was: {before}", after)


async def weak(story: Story) -> None:
    """A password that breaks the policy is refused with the reason, and the link stays."""
    page = await story.browser.open(story.link)
    shows(await story.browser.submit(page, password=WEAK, again=WEAK), 422, "trop court", "12")
    shows(await story.browser.open(story.link), 200, "nouveau mot de passe")


async def good(story: Story) -> None:
    """A good password is set; the page says what remains to be done at ShopFactory."""
    page = await story.browser.open(story.link)
    done = await story.browser.submit(page, password=GOOD, again=GOOD)
    shows(done, 200, "mot de passe est mis à jour", "Réenregistrez votre logiciel", "hébergement")


async def told(story: Story) -> None:
    """The card says who did what and has no button left that sends, and a notice goes to the registered address."""
    card = await story.turns(story.case, "Done")
    require("send_link" not in card.buttons, "no button that sends on a card that is over", card.buttons)
    require("Ayşe Demir sent a reset link" in card.text, "who sent the link", card.text)
    notice = await story.letter(
        lambda one: one.to == ADDRESS and not one.link and not one.is_acknowledgement, f"a notice for {ADDRESS}"
    )
    require("durand42" in notice.text and not notice.digits, "a notice that names the login", notice.text)


async def used(story: Story) -> None:
    """The link is dead: a second use says that it has been used."""
    shows(await story.browser.open(story.link), 410, "déjà utilisé")


async def old_password(story: Story) -> None:
    """The hosting password is behind the sign-in, which takes the new password of the account and no other (SF.17)."""
    page = await story.browser.open(f"{story.house.portal}/sign-in/shopfactory")
    page = await story.browser.submit(page, name="durand42")
    shows(await story.browser.submit(page, password=WEAK), 422, "incorrect")
    account = await story.browser.submit(page, password=GOOD)
    shows(account, 200, "durand42", "Changer le mot de passe d’hébergement")


async def hosting(story: Story) -> None:
    """It is typed and confirmed without a mail; a notice says how to publish with it (SF.18, SF.19)."""
    page = await story.browser.open(f"{story.house.portal}/account/hosting")
    done = await story.browser.submit(page, old=GOOD, password=HOSTING, again=HOSTING)
    shows(done, 200, "mot de passe d’hébergement a été")
    notice = await story.letter(lambda one: one.to == ADDRESS and "hébergement" in one.subject, "a notice about it")
    require(not notice.link and not notice.digits, "neither link nor code", notice.text)
    require("Publier votre site sur le Net" in notice.text, "how to publish", notice.text)


async def steps(story: Story) -> None:
    """What remains is ticked off in its order: a later step is not taken before an earlier one (SF.13 to SF.19)."""
    page = await story.browser.open(f"{story.house.portal}/account/steps")
    page = await story.browser.submit(page, kind="reset", step="3")
    shows(page, 200, "Étapes terminées : 0 sur 6")
    for step in range(1, 7):
        page = await story.browser.submit(page, kind="reset", step=str(step))
    shows(page, 200, "Tout est terminé")


async def _case(story: Story) -> tuple[str, int]:
    case = json.loads(await story.bot("case", story.case, "--json"))
    return case["state"], case["version"]


STEPS: tuple[Step, ...] = (
    one_card,
    acknowledged,
    unlisted,
    one_link,
    looking,
    weak,
    good,
    told,
    used,
    old_password,
    hosting,
    steps,
)
