"""The stories that the demonstration plays, one for each service and some for all, in the order they are played.

The accounts and mails they start from lie beside them; docs/stories.md tells the same stories to people.
"""

from __future__ import annotations

from demo.story import Step
from services.stories import (
    connectprof,
    end,
    esp,
    forged,
    loss,
    o2switch,
    opcommerce,
    others,
    profile,
    refusal,
    shopfactory,
)

CHAPTERS: dict[str, tuple[Step, ...]] = {
    "A forgotten password, in French": shopfactory.STEPS,
    "A registered address follows the profile": profile.STEPS,
    "The same mail again, strangers, and the form on the portal": others.STEPS,
    "L'Opcommerce: a sign-in code, and a forgotten password": opcommerce.STEPS,
    "ConnectProf: details, a second factor, closed and back again": connectprof.STEPS,
    "ESP Websites: a temporary password": esp.STEPS,
    "o2switch: documents, two who agree, and 72 hours": o2switch.STEPS,
    "No": refusal.STEPS,
    "A forged sender": forged.STEPS,
    "The power fails": loss.STEPS,
    "At the end": end.STEPS,
}

SERVICE = "shopfactory"
"""The one whose sign-in is named first."""

TRY = """\
Nine people and a robot have just written. Try this; docs/stories.md has a story for each of the five services:

  1. Slack: find the card "Password reset" of login durand42 and press "Send reset link". The card follows by itself.
  2. Inbox: open the letter for marie.durand@… and press its button. Try the password "court", then a good one.
  3. Slack: the card is done, and says who did what when. Inbox: Marie was told. Her link is dead.
  4. Slack: the card of L'Opcommerce: press "Send one-time code", then type the six digits from the inbox on the portal.
  5. Slack: the webmaster's card (o2switch) has no button that sends anything, and says why. Refuse it.
  6. Slack: type  /recover help  or  /recover find durand42  in the channel.
"""
"""What whoever started the demonstration is told to try first."""
