"""A mail that the DNS said nothing of is a case at once, and is checked again: played through the real door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from handlers import accounts, decide, mails, rechecks
from handlers.decide import Answers
from handlers.model.case import Case
from handlers.model.errors import Refused
from handlers.model.kept_mail import Unchecked
from handlers.model.outbox import CardRefresh, Letter
from handlers.outbox import LEASE
from handlers.post.addressing import accepts
from mailin import rechecks as checking
from mailin import replies, worker
from mailin.origin.asking import Answer, Kind, Unanswered
from mailin.origin.checks import Checks
from mailin.origin.clues import NO_TRUST, Trust
from tests.builders import AYSE, DeskUnderTest, make_account, open_desk
from tests.mailin.origin.world import DOMAIN, MAIL, REJECT, SPF, Dns, proof, zone
from tests.mailin.smtp import House, house
from tests.waiting import once, until

OWN, FORGERS = "192.0.2.7", "203.0.113.66"
ADDRESS = f"marie@{DOMAIN}"
SAYS = zone(SPF, REJECT)
SILENT = dict.fromkeys(SAYS)


class Street:
    """A desk behind its door, and a DNS that answers or does not."""

    def __init__(self, desk: DeskUnderTest, door: House, dns: Dns, checks: Checks) -> None:
        self.desk, self.door, self.dns, self.checks = desk, door, dns, checks
        self._sent = 0

    def answers(self, yes: bool) -> None:
        """Let the DNS say everything, or nothing."""
        self.dns.zone = dict(SAYS if yes else SILENT)

    async def send(self, peer: str, text: str = "j'ai  perdu mon mot de passe", sender: str = ADDRESS) -> list[Case]:
        """Hand a mail in from that machine, and wait until it is taken in; all cases, the oldest first."""
        self._sent += 1
        client = await self.door.connect(greeted=False)
        await client.send(f"PROXY TCP4 {peer} 192.0.2.1 40000 25\r\n".encode())
        await client.hear()
        await client.say("EHLO mx.clients.example")
        await client.say(f"MAIL FROM:<{sender}>")
        await client.say("RCPT TO:<support@shopfactory.example>")
        await client.say("DATA")
        content = MAIL.replace(b"<m1@", f"<m{self._sent}@".encode()).replace(ADDRESS.encode(), sender.encode())
        await client.send(content.replace(b"j'ai  perdu mon mot de passe", text.encode()) + b".\r\n")
        assert await client.hear() == replies.ACCEPTED
        await until(lambda: not self.door.spool.pending, 20)
        return await self.cases()

    async def cases(self) -> list[Case]:
        """The oldest first."""
        return sorted(await self.desk.desk.store.find(Case), key=lambda case: case.opened_at)

    async def later(self, minutes: int) -> list[Case]:
        """Do what is due after so many minutes."""
        self.desk.clock.now += timedelta(minutes=minutes)
        now = self.desk.clock.now
        for piece in await self.desk.desk.store.claim(Unchecked, rechecks.QUEUE, now, LEASE, 20):
            await checking.again(self.desk.desk, self.checks, piece)
        return await self.cases()


@asynccontextmanager
async def street(folder: Path, dns: Dns | None = None) -> AsyncIterator[Street]:
    """The five services' desk, with Marie's account, behind a load balancer; the DNS is silent, or another one."""
    async with open_desk(folder) as desk:
        await desk.keep(make_account(address=ADDRESS, address_key=ADDRESS))
        is_ours = partial(accepts, desk.desk)
        async with house(folder, accepts=is_ours, balancers=("127.0.0.0/8",)) as door:
            dns = dns or Dns(SILENT)
            checks = Checks(dns, NO_TRUST, 3.0)
            task = asyncio.create_task(worker.run(door.spool, desk.desk, checks=checks))
            try:
                yield Street(desk, door, dns, checks)
            finally:
                task.cancel()
                await asyncio.wait([task])


def kinds(case: Case) -> set[str]:
    """What is known of a case."""
    return {one.kind for one in case.evidence}


def grade(case: Case) -> str:
    """What the checks of its sender are worth."""
    assert case.origin is not None
    return case.origin.grade


async def test_T1_a_mail_that_nobody_could_check_is_proven_later(tmp_path: Path) -> None:
    """It is a case at once; once the DNS answers, its card, its key and its mail say so, and her next mail joins it."""
    async with street(tmp_path) as town:
        [before] = await town.send(OWN)
        assert (grade(before), before.requester_key) == ("unknown", f"in the name of {ADDRESS}")
        assert "address_claimed" in kinds(before)
        town.answers(True)
        [case] = await town.later(1)
        assert (grade(case), case.requester_key, case.version) == ("proven", ADDRESS, before.version + 1)
        assert {"address_on_file", "sender_proven"} <= kinds(case)
        assert not {"address_claimed", "sender_unchecked"} & kinds(case)
        assert (case.history[-1].event, case.history[-1].detail) == ("mail.checked", "proven")
        refresh = await town.desk.desk.store.get(CardRefresh, case.id)
        assert refresh is not None
        assert refresh.version == case.version
        [kept] = await mails.newest_first(town.desk.desk.store, town.desk.desk, case.id)
        assert kept.mail.origin == case.origin
        assert [one.id for one in await town.send(OWN, "et mon code")] == [case.id]


async def test_T1_a_forger_who_silences_the_dns_gains_nothing(tmp_path: Path) -> None:
    """Unproven and apart while it is silent, called a forgery once it is not; a mail of the owner joins it never."""
    async with street(tmp_path) as town:
        [forged] = await town.send(FORGERS)
        assert grade(forged) == "unknown"
        town.answers(True)
        [forged] = await town.later(1)
        assert (grade(forged), forged.requester_key) == ("failed", f"not of {ADDRESS}")
        assert "sender_failed" in kinds(forged)
        assert not {"address_on_file", "address_claimed", "login_and_address_agree"} & kinds(forged)
        _, own = await town.send(OWN, "mes mots")
        assert own.requester_key == ADDRESS
        assert "perdu" not in own.text


async def test_T31_nothing_unproven_is_lifted_by_a_mail_that_is_proven_late(tmp_path: Path) -> None:
    """A forger who writes into the unproven case keeps it unproven: better that than trusting the forger's words."""
    async with street(tmp_path) as town:
        await town.send(OWN)
        [case] = await town.send(FORGERS, "change my address to thief@evil.example")
        town.answers(True)
        [after] = await town.later(1)
        assert after == case
        assert await town.desk.desk.store.count(Unchecked) == 0
        _, own = await town.send(OWN, "mes mots")
        assert (own.requester_key, grade(own)) == (ADDRESS, "proven")


