"""What has to hold over everything that was played."""

from __future__ import annotations

import csv

from demo.house import ACCOUNTS
from demo.story import Step, Story, require


async def whole(story: Story) -> None:
    """`bot.py audit --verify` finds the trail whole."""
    await story.bot("audit", "--verify")


async def nobody_else(story: Story) -> None:
    """Nothing was mailed to anybody else; links, codes, passwords to registered addresses, or to confirm a new one."""
    with ACCOUNTS.open(encoding="utf-8", newline="") as rows:
        registered = {address for row in csv.DictReader(rows) for address in (row["address"], row["profile_address"])}
    for letter in story.house.inbox.letters:
        opens = (letter.link or letter.digits or letter.password) and not letter.leads_to("address")
        allowed = story.expected & registered if opens else story.expected
        require(len(letter.recipients) == 1 and letter.to in allowed, f"one of {sorted(allowed)}", letter.to)


async def no_secrets(story: Story) -> None:
    """Neither Slack nor the desk's log has seen a link, a code, a password or a full address."""
    log = story.house.desk.log.read_text(encoding="utf-8", errors="replace")
    shown = "\n".join(str(message) for message in await story.house.slack.messages())
    letters = story.house.inbox.letters
    secrets = {letter.link.rpartition("/")[2] for letter in letters} | {letter.digits for letter in letters}
    secrets |= {letter.password for letter in letters}
    for secret in (secrets | story.expected) - {""}:
        require(secret not in log, "a log without it", secret)
        require(secret not in shown, "a channel without it", secret)


STEPS: tuple[Step, ...] = (whole, nobody_else, no_secrets)
