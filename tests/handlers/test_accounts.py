"""Accounts: added, imported, exported."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from handlers import accounts, links
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Invalid, Spent
from tests.builders import AYSE, DeskUnderTest
from tests.handlers.test_links import send

HEAD = "service,login,address,kind,name,company,language,phone\n"


async def test_a_file_is_imported_whole_with_progress(house: DeskUnderTest) -> None:
    """New logins are added, known ones brought up to date; the number of lines done is told."""
    lines = [HEAD, *(f"esp,user{n},user{n}@mail.example,individual,,,fr,\n" for n in range(1200))]
    lines.append("shopfactory,DURAND42,marie@new.example,company,Marie,Durand SARL,fr,+33 1\n")
    seen: list[int] = []
    done = await accounts.import_csv(house.desk, lines, AYSE, seen.append)
    assert (done.added, done.updated) == (1200, 1)
    assert seen == [500, 1000, 1201]
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account is not None
    assert (account.address, account.kind, account.company) == ("marie@new.example", "company", "Durand SARL")


async def test_a_file_with_bad_lines_is_not_imported_and_every_bad_line_is_named(house: DeskUnderTest) -> None:
    """Nothing of it is kept."""
    lines = [
        HEAD,
        "esp,good,good@mail.example,,,,,\n",
        "nosuch,a,a@mail.example,,,,,\n",
        "esp,,b@mail.example,,,,,\n",
        "esp,c,not-an-address,,,,,\n",
        "esp,d,d@mail.example,robot,,,,\n",
        "esp,e,e@mail.example,,,,xx,\n",
        "esp,GOOD,f@mail.example,,,,,\n",
        "esp,g,g@mail.example,,,,,,,too,many\n",
    ]
    with pytest.raises(accounts.BadFile) as bad:
        await accounts.import_csv(house.desk, lines, AYSE)
    assert [one.line for one in bad.value.lines] == [3, 4, 5, 6, 7, 8, 9]
    assert await house.desk.store.count(Account) == 1


@pytest.mark.parametrize(
    "text", ["", "login;address\nx;y\n", "service,login,address,shoe\n", 'service,login,address\n"a']
)
async def test_a_file_that_is_no_table_of_accounts_is_refused(house: DeskUnderTest, text: str) -> None:
    """The message says what the head must be, or that it is no CSV."""
    with pytest.raises(Invalid, match=r"head|CSV"):
        await accounts.import_csv(house.desk, text.splitlines(keepends=True), AYSE)


async def test_what_is_exported_can_be_imported_again(house: DeskUnderTest) -> None:
    """Without credentials: these stay in the store."""
    rows = await accounts.export(house.desk)
    assert rows[0] == {
        "service": "shopfactory",
        "login": "durand42",
        "address": "marie.durand@mail.example",
        "kind": "individual",
        "name": "Marie Durand",
        "company": "",
        "language": "fr",
        "phone": "",
    }
    assert (await accounts.add(house.desk, rows[0], AYSE)).id == "A-DURAND"


async def test_an_export_holds_no_formulas_and_gives_back_what_went_in(house: DeskUnderTest) -> None:
    """A spreadsheet runs what begins like one; what looks like a phone number stays as it is."""
    words = {"login": "@SUM(1)", "name": '=HYPERLINK("http://x.example")', "company": "'-1+cmd", "phone": "+33 1 23"}
    row = {"service": "esp", "address": "a@mail.example", "kind": "company", "language": "fr", **words}
    kept = await accounts.add(house.desk, row, AYSE)
    exported = {one["service"]: one for one in await accounts.export(house.desk)}["esp"]
    assert {name: exported[name] for name in words} == {
        "login": "'@SUM(1)",
        "name": '\'=HYPERLINK("http://x.example")',
        "company": "''-1+cmd",
        "phone": "+33 1 23",
    }
    file = StringIO()
    table = csv.DictWriter(file, accounts.COLUMNS)
    table.writeheader()
    table.writerow(exported)
    await accounts.import_csv(house.desk, StringIO(file.getvalue()), AYSE)
    assert await house.desk.store.get(Account, kept.id) == kept


async def test_a_changed_address_kills_what_was_sent_to_the_old_one(house: DeskUnderTest) -> None:
    """A link in the old mailbox is worth nothing any more."""
    token = await send(house)
    row = {"service": "shopfactory", "login": "durand42", "address": "other@mail.example"}
    await accounts.add(house.desk, row, AYSE)
    with pytest.raises(Spent):
        await links.look(house.desk, token)
    case = (await house.desk.store.find(Case))[0]
    assert case.history[-1].event == "grant.replaced"
    entry = (await house.desk.store.find(AuditEntry))[-1]
    assert (entry.event, entry.detail) == ("accounts.updated", "address,name,language")
