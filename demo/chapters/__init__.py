"""The chapters of the story, in the order they are played."""

from demo.chapters import code, end, link, loss, others, refusal
from demo.story import Step

CHAPTERS: dict[str, tuple[Step, ...]] = {
    "A forgotten password, in French": link.STEPS,
    "The same mail again, strangers, and the form on the portal": others.STEPS,
    "A sign-in code": code.STEPS,
    "No": refusal.STEPS,
    "The power fails": loss.STEPS,
    "At the end": end.STEPS,
}
