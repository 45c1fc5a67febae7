"""The customers' accounts: added one by one, imported from and exported to CSV."""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TypeVar, get_args

from msgspec.structs import replace

from handlers import account_columns, audit, grants
from handlers.account_columns import LONGEST
from handlers.closing.purges import tombstones
from handlers.desk import Desk
from handlers.factors import second_factor
from handlers.languages import LANGUAGES
from handlers.model.account import Account, AccountKind
from handlers.model.closing import Tombstone
from handlers.model.document import Value
from handlers.model.errors import Invalid
from handlers.model.staff import Staff
from handlers.rules.addresses import canonical, canonical_login, parse_one
from handlers.rules.spreadsheets import shielded, unshielded
from handlers.store.contract import Transaction
from handlers.vault import Secret

COLUMNS = ("service", "login", "address", "kind", "name", "company", "language", "phone")
MORE_COLUMNS = tuple(account_columns.MORE)
"""What an import may say besides; what its file does not name stays as it is (CP.6, SF.3, SF.5)."""

NEEDED = ("service", "login", "address")
"""What a file's head must name."""

KEY_COLUMN = "totp_secret"
"""An authenticator's key from elsewhere; imported, and never exported. One that is too short cannot be used (T27)."""

SLICE = 500
"""How many accounts of a file are done before the loop has its turn: a few milliseconds."""

BORNE = "a deleted account had this login"
"""Said on the trail when a login comes back: the account is a new one all the same (T38)."""

KEPT = ("login", "login_key", "address", "address_key", "kind", "name", "company", "language", "phone")
"""The fields of an account that every file sets."""

Progress = Callable[[int], None]
T = TypeVar("T")


class BadLine(Value, frozen=True, kw_only=True):
    """A line of the file that cannot be imported, by its number (the head is line 1), and why."""

    line: int
    why: str


class BadFile(Invalid):
    """A file that was not imported at all, with every bad line."""

    def __init__(self, lines: tuple[BadLine, ...]) -> None:
        super().__init__("\n".join(f"line {bad.line}: {bad.why}" for bad in lines))
        self.lines = lines


class Imported(Value, frozen=True, kw_only=True):
    """How many accounts an import added, and how many it brought up to date."""

    added: int
    updated: int


class Row(Value, frozen=True, kw_only=True):
    """A line that was read: the account it describes, the further fields that it names, and an authenticator's key."""

    account: Account
    named: tuple[str, ...] = ()
    key: Secret = Secret("")


async def add(desk: Desk, row: dict[str, str], by: Staff) -> Account:
    """Add one account, or bring the one with its login up to date; `row` has the keys of COLUMNS. Raises Invalid."""
    read_row = read(desk, row)
    async with desk.store.transaction() as tx:
        kept, new = await _up_to_date(tx, desk, read_row)
        old = None if new else await tx.get(Account, kept.id)
        kept = await second_factor.take_over(tx, desk, kept, read_row.key)
        tx.put(kept)
        event = "accounts.updated" if old else "accounts.added"
        columns = (*COLUMNS, *MORE_COLUMNS)
        changed = [column for column in columns if old and getattr(old, column) != getattr(kept, column)]
        detail = ",".join(changed) or (BORNE if new and await _was_deleted(tx, desk, kept) else "")
        await audit.of_account(tx, desk, event, kept, by, detail=detail)
    return kept


