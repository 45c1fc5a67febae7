"""The mails of a case, whole; and what staff taught the reader."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from typing import Annotated, Any, get_args

import msgspec
import typer

from console import show
from console.running import doing, looking, run
from handlers import wishes
from handlers.desk import Desk
from handlers.mails import Shown, marked
from handlers.model.example import Example
from handlers.model.service import Language
from handlers.rules.origin_words import meaning


def show_mails(arguments: dict[str, Any], json: bool) -> None:
    """Print the mails, newest first, once the trail says who reads them; `>` begins a line that the card leaves out."""
    found = msgspec.convert(run(doing("mails", arguments)), list[Shown])
    if json:
        return show.as_json(found)
    for one in found:
        for line in _told(one):
            typer.echo(show.printable(line))
    if not found:
        typer.echo("No mail of this case is kept.")


def examples(
    language: Annotated[str, typer.Option(help="Of mails in this language alone: fr, en or tr.")] = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, as the reader is trained on.")] = False,
) -> None:
    """Print what staff said that customers want. The words of mails without names, to train the reader on."""
    if language not in ("", *get_args(Language)):
        raise typer.BadParameter(f"must be one of {', '.join(get_args(Language))}", param_hint="--language")

    async def look(desk: Desk) -> list[Example]:
        return await wishes.examples(desk, language)

    found = run(looking(look))
    if not json:
        head = ("language", "wants", "subject", "text")
        lines = [(one.language, one.intent, one.subject[:40], " ".join(one.text.split())[:60]) for one in found]
        return show.rows(head, lines, "No examples yet.")
    for one in found:
        fields = {"intent": one.intent, "subject": one.subject, "text": one.text}
        typer.echo(show.harmless(jsonlib.dumps(fields, ensure_ascii=False)))


def _told(one: Shown) -> Iterator[str]:
    mail = one.mail
    if mail.automatic:
        yield f"written by a machine: {mail.automatic.why}"
    elif one.others:
        yield "another sender, not trusted"
    yield f"from     {mail.sender_name} <{mail.sender}>, {show.local(one.at)}"
    if mail.returned:
        yield f"returns  {mail.returned}"
    if mail.reply_to and mail.reply_to != mail.sender:
        yield f"replies  {mail.reply_to}"
    if mail.origin:
        yield f"proves   {mail.origin.grade}: {' '.join(meaning(mail.origin))}"
    yield f"subject  {mail.subject}"
    for file in mail.attachments:
        yield f"file     {file.name}, {file.type}, {file.verdict}{f': {file.why}' if file.why else ''}"
    yield ""
    for line, hidden in marked(mail):
        yield f"> {line}" if hidden else f"  {line}"
    yield ""
