"""The page on which staff look at documents."""

from __future__ import annotations

from yarl import URL

from handlers.paperwork import documents, viewing
from tests.builders import AYSE
from tests.handlers.dossiers import CASE, dossier
from tests.portal.gallery import Stage, scene
from tests.portal.scenes.documents import asked


async def ticket(stage: Stage) -> str:
    """A ticket for a company's whole dossier; the path of its page."""
    token = (await asked(stage)).rpartition("/")[2]
    await documents.upload(stage.house.desk, token, dossier(), "marie@nouvelle.example")
    return URL((await viewing.open_ticket(stage.house.desk, CASE, AYSE)).value).path


@scene(languages=("en",))
async def before(stage: Stage) -> None:
    """What the ticket is for."""
    await stage.open(await ticket(stage))


@scene(languages=("en",))
async def shown(stage: Stage) -> None:
    """All documents, drawn anew."""
    await stage.open(await ticket(stage))
    await stage.send()


@scene(status=410, languages=("en",))
async def spent(stage: Stage) -> None:
    """The same ticket again."""
    path = await ticket(stage)
    await stage.open(path)
    await stage.send()
    await stage.open(path)
