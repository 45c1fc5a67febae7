"""Any store against the simplest one there is: a dictionary that plays the same random story."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from handlers.store.contract import Duplicate, Store
from handlers.store.tiny import TinyStore
from tests.store.documents import KINDS, MINUTE, NOON, Job, Person, delete, make_job, put

IDS = st.sampled_from(["a", "b", "c", "d"])
VALUES = st.sampled_from(["", "x", "y"])
PEOPLE = st.builds(
    lambda id, login, badge, address: Person(id=id, login=login, badge=badge, address=address),
    IDS,
    VALUES,
    st.one_of(st.none(), VALUES),
    VALUES,
)
JOBS = st.builds(lambda id, minutes: make_job(id, due=NOON + minutes * MINUTE), IDS, st.integers(0, 6))


def have_duplicates(people: dict[str, Person]) -> bool:
    """Whether two of the people share a unique key."""
    logins = [(person.service, person.login) for person in people.values() if person.service and person.login]
    badges = [person.badge for person in people.values() if person.badge]
    return len(set(logins)) < len(logins) or len(set(badges)) < len(badges)


class TinyStory(RuleBasedStateMachine):
    """Puts, deletions, failures, claims and restarts in any order; the dictionary must agree after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.store: Store = self.runner.run(self.open())
        self.people: dict[str, Person] = {}
        self.jobs: dict[str, Job] = {}
        self.minute = 0

    async def open(self) -> Store:
        """Open the store under test, with snapshots as often as can be."""
        return await TinyStore.open(Path(self.folder.name) / "desk.json", kinds=KINDS, snapshot_bytes=200)

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.runner.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    @rule(changed=st.lists(PEOPLE, max_size=3), gone=st.lists(IDS, max_size=2), fails=st.booleans())
    def change(self, changed: list[Person], gone: list[str], fails: bool) -> None:
        """One transaction, which may be refused or end in an exception."""
        after = {id: person for id, person in self.people.items() if id not in gone}
        after |= {person.id: person for person in changed}
        try:
            self.runner.run(self.commit(changed, gone, fails))
        except Duplicate:
            assert have_duplicates(after)
        except ZeroDivisionError:
            assert fails
        else:
            assert not have_duplicates(after)
            self.people = after

    async def commit(self, changed: list[Person], gone: list[str], fails: bool) -> None:
        """Delete, then put, and look at the outcome before the end."""
        async with self.store.transaction() as tx:
            for id in gone:
                tx.delete(Person, id)
            tx.put(*changed)
            expected = {id: person for id, person in self.people.items() if id not in gone}
            expected |= {person.id: person for person in changed}
            assert await tx.find(Person) == [expected[id] for id in sorted(expected)]
            if fails:
                _ = 1 / 0

    @rule(job=JOBS)
    def add_work(self, job: Job) -> None:
        """New work, or the same put back."""
        self.runner.run(put(self.store, job))
        self.jobs[job.id] = job

    @rule(id=IDS)
    def finish_work(self, id: str) -> None:
        """Work that was done."""
        self.runner.run(delete(self.store, Job, id))
        self.jobs.pop(id, None)

    @rule(minutes=st.integers(0, 3), most=st.integers(1, 3))
    def claim(self, minutes: int, most: int) -> None:
        """A claim some time later."""
        self.minute += minutes
        now = NOON + self.minute * MINUTE
        taken = self.runner.run(self.store.claim(Job, "letters", now, 2 * MINUTE, most))
        claimable = sorted(self.falls_due(job) for job in self.jobs.values() if self.falls_due(job) <= now)
        assert [self.falls_due(self.jobs[job.id]) for job in taken] == claimable[:most]
        for job in taken:
            assert (job.tries, job.leased_until) == (self.jobs[job.id].tries + 1, now + 2 * MINUTE)
            self.jobs[job.id] = job

    def falls_due(self, job: Job) -> datetime:
        """When a job may be claimed."""
        assert job.due is not None
        return max(job.due, job.leased_until or job.due)

    @rule()
    def restart(self) -> None:
        """A clean stop and start, which ends all leases: there is one writer, and it was away."""
        self.runner.run(self.store.close())
        self.store = self.runner.run(self.open())
        self.jobs = {id: make_job(id, due=job.due, tries=job.tries) for id, job in self.jobs.items()}

    @invariant()
    def agrees(self) -> None:
        """Every look-up gives what the dictionaries say."""
        assert self.runner.run(self.store.find(Person)) == [self.people[id] for id in sorted(self.people)]
        for value in ("", "x", "y"):
            expected = [self.people[id] for id in sorted(self.people) if self.people[id].address == value]
            assert self.runner.run(self.store.find(Person, address=value)) == expected
        assert self.runner.run(self.store.count(Person)) == len(self.people)
        assert self.runner.run(self.store.find(Job)) == [self.jobs[id] for id in sorted(self.jobs)]
        due = [self.falls_due(job) for job in self.jobs.values()]
        assert self.runner.run(self.store.next_due(Job, "letters")) == min(due, default=None)


def test_a_random_story_ends_like_a_dictionarys() -> None:
    """Whatever is done in whatever order, every look-up agrees with a dictionary that saw the same."""
    run_state_machine_as_test(
        TinyStory,
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