async def import_csv(desk: Desk, lines: Iterable[str], by: Staff, progress: Progress = lambda done: None) -> Imported:
    """Import a whole file or nothing; `progress` is told how many lines are read. Raises BadFile with all bad lines.

    A big file does not keep others waiting: it is read away from the loop, and kept in slices of one transaction.
    """
    loop, wanted = asyncio.get_running_loop(), True

    def tell(done: int) -> None:
        if not wanted:
            raise InterruptedError("Nobody waits for this file any more.")
        loop.call_soon_threadsafe(progress, done)

    try:
        rows = await asyncio.to_thread(_read_all, desk, lines, tell)
    finally:
        wanted = False  # a thread cannot be cancelled, and a desk that stops would wait for it
    kept: list[tuple[Account, bool]] = []
    again: list[Account] = []
    async with desk.store.transaction() as tx:
        for some in _slices(rows):
            found = [await _up_to_date(tx, desk, row) for row in some]
            again += [account for account, new in found if new and await _was_deleted(tx, desk, account)]
            kept += found
            await asyncio.sleep(0)
        # Only now: a look-up in a transaction grows with what it has put, and no login is in the file twice.
        for pairs in _slices(list(zip(kept, rows, strict=True))):
            tx.put(*[await second_factor.take_over(tx, desk, account, row.key) for (account, _), row in pairs])
            await asyncio.sleep(0)
        added = sum(new for _, new in kept)
        await audit.add(tx, desk, "accounts.imported", by, detail=f"{len(rows)} lines, {added} new")
        for account in again:
            await audit.of_account(tx, desk, "accounts.added", account, by, detail=BORNE)
    return Imported(added=added, updated=len(rows) - added)


async def export(desk: Desk) -> list[dict[str, str]]:
    """Every account as a row of COLUMNS and MORE_COLUMNS, in that order, for an import to read again.

    Without credentials, and without formulas for whoever opens it as a table.
    """
    accounts = await desk.store.find(Account)
    return [{column: shielded(text) for column, text in written(account).items()} for account in accounts]


def written(account: Account) -> dict[str, str]:
    """What an import can say of the account, by column."""
    return {**{column: getattr(account, column) for column in COLUMNS}, **account_columns.written(account)}


def state(account: Account) -> str:
    """Whether the account is frozen or closed, in words for staff; empty when it is neither. Times are UTC."""
    frozen = f"frozen by {account.frozen}" if account.frozen else ""
    closed = f"closed, reopens until {account.reopens_until:%Y-%m-%d %H:%M} UTC" if account.reopens_until else "closed"
    return "; ".join(filter(None, (closed if account.closed_at else "", frozen)))


async def show(desk: Desk, login: str) -> list[Account]:
    """The accounts of that login, one per service."""
    return await desk.store.find(Account, login_key=canonical_login(login))


def read(desk: Desk, row: dict[str, str]) -> Row:
    """A row, with the keys of COLUMNS and any of MORE_COLUMNS; raises Invalid and says which columns are wrong."""
    values = {column: (row.get(column) or "").strip() for column in COLUMNS}
    wrong = [*_problems(desk, values), *account_columns.problems(row, desk.now().date()), *_key_problems(row)]
    if wrong:
        raise Invalid("; ".join(wrong))
    address = parse_one(values["address"])
    kind: AccountKind = next(kind for kind in get_args(AccountKind) if kind == (values["kind"] or "individual"))
    more = account_columns.read(row, desk.now().date())
    account = Account(
        id=desk.vault.name("A", 12),
        service=values["service"],
        login=values["login"],
        login_key=canonical_login(values["login"]),
        address=address,
        address_key=canonical(address),
        kind=kind,
        name=values["name"],
        company=values["company"],
        language=values["language"],
        phone=values["phone"],
        **more,
    )
    return Row(account=account, named=tuple(more), key=Secret((row.get(KEY_COLUMN) or "").strip()))


def _key_problems(row: dict[str, str]) -> Iterator[str]:
    if len((row.get(KEY_COLUMN) or "").strip()) > LONGEST:
        yield f"{KEY_COLUMN}: must be at most {LONGEST} characters"


