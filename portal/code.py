"""`/code/<token>`: the holder of a code types it, or asks for a new one."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from handlers import codes
from handlers.codes import CodeView
from handlers.desk import Desk
from handlers.model.errors import DeskError, Limited, Unavailable, WrongCode
from portal import answers
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import speak_as, spoken
from portal.voice import Voice, phrase

EMPTY = phrase("Type the code from the e-mail.")
LATER = phrase("Nothing was changed and your code still works. Please try again in a few minutes.")
ON_ITS_WAY = phrase("A new code is on its way. Only the latest one works.")
INCOMPLETE = phrase("The code has %(digits)s digits. Type all of them.")


@dataclass(frozen=True)
class CodePage:
    """A page on which a mailed code is typed, and a new one asked for: how its code is found, used and sent again."""

    template: str
    find: Callable[[Desk, str], Awaitable[CodeView]]
    use: Callable[[web.Request, str, Voice], Awaitable[web.Response]]
    send_again: Callable[[Desk, str], Awaitable[object]]

    async def look(self, request: web.Request) -> web.Response:
        """GET: the form, while the code is alive; `?sent` says that a new one is on its way."""
        view = await self.find(request.app[DESK], request.match_info["token"])
        voice = speak_as(request, view.language)
        notice = voice.say(ON_ITS_WAY) if "sent" in request.query else ""
        return form(request, view, voice, page=self.template, notice=notice)

    async def verify(self, request: web.Request) -> web.Response:
        """POST: the right code leads on; a wrong one says how many tries remain."""
        typed = await request.app[FORMS].read(request)
        desk, token = request.app[DESK], request.match_info["token"]
        view = await self.find(desk, token)
        voice = speak_as(request, view.language)
        digits = read(typed)
        fault = unfinished(voice, view, digits)
        try:
            if "resend" in typed:
                await self.send_again(desk, token)
            elif fault:
                return form(request, view, voice, 422, page=self.template, fault=fault)
            else:
                return await self.use(request, digits, voice)
        except WrongCode as error:
            return form(request, view, voice, 422, page=self.template, fault=wrong(voice, error.left))
        except (Limited, Unavailable) as error:
            return later(request, view, voice, error, page=self.template)
        raise web.HTTPSeeOther(f"{spoken(request.rel_url.raw_path, voice)}&sent")


async def _to_new_password(request: web.Request, digits: str, voice: Voice) -> web.Response:
    link = await codes.verify(request.app[DESK], request.match_info["token"], digits)
    raise web.HTTPSeeOther(spoken(f"/reset/{link.value}", voice))


PAGE = CodePage("code", codes.look, _to_new_password, codes.resend)


def read(typed: dict[str, str]) -> str:
    """The digits in the field of a code: blanks, seen and unseen, hyphens and words copied along are none of it."""
    text = unicodedata.normalize("NFKC", typed.get("code", ""))
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())


def unfinished(voice: Voice, view: CodeView, digits: str) -> str:
    """What to say of too few or too many digits, which cannot be right and cost no try; empty otherwise."""
    if len(digits) == view.digits:
        return ""
    return voice.say(INCOMPLETE, digits=view.digits) if digits else voice.say(EMPTY)


def wrong(voice: Voice, left: int) -> str:
    """That the code is wrong, and how many tries are left."""
    tries = voice.count("You have %(n)s try left.", "You have %(n)s tries left.", left)
    return voice.say("This code is not right.") + " " + tries


def later(
    request: web.Request, view: CodeView, voice: Voice, error: DeskError, *, again: str = "lost", page: str = "code"
) -> web.Response:
    """The form, and when it is worth another try."""
    trouble: str = voice.say(LATER)
    if isinstance(error, Limited):
        pause = voice.lasting(timedelta(seconds=error.retry_after))
        trouble = voice.say("That was too soon. You can try again in %(pause)s.", pause=pause)
    response = form(request, view, voice, answers.status(error), again=again, page=page, trouble=trouble)
    return answers.later(response, error)


def form(
    request: web.Request,
    view: CodeView,
    voice: Voice,
    status: int = 200,
    *,
    again: str = "lost",
    page: str = "code",
    fault: str = "",
    trouble: str = "",
    notice: str = "",
    spent: bool = False,
) -> web.Response:
    """The form for a code; `again` is the page to begin anew on when no more codes are sent: `lost` or `sign-in`.

    `page` is the template: what the code is for. `spent` says that the code works no more, whatever its time.
    """
    left = view.expires_at - request.app[DESK].now()
    return show_form(
        request,
        page,
        voice,
        view.service,
        status,
        {"address": view.address, "life": voice.lasting(left)},
        digits=view.digits,
        resends_left=view.resends_left,
        recovers=view.recovers,
        again=again,
        fault=fault,
        trouble=trouble,
        notice=notice,
        alive=left > timedelta(0) and not spent,
        mailbox=view.service.mailboxes[0],
    )
