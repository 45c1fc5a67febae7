"""What the writer says about the account: service, logins, addresses, whose it is. Claims, never facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from handlers.model.mail import Claims, ServiceNames
from mailin.claimed_addresses import Address, addresses_in, new_address
from mailin.customer_numbers import Number, numbers_in
from mailin.logins import LOGINS, logins_of
from mailin.standing import for_another, kind_of
from mailin.text import fold

CHARACTERS = 8000
ADDRESSES = 10
PIECE = re.compile(r"[^\W\d_]+|\d+")
HUMP = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")


def claims_of(
    subject: str,
    text: str,
    services: Sequence[ServiceNames],
    mailboxes: Sequence[str],
    sender: str = "",
    changes: bool = False,
) -> Claims:
    """What a mail claims in its subject and its visible text, where neither quotes nor a signature are left.

    `mailboxes`, the addresses it was sent to, name the service when its words do not. `sender`, who it is from, is
    the new address when the words say so and name none; `changes` says that the mail asks for a change of address.
    """
    both = f"{subject}\n\n{text[:CHARACTERS]}"
    folded = fold(both)
    own = {address.lower() for service in services for address in service.mailboxes}
    addresses = addresses_in(both, own)
    numbers = numbers_in(both, folded)
    return Claims(
        service=_service(both, folded, services, mailboxes),
        logins=_logins(both, folded, services, numbers),
        addresses=_unique(addresses)[:ADDRESSES],
        numbers=tuple(number.text for number in numbers),
        new_address=new_address(folded, addresses, sender, changes),
        account_kind=kind_of(folded),
        not_owner=for_another(folded),
    )


def _unique(addresses: Sequence[Address]) -> tuple[str, ...]:
    return tuple({one.text.lower(): one.text for one in reversed(addresses)}.values())[::-1]


def _logins(text: str, folded: str, services: Sequence[ServiceNames], numbers: Sequence[Number]) -> tuple[str, ...]:
    """The logins, and the customer's numbers: where there is no other login, they are what names an account."""
    logins = logins_of(text, folded, services)
    known = {"".join(login.lower().split()) for login in logins}
    return (*logins, *(one.text for one in numbers if one.names and one.text.lower() not in known))[:LOGINS]


def _service(text: str, folded: str, services: Sequence[ServiceNames], mailboxes: Sequence[str]) -> str | None:
    """The service the words name, if they name one only; else the one whose mailbox the mail came to (SF.20)."""
    sent_to = {address.lower() for address in mailboxes}
    named = [service.id for service in services if _named(service, text, folded)]
    reached = [service.id for service in services if any(box.lower() in sent_to for box in service.mailboxes)]
    both = [service for service in named if service in reached]
    return next(iter(both or (named if len(named) == 1 else reached)), None)


def _named(service: ServiceNames, text: str, folded: str) -> bool:
    return any(_stands(name, text, folded) for name in (service.name, *service.aliases))


def _stands(name: str, text: str, folded: str) -> bool:
    """Whether a name stands in the text, outside of domains; one of three letters in capitals, as it may be a word."""
    sure, shape = _name(name)
    return sure in (text if len(name) <= 3 else folded) and shape.search(text if len(name) <= 3 else folded) is not None


@cache
def _name(name: str) -> tuple[str, re.Pattern[str]]:
    """A piece that must be there, and the name as people write it.

    Its pieces stand together, apart, or with hyphens, and a Turkish case may stand behind.
    """
    if len(name) <= 3:
        return name.upper(), re.compile(rf"(?<![\w@.]){re.escape(name.upper())}(?![\w@])")
    pieces = PIECE.findall(fold(HUMP.sub(" ", name))) or [fold(name)]
    spelt = r"[\s'._-]?".join(map(re.escape, pieces))
    return max(pieces, key=len), re.compile(rf"(?<![\w@.]){spelt}(?:[dt][ae]n?(?:ki)?)?(?!\w|\.\w)")
