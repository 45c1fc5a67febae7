"""Errors, named by what the caller can do about them.

`str(error)` is for us: staff, operators and logs. For strangers, the portal has a neutral sentence of its own for each.
"""

from __future__ import annotations

from handlers.model.document import Value


class DeskError(Exception):
    """Anything the desk refuses or cannot do."""


class Refused(DeskError):
    """Policy says no; `str(error)` says why, in words for staff."""


class Stale(DeskError):
    """The case moved on since the caller looked at it; look again."""


class Unknown(DeskError):
    """There is no such thing."""


class Invalid(DeskError):
    """The input cannot be used; `str(error)` names what is wrong and what would be right."""


class Limited(DeskError):
    """Too many in too short a time; try again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DeskError):
    """A part the desk needs (store, relay, Slack) is down or full; what was promised is kept, try again later."""


class Spent(DeskError):
    """A grant of no use any more, because it is `unknown`, `expired`, `used`, `replaced`, `frozen`, `too_many_tries`
    or `looked_into`.

    `service` (its id) and `language` are the grant's, empty when there never was one: a page can offer the way back.
    """

    def __init__(self, reason: str, service: str = "", language: str = "") -> None:
        super().__init__(f"The grant is {reason.replace('_', ' ')}.")
        self.reason = reason
        self.service = service
        self.language = language


class SignInNeeded(DeskError):
    """Nobody is signed in, or not completely yet: a sign-in at `service` (its id) stopped at `stage`.

    `service` is empty when nobody knows where, `stage` when the sign-in has to begin anew.
    """

    def __init__(self, service: str = "", stage: str = "") -> None:
        super().__init__("A sign-in is needed.")
        self.service = service
        self.stage = stage


class WrongPassword(DeskError):
    """The password does not open the account, or there is no such account: nobody outside learns which."""


class WrongCode(DeskError):
    """The code does not match; `left` tries remain."""

    def __init__(self, left: int) -> None:
        super().__init__(f"Wrong code, {left} tries left.")
        self.left = left


class Fault(Value, frozen=True):
    """One broken password rule: a `code` such as `too_short`, and the `limit` it names, if any."""

    code: str
    limit: int = 0


class WeakPassword(DeskError):
    """The password breaks the service's policy; `faults` name the broken rules."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("The password " + "; ".join(fault.code for fault in faults) + ".")
        self.faults = faults