def _problems(desk: Desk, values: dict[str, str]) -> Iterator[str]:
    if values["service"] not in desk.services:
        yield f"service: {values['service']!r} is none of {', '.join(desk.services)}"
    if not values["login"]:
        yield "login: is missing"
    if values["kind"] not in ("", *get_args(AccountKind)):
        yield f"kind: {values['kind']!r} is none of {', '.join(get_args(AccountKind))}"
    if values["language"] not in ("", *LANGUAGES):
        yield f"language: {values['language']!r} is none of {', '.join(LANGUAGES)}"
    for column, value in values.items():
        if len(value) > LONGEST or not value.isprintable():
            yield f"{column}: must be at most {LONGEST} printable characters"
    try:
        parse_one(values["address"])
    except Invalid as error:
        yield f"address: {error}"


def _read_all(desk: Desk, lines: Iterable[str], progress: Progress) -> list[Row]:
    reading = _Reading(desk)
    rows = csv.DictReader(lines, strict=True)
    try:
        wrong = list(_head_problems(rows.fieldnames or ()))
        if wrong:
            raise BadFile(tuple(BadLine(line=1, why=why) for why in wrong))
        for done, row in enumerate(rows, 1):
            reading.take(row, rows.line_num)
            if done % SLICE == 0:
                progress(done)
    except csv.Error as error:
        reading.bad.append(BadLine(line=rows.line_num, why=f"not CSV: {error}"))
    if reading.bad:
        raise BadFile(tuple(reading.bad))
    progress(len(reading.rows))
    return reading.rows


def _head_problems(head: Sequence[str]) -> Iterator[str]:
    columns = (*COLUMNS, *MORE_COLUMNS, KEY_COLUMN)
    if len(head) == 1 and re.search(r"[;\t]", head[0]):
        yield "the columns must be separated by commas; save the file as CSV with commas"
        return
    for name in head:
        if name not in columns:
            near = get_close_matches(name, columns, n=1, cutoff=0.75)
            meant = f"did you mean {near[0]}?" if near else f"the head must name columns of {','.join(columns)}"
            yield f"{name[:LONGEST]} is unknown; {meant}"
    lacking = [name for name in NEEDED if name not in head]
    if lacking:
        yield f"the head must name {', '.join(lacking)}"


class _Reading:
    """A file being read: what was found so far, and what is wrong with it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.rows: list[Row] = []
        self.bad: list[BadLine] = []
        self._first: dict[tuple[str, str], int] = {}

    def take(self, row: dict[str, str], line: int) -> None:
        try:
            if None in row:
                raise Invalid("there are more values than columns")
            read_row = read(self.desk, {column: unshielded(value or "") for column, value in row.items()})
            account = read_row.account
            first = self._first.setdefault((account.service, account.login_key), line)
            if first != line:
                raise Invalid(f"login: the same login stands on line {first}")
            self.rows.append(read_row)
        except Invalid as error:
            self.bad.append(BadLine(line=line, why=str(error)))


def _slices(things: list[T]) -> Iterator[list[T]]:
    return (things[start : start + SLICE] for start in range(0, len(things), SLICE))


async def _up_to_date(tx: Transaction, desk: Desk, row: Row) -> tuple[Account, bool]:
    """The account to keep, and whether it is new; one that exists keeps its id, its credentials, and what is not named.

    A changed address kills what was issued. A closed account runs no integrations, whatever a file says (CP.20).
    """
    account = row.account
    known = await tx.find(Account, service=account.service, login_key=account.login_key)
    if not known:
        return account, True
    old = known[0]
    moved = old.address_key != account.address_key
    if moved:
        await grants.retire(tx, desk, old.id, successor="")
    fields = {name: getattr(account, name) for name in (*KEPT, *row.named)}
    if old.closed_at:
        fields.pop("integrations", None)
    changed_at = desk.now() if moved else old.address_changed_at
    return replace(old, **fields, credentials=old.credentials + moved, address_changed_at=changed_at), False


async def _was_deleted(tx: Transaction, desk: Desk, account: Account) -> bool:
    """Whether an account with this login was closed and deleted: the new one has nothing of it (T38)."""
    return await tx.count(Tombstone) > 0 and bool(await tombstones(tx, desk, account.service, login=account.login_key))
