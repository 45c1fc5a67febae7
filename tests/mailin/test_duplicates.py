"""The same mail twice is one mail, through the whole door: dialogue, spool, reader, case."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from handlers.model.case import Case
from handlers.model.outbox import Letter
from handlers.post.addressing import accepts
from mailin import worker
from mailin.apart import Readers
from tests.builders import make_account, open_desk
from tests.mailin.smtp import house

BOX = "support@shopfactory.example"
HEAD = "From: Marie <marie.durand@mail.example>\r\nTo: support@shopfactory.example\r\nSubject: mot de passe\r\n"
DATE = "Date: Sun, 22 Nov 2026 14:00:00 +0000\r\n"
ID = "Message-ID: <1@mail.example>\r\n"
BODY = "Bonjour,\r\nj'ai perdu mon mot de passe, mon identifiant est durand42.\r\n"


def received(number: int) -> str:
    """What a server on the way writes, another one each time."""
    return f"Received: from mx{number}.mail.example by relay.example; Sun, 22 Nov 2026 14:0{number}:00 +0000\r\n"


async def cases_of(folder: Path, mails: Sequence[str]) -> tuple[int, int, str]:
    """How many cases, and letters, the mails make, sent one after another; and what the first case says."""
    async with open_desk(folder) as desk, house(folder, accepts=partial(accepts, desk.desk)) as door:
        await desk.keep(make_account())
        client = await door.connect()
        for mail in mails:
            await client.begin("marie.durand@mail.example", BOX)
            await client.send(mail.encode() + b"\r\n.\r\n")
            assert (await client.hear()).startswith(b"250")
        readers = Readers(worker.names(desk.desk.services), 5.0)
        work = worker.Worker(door.spool, desk.desk, readers)
        for _ in mails:
            await work.take_in(await door.spool.next())
        await readers.close()
        found = await desk.desk.store.find(Case)
        return len(found), await desk.desk.store.count(Letter), found[0].text


@pytest.mark.parametrize("id", [ID, ""])
@pytest.mark.parametrize(
    "again",
    [BODY, BODY + "\r\n\r\n", BODY.replace("\r\n", "  \r\n"), BODY.replace("42.\r\n", "42. \t\r\n")],
    ids=["as it was", "empty lines", "trailing blanks", "one tab"],
)
async def test_the_same_mail_handed_in_again_is_one_mail(tmp_path: Path, id: str, again: str) -> None:
    """By its Message-ID, or without one by what it says: on another way, and with other blanks at the ends of lines."""
    mails = [f"{received(number)}{HEAD}{DATE}{id}\r\n{body}" for number, body in enumerate((BODY, again, again))]
    cases, letters, text = await cases_of(tmp_path, mails)
    assert (cases, letters) == (1, 1)
    assert text.count("durand42") == 1


async def test_two_mails_without_message_id_are_two(tmp_path: Path) -> None:
    """Other words, and the same writer: her case goes on."""
    mails = [f"{HEAD}{DATE}\r\n{BODY}", f"{HEAD}{DATE}\r\n{BODY}Encore moi.\r\n"]
    cases, _, text = await cases_of(tmp_path, mails)
    assert cases == 1
    assert text.count("durand42") == 2
