"""What the tests of delivery have in common."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery import Delivery
from bot.posting import Posting
from demo.slack import CHANNEL
from handlers import cases
from handlers.clock import system_clock
from handlers.configuration.services import Services
from handlers.desk import Desk
from handlers.model.case import Case
from handlers.model.outbox import CardRefresh
from handlers.model.staff import DESK
from tests.bot.stub import Stub


class Ahead:
    """The machine's time, moved ahead by a test so that leases and waits end."""

    def __init__(self) -> None:
        self._clock = system_clock
        self.by = timedelta()

    def __call__(self) -> Any:
        return self._clock() + self.by


def make_posting(stub: Stub, pace: float = 0.0) -> Posting:
    client = AsyncWebClient(token="xoxb-test", base_url=stub.api, retry_handlers=[], timeout=2)
    return Posting(client, pace=pace)


def make_delivery(
    desk: Desk, stub: Stub, channel: str = CHANNEL, pace: float = 0.0, posting: Posting | None = None
) -> Delivery:
    return Delivery(desk, posting or make_posting(stub, pace), channel, local_times=False)


async def waiting(desk: Desk) -> list[str]:
    """The cases whose card is still due."""
    return [refresh.id for refresh in await desk.store.find(CardRefresh)]


async def change(desk: Desk, case_id: str) -> Case:
    """Something happens to the case."""
    async with desk.store.transaction() as tx:
        return await cases.record(tx, desk, await cases.load(tx, case_id), "case.continued", DESK)


def replace_services(desk: Desk, service: Any) -> Desk:
    """The same desk with its service's file changed."""
    return dataclasses.replace(desk, services=Services({service.id: service}))
