"""What speaks for a machine without proving it, weighed against what speaks for a person: two points make a machine.

A field that people's mail systems set as well, a subject that a person may choose, a phrase that a person may use:
each is worth something, and a person's own words ("my password", "could you") take it away again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import get_args

from handlers.model.mail import AutomaticKind
from mailin.forms import is_filled_in, is_handed_on, shows_writer
from mailin.lexicon import patterns
from mailin.seen import Seen
from mailin.text import fold
from mailin.wording import CHARACTERS, QUESTIONS, QUOTED, Sign, wording
from mailin.words import ADDRESS, mailbox

REPORTS = ("bounce_mark", "bounce_subject", "bounce_words", "ack_subject")
ENOUGH = 2.0
ASKS = 0.5  # what it speaks for a person that the text asks for recovery
QUESTION = 2.0  # and that it asks something: machines hardly ever do, beside what `no_question` names
OWN = 1.0  # and that the writer has something of their own ("my invoices")
ELSEWHERE = 0.5  # what it speaks for a machine that another address is named, whom to write to or whom it did not reach
MAILER = 1.0  # and that it was written in a program that people write in
CLEARLY = 3.0  # from where on it is a person's, even against a field that decides over others
NEVER = inf
PERSON = 2.0  # from where on a text is a person's, so that its subject decides nothing
SUBJECT = 1.5  # what a subject may then still be worth
OTHERS = 0.25  # what signs for another kind of machine are worth
KINDS: tuple[AutomaticKind, ...] = get_args(AutomaticKind)
_FOUND = patterns("robots.toml")
NOTICE = 0.25  # what a machine's words are worth in paragraphs below a person's
WORDS = 6  # what a report says is longer
PARAGRAPHS = 8
GREETING = 4  # words of a line that only greets, as machines do, too
FORWARD = re.compile(r"(?:fwd?|tr|ilt|iletilen|wg|vs|vl|enc|rv|doorst|pd|i)(?:\[\d+\]|\(\d+\))? ?:")
SMTP_REPLY = re.compile(r"[45](?<![\d.][45])\d\d[ -]#?[45]\.\d\.\d{1,3}(?![\d.]*\d)")
SENTENCE = re.compile(r"[^.!?\n]+(?:\?(?=[\s?!.)»”\"]|$))?")
SUPPRESSES_ALL = re.compile(r"\ball\b", re.IGNORECASE)
SUPPRESSES_SOME = re.compile(r"\b(?:autoreply|oof|dr|rn|nrn)\b", re.IGNORECASE)
SUBJECTS: tuple[tuple[str, AutomaticKind, float, str], ...] = (
    ("bounce_mark", "bounce", 4.0, "subject of a bounce"),
    ("bounce_subject", "bounce", 1.5, "subject of a bounce"),
    ("bounce_words", "bounce", 1.0, "subject of a bounce"),
    ("reply_mark", "auto_reply", 4.0, "subject of an automatic answer"),
    ("reply_whole", "auto_reply", 1.0, "subject of an automatic answer"),
    ("reply_words", "auto_reply", 1.5, "subject of an automatic answer"),
    ("receipt_subject", "auto_reply", 2.5, "subject of a receipt"),
    ("ack_subject", "auto_reply", 1.5, "subject of an acknowledgement"),
    ("report_subject", "auto_reply", 3.0, "subject of a report"),
    ("monitor_subject", "no_reply", 2.5, "subject of a monitor or a job"),
    ("monitor_words", "no_reply", 1.0, "subject of a monitor or a job"),
    ("gateway_subject", "no_reply", 4.0, "subject of a telephone's or a fax's mail"),
    ("calendar_subject", "auto_reply", 2.0, "subject of an invitation's answer"),
)
"""What a subject that begins so is worth; a mark with a colon is more than words a person may begin with."""


def weighed(seen: Seen) -> tuple[AutomaticKind, str] | None:
    """The kind of machine for which most speaks, if it is enough against what speaks for a person; else None."""
    words = list(_text_signs(seen))
    against = _speaks_for_a_person(seen, words)
    doubtful = list(_doubtful_signs(seen, words))
    sure = [*_sure_signs(seen), *(sign for enough, sign in doubtful if against < enough)]
    subject = list(_subject_signs(seen))
    doubted = against >= PERSON or _is_told_of(seen, words)
    most = SUBJECT if doubted else sum(sign.worth for sign in subject)
    if doubted and not seen.answers and not (words and all(sign.worth < 0 for sign in words)):
        words = list(_text_signs(replace(seen, subject="")))
    signs = [
        *sure,
        *(sign for enough, sign in doubtful if against >= enough),
        *_field_signs(seen),
        *_name_signs(seen),
        *(sign for sign in words if sign.worth > 0),
    ]
    kind, worth, why = _strongest([*signs, *_at_most(most, subject)])
    return (kind, why) if sure or worth - against >= ENOUGH else None


def _speaks_for_a_person(seen: Seen, words: list[Sign]) -> float:
    """What the text says for a person, and the program that it was written in."""
    text = seen.text[:CHARACTERS]
    worth = -sum(sign.worth for sign in words if sign.worth < 0) + (ASKS if seen.asks and text else 0.0)
    worth += OWN if _FOUND["own_thing"].search(fold(QUOTED.sub(" ", text))) else 0.0
    worth += QUESTION if _asks_something(text) else 0.0
    headers = seen.mail.headers
    program = fold(f"{headers.first('x-mailer')} {headers.first('user-agent')}")
    worth += MAILER if _FOUND["peoples_program"].search(program) else 0.0
    return worth


def _is_told_of(seen: Seen, words: list[Sign]) -> bool:
    """Whether the subject is a report's and the text, of several words, is not: somebody tells of a report."""
    report = any(seen.begins(name) for name in REPORTS)
    return report and len(seen.text.split()) >= WORDS and not any(sign.worth > ELSEWHERE for sign in words)