async def test_T1_a_case_that_was_proven_already_stays_as_it_is(tmp_path: Path) -> None:
    """What is proven late is a case of the same customer beside it; nothing is carried from one to the other."""
    async with street(tmp_path) as town:
        town.answers(True)
        [proven] = await town.send(OWN, "mes mots")
        town.answers(False)
        await town.send(OWN)
        town.answers(True)
        cases = {case.id: case for case in await town.later(1)}
        assert cases.pop(proven.id) == proven
        [late] = cases.values()
        assert (late.requester_key, grade(late)) == (ADDRESS, "proven")


async def test_it_is_tried_three_times_and_then_left(tmp_path: Path) -> None:
    """After 1, 5 and 15 minutes; the card says that nobody could check, as it did."""
    async with street(tmp_path) as town:
        [case] = await town.send(OWN)
        for minutes in rechecks.AGAIN_MINUTES:
            assert await town.desk.desk.store.count(Unchecked) == 1
            asked = len(town.dns.asked)
            assert await town.later(minutes - 1) == [case]
            assert len(town.dns.asked) == asked
            assert await town.later(1) == [case]
            assert len(town.dns.asked) > asked
        assert await town.desk.desk.store.count(Unchecked) == 0


async def test_what_was_decided_meanwhile_stands(tmp_path: Path) -> None:
    """Staff who refused a case are not told that it was somebody else's; it is over."""
    async with street(tmp_path) as town:
        [case] = await town.send(OWN)
        refused = await decide.act(town.desk.desk, case.id, "refuse", AYSE, None, Answers(reason="suspicious"))
        town.answers(True)
        assert await town.later(1) == [refused]


