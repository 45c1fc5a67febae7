"""The page on which a customer sends documents."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from handlers import decide
from handlers.paperwork import documents
from handlers.signed import token
from tests.builders import AYSE
from tests.handlers.dossiers import ACCEPTED, CASE, SHOP, asked_case, dossier, file, pdf, photo
from tests.portal.gallery import Stage, scene


async def asked(stage: Stage) -> str:
    """A company that was asked for its documents; the path of the page."""
    desk = stage.house.desk
    async with desk.store.transaction() as tx:
        tx.put(SHOP, asked_case(language=stage.language))
    await decide.act(desk, CASE, "request_documents", AYSE, None)
    return f"/documents/{token(desk.vault, 'documents', CASE, desk.now())}"


@scene()
async def empty(stage: Stage) -> None:
    """Nothing came yet."""
    await stage.open(await asked(stage))


@scene(status=422)
async def faults(stage: Stage) -> None:
    """A copy without its declaration, and an address that is none."""
    await stage.open(await asked(stage))
    with TemporaryDirectory() as folder:
        card = Path(folder) / "card.jpg"
        card.write_bytes(photo())
        await stage.send(identity=card, address="not an address")


@scene()
async def some(stage: Stage) -> None:
    """One document arrived, another cannot be opened."""
    await stage.open(await asked(stage))
    with TemporaryDirectory() as folder:
        kbis, letter = Path(folder) / "kbis.pdf", Path(folder) / "letter.docx"
        kbis.write_bytes(pdf(2))
        letter.write_bytes(b"PK\x03\x04" + b"x" * 9000)
        await stage.send(kbis=kbis, letter=letter, address="marie@nouvelle.example")


@scene()
async def again(stage: Stage) -> None:
    """Staff looked, and one document has to be sent again."""
    path, desk = await asked(stage), stage.house.desk
    await documents.upload(desk, path.rpartition("/")[2], dossier(), "marie@nouvelle.example")
    answers = decide.Answers(
        verdicts=(ACCEPTED[0], ACCEPTED[1].__class__(piece="identity", outcome="unreadable"), ACCEPTED[2])
    )
    await decide.act(desk, CASE, "review_documents", AYSE, None, answers)
    await stage.open(path)


@scene()
async def complete(stage: Stage) -> None:
    """Everything is there."""
    path = await asked(stage)
    await documents.upload(stage.house.desk, path.rpartition("/")[2], dossier(), "marie@nouvelle.example")
    await stage.open(path)


@scene(status=410)
async def over(stage: Stage) -> None:
    """The request was refused meanwhile; the page says no more than that it is over."""
    path = await asked(stage)
    await documents.upload(stage.house.desk, path.rpartition("/")[2], [file("kbis", pdf())], "")
    await decide.act(stage.house.desk, CASE, "refuse", AYSE, None, decide.Answers(reason="suspicious"))
    await stage.open(path)