def _asks_something(text: str) -> bool:
    """Whether a sentence is a question, and not one of those that machines have ("Need help?")."""
    sentences = SENTENCE.findall(QUESTIONS.sub("", QUOTED.sub(" ", text))) if "?" in text else ()
    asked = (fold(sentence[-300:]).strip() for sentence in sentences if sentence.endswith("?"))
    return any(len(sentence) > 3 and not _FOUND["no_question"].search(sentence) for sentence in asked)


def _at_most(most: float, signs: list[Sign]) -> Iterator[Sign]:
    """The signs, worth together no more than so much."""
    total = sum(sign.worth for sign in signs)
    yield from (sign._replace(worth=sign.worth * min(1.0, most / total)) for sign in signs)


def _strongest(signs: list[Sign]) -> tuple[AutomaticKind, float, str]:
    """The kind that most speaks for, what all speaks for a machine, and why in a few words.

    What speaks for other kinds is worth little: a person's mail has a bit of each. What a machine of any kind says is
    worth all, and tells the kind only where nothing else does.
    """
    sums = {kind: sum(sign.worth for sign in signs if sign.kind == kind) for kind in KINDS}
    best = max(KINDS, key=lambda kind: sums[kind]) if any(sums.values()) else "auto_reply"
    any_kind = sum(sign.worth for sign in signs if sign.kind == "machine")
    others = sum(sums.values()) - sums[best]
    why = max(signs, key=lambda sign: (sign.kind == best, sign.worth)).why if signs else ""
    return best, sums[best] + any_kind + OTHERS * others, why


def _sure_signs(seen: Seen) -> Iterator[Sign]:
    """Signs that a machine wrote it, whatever its words are; they only tell which kind it is."""
    precedence, told = _precedence(seen), bool(seen.submitted)  # what says that it is a machine's need not say which
    handed_on = is_handed_on(seen)  # by a machine, but a person typed it
    many = precedence == "list" or (precedence in {"bulk", "junk"} and not handed_on)
    if many and not seen.is_own_list and not _is_sent_by_hand(seen):
        yield Sign("machine" if told else "list", 2.5, f"Precedence: {precedence}")
    if seen.is_named("no_reply") and not (handed_on or shows_writer(seen) or _is_own_address(seen)):
        yield Sign("no_reply", 5.0, f"sent by {seen.local}")
    if told and not handed_on:
        yield Sign("machine", 3.0, f"Auto-Submitted: {seen.submitted}")
        yield Sign("no_reply", 0.5, f"Auto-Submitted: {seen.submitted}")  # an answer says so, in a word or another
    if seen.mail_from == "" and not (handed_on or is_filled_in(seen)):
        yield Sign("machine" if told else "bounce", 1.5, "empty return path")


