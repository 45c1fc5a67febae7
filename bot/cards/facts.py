"""What is known of the account, the writer and the documents; nothing here shows what is in a document."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot import text, words
from bot.cards.lines import listed, several, within
from bot.text import Times
from handlers.lookups import CardView
from handlers.model.case import Case
from handlers.model.mail import Origin
from handlers.model.paper import Paper
from handlers.rules.documents import missing
from handlers.rules.evidence_words import told
from handlers.rules.origin_words import meaning, reasons
from handlers.rules.states import is_over

DOMAINS = ("domain", "spf_domain", "dkim_domain", "border")
"""What an origin has of the sender's own words, and the name of our border server."""

MOST_LEFT_OUT = 5
LONGEST_NAME = 40
"""Characters of a file's name: enough to tell two apart, too few to tell a story."""


def account(view: CardView, times: Times) -> str:
    """Whose account it is, and whether it is closed or frozen."""
    if not view.case.account:
        several_match = any(one.kind == "several_accounts" for one in view.case.evidence)
        return f"*Account*\n{'several match' if several_match else 'none matches'}"
    who = " · ".join(filter(None, [text.name(view.account_name), words.KINDS.get(view.account_kind, "")]))
    closed = f"closed, deleted {times.at(view.closed_until)}" if view.closed_until else ""
    lines = [
        text.code(view.login),
        who,
        closed,
        f"frozen by case {text.code(view.frozen_with)}" * bool(view.frozen_with),
        words.FACTORS[view.second_factor],
    ]
    return "\n".join(["*Account*", *filter(None, lines)])


def letters_go_to(view: CardView) -> str:
    """The address on file, masked."""
    return f"*Address on file*\n{text.code(view.address)}" if view.address else "*Address on file*\n–"


def evidence(case: Case) -> list[str]:
    """A sentence for each fact that weighs."""
    return [f"{words.WEIGHTS[weight][0]} *{words.WEIGHTS[weight][1]}:* {said}" for weight, said in told(case)]


def sender(origin: Origin | None) -> tuple[str, str]:
    """What a mail proves of the domain it names, in two sentences, and the three reasons; empty when nobody looked."""
    if origin is None:
        return "", ""
    shown = replace(origin, **{part: text.code(getattr(origin, part), 80) for part in DOMAINS if getattr(origin, part)})
    proves = words.GRADES[origin.grade].format(*meaning(shown))
    return proves, " · ".join(f"{check}: {said}" for check, said in reasons(shown))


def papers(view: CardView, times: Times) -> Sequence[str]:
    """A line for each file that came, those to be judged first, and one for each document that did not come."""
    came = sorted(view.papers, key=lambda paper: (paper.outcome is not None, paper.received_at))
    asked = bool(came) or any(step.event == "documents.requested" for step in view.case.history)
    absent = missing(view.pieces, came) if asked and not is_over(view.case.state) else ()
    still = [f"📭 *Still to come:* {listed([within(words.PIECES[piece]) for piece in absent])}"] if absent else []
    return [*(paper_line(paper, times) for paper in came), *still]


def left_out(view: CardView) -> list[str]:
    """A line for each file of the newest mail that was not taken, with the reason."""
    return [
        f"📎 *Not taken:* {text.code(one.name, LONGEST_NAME)}, {text.name(one.why, 120)}"
        for one in view.mails.left_out[:MOST_LEFT_OUT]
    ] + [f"… ({more} more)" for more in [len(view.mails.left_out) - MOST_LEFT_OUT] if more > 0]


def paper_line(paper: Paper, times: Times) -> str:
    """One file: what it is, what was found in it, and what became of it."""
    piece = words.PIECES[paper.piece] if paper.piece else "Document, nobody has said which"
    about = [text.code(paper.name, LONGEST_NAME), _extent(paper), words.SCANS[paper.scan], _verdict(paper, times)]
    return f"📄 *{piece}:* {' · '.join(about)}"


def _extent(paper: Paper) -> str:
    kind = words.FILES.get(paper.type, "file")
    pages = several(paper.pages, "page") if paper.pages else ""
    return ", ".join(filter(None, [kind, pages, f"{max(1, round(paper.bytes / 1024))} KB"]))


def _verdict(paper: Paper, times: Times) -> str:
    found = words.OUTCOMES[paper.outcome] if paper.outcome else "*to be judged*"
    dated = f", dated {paper.dated.day} {paper.dated:%b %Y}" if paper.dated else ""
    declared = ", declared on honour" if paper.declared else ""
    gone = f"; destroyed {times.at(paper.destroyed_at)}" if paper.destroyed_at else ""
    return f"{found}{dated}{declared}{gone}"
