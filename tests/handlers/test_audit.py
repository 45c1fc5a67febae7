"""The trail: complete, chained, and checked with the desk's keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from handlers import audit, decide
from handlers.model.audit import AuditEntry, AuditHead
from handlers.vault import Vault
from tests.builders import AYSE, KEY, PROVEN, DeskUnderTest, make_case, open_desk

OTHER_KEY = bytes(range(32, 64))


async def write(house: DeskUnderTest, count: int = 3) -> list[AuditEntry]:
    """Some entries."""
    async with house.desk.store.transaction() as tx:
        for number in range(count):
            await audit.add(tx, house.desk, "lookup.made", AYSE, detail=f"number {number}")
    return await house.desk.store.find(AuditEntry)


async def faults(house: DeskUnderTest) -> list[str]:
    """What verifying finds."""
    return await audit.faults(house.desk.store, house.desk.vault)


async def test_an_untouched_trail_is_whole(house: DeskUnderTest) -> None:
    """Every entry as it was written."""
    await write(house)
    assert await faults(house) == []


@pytest.mark.parametrize("field", ["event", "by", "name", "case", "account", "service", "detail", "before", "digest"])
async def test_a_change_to_any_field_is_found(house: DeskUnderTest, field: str) -> None:
    """Nobody edits the trail quietly, not even one letter."""
    entries = await write(house)
    await house.keep(replace(entries[1], **{field: getattr(entries[1], field) + "x"}))
    assert "Entry 2 was changed." in await faults(house)


async def test_a_missing_entry_is_found(house: DeskUnderTest) -> None:
    """In the middle, and at the end."""
    entries = await write(house)
    async with house.desk.store.transaction() as tx:
        tx.delete(AuditEntry, entries[2].id)
    assert await faults(house) == ["The trail should end with entry 3, and has 2 entries."]
    async with house.desk.store.transaction() as tx:
        tx.delete(AuditEntry, entries[0].id)
    assert "Entry 1 is missing." in await faults(house)


async def test_a_moved_end_mark_is_found(house: DeskUnderTest) -> None:
    """Cutting the last entries and correcting the count needs the key."""
    entries = await write(house)
    head = await house.desk.store.get(AuditHead, audit.HEAD)
    assert head is not None
    async with house.desk.store.transaction() as tx:
        tx.delete(AuditEntry, entries[2].id)
        tx.put(replace(head, count=2, last=entries[1].digest))
    assert await faults(house) == ["The trail's end mark was changed."]


async def test_an_emptied_trail_is_found(house: DeskUnderTest) -> None:
    """A desk that began has a first entry; none at all is not whole."""
    await audit.begin(house.desk)
    assert await faults(house) == []
    async with house.desk.store.transaction() as tx:
        tx.delete(AuditEntry, f"{1:012}")
        tx.delete(AuditHead, audit.HEAD)
    assert await faults(house) == ["The trail's end mark is missing."]


async def test_a_trail_cut_at_an_older_end_is_told_by_its_cases(house: DeskUnderTest) -> None:
    """The old end mark has a good seal; the case's own steps give it away."""
    await audit.begin(house.desk)
    await house.keep(make_case(*PROVEN))
    old = await house.desk.store.get(AuditHead, audit.HEAD)
    assert old is not None
    await decide.act(house.desk, "R-7F3K2M", "claim", AYSE, 1)
    async with house.desk.store.transaction() as tx:
        tx.delete(AuditEntry, f"{2:012}")
        tx.put(old)
    assert await faults(house) == ["The history of case R-7F3K2M is not what the trail says."]


async def test_a_rewritten_history_is_told_by_the_trail(house: DeskUnderTest) -> None:
    """Who, when and why stand on both."""
    await house.keep(make_case(*PROVEN))
    case = await decide.act(house.desk, "R-7F3K2M", "claim", AYSE, 1)
    await house.keep(replace(case, history=(replace(case.history[0], name="Boris"),)))
    assert await faults(house) == ["The history of case R-7F3K2M is not what the trail says."]


async def test_an_emptied_history_is_told_by_the_trail(house: DeskUnderTest) -> None:
    """Nobody takes a step off a case quietly."""
    await house.keep(make_case(*PROVEN))
    case = await decide.act(house.desk, "R-7F3K2M", "claim", AYSE, 1)
    await house.keep(replace(case, history=()))
    assert await faults(house) == ["The history of case R-7F3K2M is not what the trail says."]


async def test_the_chain_cannot_be_rewritten_without_the_key(house: DeskUnderTest) -> None:
    """A plain hash could be recomputed by whoever changed the entry; ours cannot."""
    entries = await write(house, 1)
    forger = Vault((OTHER_KEY,))
    forged = replace(entries[0], detail="nothing happened", digest="")
    await house.keep(replace(forged, digest=forger.digest("audit", audit._content(forged))))
    assert await faults(house) != []


async def test_a_new_key_on_top_leaves_the_old_entries_whole(tmp_path: Path) -> None:
    """Rotation: the old key stays in the list and still verifies; without it, the trail says which key is missing."""
    async with open_desk(tmp_path) as house:
        await write(house)
    async with open_desk(tmp_path, keys=(OTHER_KEY, KEY)) as house:
        await write(house)
        assert await faults(house) == []
        assert all("not in DESK_KEYS" in one for one in (await audit.faults(house.desk.store, Vault((OTHER_KEY,))))[:3])


async def test_an_event_must_be_on_the_closed_list(house: DeskUnderTest) -> None:
    """Every event has one name."""
    with pytest.raises(ValueError, match="link\\.sent"):
        async with house.desk.store.transaction() as tx:
            await audit.add(tx, house.desk, "link.sent", AYSE)