def _doubtful_signs(seen: Seen, words: list[Sign]) -> Iterator[tuple[float, Sign]]:
    """The same signs where machines of people set them: they give way to words of a person that are worth so much."""
    alone = not any(sign.worth > ELSEWHERE for sign in words)  # no word is a machine's
    if _is_sent_by_hand(seen) and not (seen.is_own_list or is_handed_on(seen)):
        asked = alone and _asks_something(seen.text[:CHARACTERS])
        yield PERSON if asked else CLEARLY, Sign("list", 2.5, "Precedence: bulk")
    if seen.is_named("no_reply") and _is_own_address(seen):
        yield CLEARLY if alone else NEVER, Sign("no_reply", 5.0, f"sent by {seen.local}")
    if seen.is_named("no_reply") and shows_writer(seen) and not (is_filled_in(seen) or is_handed_on(seen)):
        yield CLEARLY, Sign("no_reply", 2.5, f"sent by {seen.local}")
    if seen.mail_from == "" and (is_filled_in(seen) or is_handed_on(seen)):
        yield CLEARLY, Sign("bounce", 1.5, "empty return path")


def _precedence(seen: Seen) -> str:
    return fold(seen.mail.headers.first("precedence")).strip()


def _is_sent_by_hand(seen: Seen) -> bool:
    """Whether nothing but `Precedence: bulk` tells of many readers: some universities put it on all of their mail."""
    headers = seen.mail.headers
    to = " ".join(headers.every("to")).lower()
    alone = _precedence(seen) == "bulk" and not seen.submitted and "list-unsubscribe" not in headers.names()
    return alone and _takes_bounces(seen) and any(box in to for box in seen.own)


def _is_own_address(seen: Seen) -> bool:
    """Whether nothing but the address says that nobody reads it: some people have such a one."""
    headers = seen.mail.headers
    told = seen.submitted or _precedence(seen) or headers.names() & {"list-unsubscribe", "feedback-id"}
    return not told and seen.reply_to in {"", seen.sender} and _takes_bounces(seen)


def _takes_bounces(seen: Seen) -> bool:
    """Whether bounces go to the sender, as far as it is known."""
    return seen.mail_from is None or seen.returns_to_sender


def _subject_signs(seen: Seen) -> Iterator[Sign]:
    if seen.answers:
        if len(_FOUND["reply_words"].findall(seen.folded)) > 1:
            yield Sign("loop", 3.0, "its subject grows with every automatic answer")
        return
    for name, kind, worth, why in SUBJECTS:
        if seen.begins(name):
            yield Sign(kind, worth, why)


def _field_signs(seen: Seen) -> Iterator[Sign]:
    headers = seen.mail.headers
    names = headers.names()
    suppressed = headers.first("x-auto-response-suppress")
    # Exchange puts it on people's mail too: it asks for no answer, and does not say who wrote.
    if SUPPRESSES_ALL.search(suppressed):
        yield Sign("auto_reply", 1.5, "X-Auto-Response-Suppress: All")
    elif SUPPRESSES_SOME.search(suppressed):
        yield Sign("auto_reply", 1.0, f"X-Auto-Response-Suppress: {suppressed}")
    if "x-ms-exchange-inbox-rules-loop" in names:
        yield Sign("auto_reply", 1.0, "X-MS-Exchange-Inbox-Rules-Loop")
    if "list-unsubscribe" in names and not seen.is_own_list:
        yield Sign("list", 3.0 if "list-unsubscribe-post" in names else 2.5, "List-Unsubscribe")
    if "feedback-id" in names:
        yield Sign("list", 1.0, "Feedback-ID")
    program = fold(f"{headers.first('x-mailer')} {headers.first('user-agent')}")
    if _FOUND["list_mailer"].search(program):
        yield Sign("list", 2.0, "sent with a program for newsletters")
    if "x-cron-env" in names or _FOUND["monitor_program"].search(program):
        yield Sign("no_reply", 2.0, "sent with a monitor")
    if any(_FOUND["report_file"].fullmatch(fold(leaf.filename)) for leaf in seen.mail.leaves) and not seen.answers:
        yield Sign("auto_reply", 4.0, "a DMARC report (RFC 7489)")