class SecondTime(Dns):
    """Answers who asks again."""

    async def ask(self, name: str, kind: Kind) -> Answer:
        """The answer; raises Unanswered the first time."""
        answer = await super().ask(name, kind)
        if self.asked.count(self.asked[-1]) == 1:
            raise Unanswered(name)
        return answer


async def test_the_desk_does_it_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to ask: the mail role looks what is due."""
    monkeypatch.setattr(rechecks, "AGAIN_MINUTES", (0,))
    async with street(tmp_path, SecondTime(SAYS)) as town:
        await town.send(OWN)

        async def proven() -> list[Case]:
            return [one for one in await town.cases() if grade(one) == "proven"]

        [case] = await once(proven)
        assert [step.event for step in case.history if step.event.startswith("mail.")] == ["mail.checked"]


@pytest.mark.parametrize(
    ("sealed", "tries"),
    [("gone.AAAA", 0), ("", 0), ('{"asked": {"source": "mail", "sender": "a@b.example"}, "facts": "{}"}', 0), ("?", 9)],
    ids=["its key is gone", "not sealed", "of another release", "it failed each time"],
)
async def test_what_cannot_be_checked_any_more_is_left(tmp_path: Path, sealed: str, tries: int) -> None:
    """It is tried no more, and stops nobody behind it."""
    async with street(tmp_path) as town:
        [case] = await town.send(OWN)
        sealed = town.desk.desk.vault.seal("mail", sealed) if "{" in sealed else sealed
        due = town.desk.clock.now + timedelta(minutes=1)
        await town.desk.keep(Unchecked(id=case.id, queue=rechecks.QUEUE, due=due, sealed=sealed, tries=tries))
        assert await town.later(1) == [case]
        assert await town.desk.desk.store.count(Unchecked) == 0


@pytest.mark.parametrize(
    "said", ["mx.desk.example; dmarc=temperror header.from=clients.example", "mx.desk.example; none"]
)
async def test_what_only_the_border_could_have_known_is_not_asked_again(said: str) -> None:
    """Its words do not change, however often they are read."""
    mail = f"Authentication-Results: {said}\r\n".encode() + MAIL
    found = await proof(mail, Dns(SAYS), trust=Trust(authserv_id="mx.desk.example"))
    assert (found.origin.grade, found.unanswered) == ("unknown", False)


async def test_a_letter_to_the_proven_customer_is_possible_then(tmp_path: Path) -> None:
    """The case that was checked late is worth what one is worth that was checked at once."""
    async with street(tmp_path) as town:
        [case] = await town.send(OWN, "mon identifiant est durand42")
        town.answers(True)
        [case] = await town.later(1)
        await decide.act(town.desk.desk, case.id, "send_link", AYSE, None)
        assert "reset" in {letter.kind for letter in await town.desk.desk.store.find(Letter)}


async def test_T1_what_was_true_of_another_address_is_not_said_of_the_one_on_file(tmp_path: Path) -> None:
    """The address changed while the DNS was silent: the mail proves what it would have proved at once, and no more."""
    async with street(tmp_path) as town:
        [case] = await town.send(OWN, "mon identifiant est durand42")
        assert "login_and_address_agree" in kinds(case)
        moved = {"service": "shopfactory", "login": "durand42", "address": "new@other.example"}
        await accounts.add(town.desk.desk, moved, AYSE)
        town.answers(True)
        [case] = await town.later(1)
        assert kinds(case) == {"login_known", "address_not_on_file", "sender_proven"}
        with pytest.raises(Refused, match="neither written from the address on file"):
            await decide.act(town.desk.desk, case.id, "send_link", AYSE, None)
