"""Accounts: added, imported, exported."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO

import pytest
from msgspec.structs import replace

from handlers import accounts, decide, links, lookups
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Invalid, Refused, Spent
from tests.builders import AYSE, NOW, PROVEN, DeskUnderTest, make_account, make_case
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


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("service,login,adress", ["adress is unknown; did you mean address?", "the head must name address"]),
        ("service;login;address", ["the columns must be separated by commas; save the file as CSV with commas"]),
        ("service,address", ["the head must name login"]),
    ],
)
async def test_a_wrong_head_is_explained(house: DeskUnderTest, head: str, said: list[str]) -> None:
    """What is unknown with what was meant, what is missing, and another separator."""
    with pytest.raises(accounts.BadFile) as bad:
        await accounts.import_csv(house.desk, [f"{head}\n", "esp,a,a@mail.example\n"], AYSE)
    assert [one.why for one in bad.value.lines] == said


async def test_everything_wrong_with_a_line_is_named(house: DeskUnderTest) -> None:
    """One round of mending is enough."""
    row = {"service": "nosuch", "login": "", "address": "x", "born": "1.1.1980", "hosted": "maybe"}
    with pytest.raises(Invalid) as bad:
        await accounts.add(house.desk, row, AYSE)
    found = [why.partition(": ")[0] for why in str(bad.value).split("; ") if ": " in why]
    assert found == ["service", "login", "address", "born", "hosted"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (make_account(), ""),
        (make_account(closed_at=NOW, reopens_until=NOW), f"closed, reopens until {NOW:%Y-%m-%d %H:%M} UTC"),
        (make_account(frozen="R-7F3K2M"), "frozen by R-7F3K2M"),
        (make_account(closed_at=NOW, frozen="R-7F3K2M"), "closed; frozen by R-7F3K2M"),
    ],
)
def test_an_account_says_that_it_is_closed_or_frozen(changed: Account, said: str) -> None:
    """What staff have to know before they do anything else."""
    assert accounts.state(changed) == said


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
        "country": "",
        "city": "",
        "born": "",
        "profile_address": "",
        "hosted": "no",
        "integrations": "",
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
    table = csv.DictWriter(file, list(exported))
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


FULL_HEAD = "service,login,address,country,city,born,profile_address,hosted,integrations\n"


async def test_a_file_may_say_more_of_an_account(house: DeskUnderTest) -> None:
    """CP.6, SF.3, SF.5: each further column has its form, and an export gives it back in that form."""
    line = "shopfactory,durand42,marie.durand@mail.example,France,Lyon,1980-02-29,shop@mail.example,yes,One; Two;One\n"
    await accounts.import_csv(house.desk, [FULL_HEAD, line], AYSE)
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account
    assert (account.country, account.city, account.born) == ("France", "Lyon", date(1980, 2, 29))
    assert (account.profile_address, account.hosted) == ("shop@mail.example", True)
    assert account.integrations == ("One", "Two")
    row = (await accounts.export(house.desk))[0]
    assert tuple(row) == (*accounts.COLUMNS, *accounts.MORE_COLUMNS)
    assert {name: row[name] for name in ("born", "hosted", "integrations")} == {
        "born": "1980-02-29",
        "hosted": "yes",
        "integrations": "One;Two",
    }
    assert await accounts.add(house.desk, row, AYSE) == account


async def test_a_file_changes_nothing_that_it_does_not_name(house: DeskUnderTest) -> None:
    """Whatever else is known of an account outlives every import; an empty cell empties its field."""
    kept = make_account(
        city="Lyon",
        country="France",
        integrations=("One",),
        hosted=True,
        hosting_hash="h",
        second_factor="totp",
        closed_integrations=("Old",),
        frozen="R-1",
        former_hashes=("a",),
    )
    await house.keep(kept)
    row = {"service": "shopfactory", "login": "durand42", "address": kept.address, "name": kept.name, "language": "fr"}
    assert await accounts.add(house.desk, row, AYSE) == kept
    assert await accounts.add(house.desk, row | {"city": ""}, AYSE) == replace(kept, city="")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("born", "29.02.1980"),
        ("born", "1981-02-29"),
        ("born", "2031-01-01"),
        ("hosted", "true"),
        ("profile_address", "a@b.example, c@d.example"),
        ("country", "x" * 201),
        ("city", "Ly\x07on"),
        ("integrations", ";".join(f"n{n}" for n in range(51))),
    ],
)
async def test_what_a_further_column_cannot_mean_is_refused_by_name(
    house: DeskUnderTest, column: str, value: str
) -> None:
    """The message begins with the column, and nothing is kept."""
    row = {"service": "esp", "login": "x", "address": "x@mail.example", column: value}
    with pytest.raises(Invalid, match=f"^{column}: "):
        await accounts.add(house.desk, row, AYSE)


async def test_CP_20_a_file_starts_no_integration_of_a_closed_account(house: DeskUnderTest) -> None:
    """They were stopped when it was closed, and only their owner starts them again."""
    await house.keep(make_account(closed_at=NOW, closed_integrations=("One",)))
    line = "shopfactory,durand42,marie.durand@mail.example,,,,,,One;Two\n"
    await accounts.import_csv(house.desk, [FULL_HEAD, line], AYSE)
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account
    assert (account.integrations, account.closed_at) == ((), NOW)


async def test_T1_what_spoke_for_the_old_address_sends_nothing_to_the_new_one(house: DeskUnderTest) -> None:
    """A case that was open when an import moved the account: its customer has to write from where letters go now."""
    case = make_case(*PROVEN)
    await house.keep(case)
    house.clock.advance(minutes=5)
    moved = {"service": "shopfactory", "login": "durand42", "address": "marie@new.example", "language": "fr"}
    await accounts.add(house.desk, moved, AYSE)
    view = await lookups.card(house.desk, case.id)
    assert view is not None
    assert "address_moved" in {one.kind for one in view.case.evidence}
    assert "send_link" not in {permit.action for permit in view.permits if permit.allowed}
    with pytest.raises(Refused, match="written from the address on file"):
        await decide.act(house.desk, case.id, "send_link", AYSE, 1)


async def test_an_account_that_is_brought_up_to_date_where_it_is_takes_nothing_off_its_cases(
    house: DeskUnderTest,
) -> None:
    """An import each night would else undo what customers proved by day."""
    case = make_case(*PROVEN)
    await house.keep(case)
    house.clock.advance(minutes=5)
    address = make_account().address.upper()
    same = {"service": "shopfactory", "login": "durand42", "address": address, "name": "Marie", "language": "fr"}
    await accounts.add(house.desk, same, AYSE)
    assert (await decide.act(house.desk, case.id, "send_link", AYSE, 1)).state == "issued"