def _text_signs(seen: Seen) -> Iterator[Sign]:
    """What the words say; a subject that has said it already is not counted twice, and what is passed on not at all."""
    if FORWARD.match(seen.folded):
        return
    told = seen.answers or any(seen.begins(name) for name, _, worth, _ in SUBJECTS if worth >= ENOUGH)
    known = {seen.sender, seen.reply_to, *seen.own}
    signs = wording("" if told else seen.subject, seen.text, seen.footer)
    share = NOTICE if _has_notice(seen, signs) else 1.0
    yield from (sign._replace(worth=sign.worth * (share if sign.worth > 0 else 1.0)) for sign in signs)
    if SMTP_REPLY.search(QUOTED.sub(" ", seen.text[:CHARACTERS])):
        yield Sign("bounce", 0.75, "its text has the reply of a mail server")
    if _names_us(seen):
        yield Sign("auto_reply", 2.0, "a ticket that is said to be ours")
    if any(match[0].lower().strip(".") not in known for match in ADDRESS.finditer(seen.text[:CHARACTERS])):
        yield Sign("machine", ELSEWHERE, "its text names another address")


def _names_us(seen: Seen) -> bool:
    """Whether the field for who asked holds an address of ours: a desk's program took our mail for a request."""
    text = seen.text[:CHARACTERS].lower()
    if not any(box in text for box in seen.own):
        return False
    fields = (line for line in text.split("\n") if _FOUND["requester"].match(fold(line)))
    return any(box in field for field in fields for box in seen.own)


def _has_notice(seen: Seen, signs: list[Sign]) -> bool:
    """Whether a machine's words stand only in paragraphs below what a person wrote, as a company's notice does."""
    paragraphs = seen.text[:CHARACTERS].split("\n\n")[:PARAGRAPHS]
    if len(paragraphs) < 2 or not any(sign.worth > 0 for sign in signs):
        return False
    above: list[str] = []
    for paragraph in paragraphs:
        if any(sign.worth > 0 for sign in wording("", paragraph)):
            break
        above.append(paragraph)
    said = "\n\n".join(above).strip()
    if said.endswith(",") and len(said.split()) <= GREETING:
        return False
    return _asks_something(said) or any(sign.worth < 0 for sign in wording("", said))


def _name_signs(seen: Seen) -> Iterator[Sign]:
    """What the addresses say: the sender's, where answers go, and where bounces go."""
    headers = seen.mail.headers
    returned = (seen.mail_from or "").lower().partition("@")[0]
    also = mailbox(headers.first("sender"))[1].lower().partition("@")[0]
    if seen.is_named("daemon"):
        kind: AutomaticKind = "bounce" if seen.begins("bounce_subject") else "no_reply"
        yield Sign(kind, 2.0, f"sent by {seen.local}")
    if seen.is_named("program"):
        yield Sign("no_reply", 2.0, f"sent by {seen.local}")
    if seen.is_named("tagged_no_reply"):  # marie+noreply@ is Marie's
        yield Sign("no_reply", 1.0, f"sent by {seen.local}")
    if seen.is_named("list_program"):
        yield Sign("list", 1.5, f"sent by {seen.local}")
    if seen.reply_to and _FOUND["no_reply"].fullmatch(seen.reply_to.partition("@")[0]):
        yield Sign("no_reply", 3.0, f"answers go to {seen.reply_to}")
    if returned and _FOUND["no_reply"].fullmatch(returned) and "bounce" not in returned:
        yield Sign("no_reply", 1.0, f"returned to {returned}")
    if any(_FOUND["list_machinery"].fullmatch(name) for name in (returned, also) if name) and not seen.is_own_list:
        yield Sign("list", 2.0, "sent by the machinery of a list")
    own_domains = {address.partition("@")[2] for address in seen.own}
    if headers.first("message-id").strip().strip("<>").rpartition("@")[2].lower() in own_domains - {""}:
        yield Sign("loop", 2.0, "its Message-ID is of our domain")
