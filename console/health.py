"""What a machine asks the desk: /live, /ready and /metrics, on a listener of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from console.listeners import listening
from handlers import lookups
from handlers.configuration.endpoints import HostPort
from handlers.desk import Desk
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Unavailable
from handlers.model.kept_mail import Unchecked
from handlers.model.outbox import Alert, CardRefresh, Letter

log = structlog.get_logger()

Ready = Callable[[], Awaitable[str]]
"""Says what is wrong with a part of the desk, or nothing while it works."""


Number = tuple[str, Callable[[], float]]
"""A number of a part, for /metrics: what it is, and how much it is now."""


@asynccontextmanager
async def answering(
    desk: Desk, at: HostPort, parts: Mapping[str, Ready], numbers: Mapping[str, Number], notes: Mapping[str, Ready]
) -> AsyncIterator[None]:
    """Answer at `at` while the block runs; `/ready` is 200 when no part has anything to complain of, else 503.

    What `notes` say is shown there as well: the desk does its work without it.
    """

    async def live(request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def ready(request: web.Request) -> web.Response:
        complaints = {"store": await _store(desk), **{name: await says() for name, says in parts.items()}}
        well = not any(complaints.values())
        body = {"ready": well, "parts": {name: why or "ok" for name, why in complaints.items()}}
        noted = {name: why for name, says in notes.items() if (why := await says())}
        return web.json_response(body | ({"notes": noted} if noted else {}), status=200 if well else 503)

    async def metrics(request: web.Request) -> web.Response:
        if why := await _store(desk):
            raise web.HTTPServiceUnavailable(text=f"{why}\n")
        return web.Response(body=await _metrics(desk, parts, numbers), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/live", live)
    app.router.add_get("/ready", ready)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        with listening("admin", at):
            await web.TCPSite(runner, at.host, at.port).start()
        log.info("admin.open", at=", ".join(f"{host}:{port}" for host, port, *_ in runner.addresses))
        yield
    finally:
        await runner.cleanup()


async def _store(desk: Desk) -> str:
    try:
        await desk.store.count(Case)
    except Unavailable as error:
        return str(error)
    return ""


class _Gauges(Collector):
    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> list[GaugeMetricFamily]:
        return self._families


async def _metrics(desk: Desk, parts: Mapping[str, Ready], of_parts: Mapping[str, Number]) -> bytes:
    letters = await desk.store.find(Letter)
    waiting = await lookups.queue(desk)
    oldest = max(((desk.now() - case.opened_at).total_seconds() for case in waiting), default=0.0)
    numbers = {
        "desk_cases": ("All cases", await desk.store.count(Case)),
        "desk_cases_waiting": ("Cases that are not over", len(waiting)),
        "desk_oldest_case_seconds": ("Age of the oldest case that is not over", oldest),
        "desk_letters_waiting": ("Letters on their way", sum(letter.due is not None for letter in letters)),
        "desk_letters_dead": ("Letters that could not be delivered", sum(letter.due is None for letter in letters)),
        "desk_cards_waiting": ("Cards to be posted or redrawn", await desk.store.count(CardRefresh)),
        "desk_alerts_waiting": ("Alerts on their way to the channel", await desk.store.count(Alert)),
        "desk_mails_unchecked": ("Mails whose senders are to be checked again", await desk.store.count(Unchecked)),
        "desk_audit_entries": ("Entries on the trail", await desk.store.count(AuditEntry)),
        **{name: (says, now()) for name, (says, now) in of_parts.items()},
    }
    families = [GaugeMetricFamily(name, says, value=float(value)) for name, (says, value) in numbers.items()]
    ready = GaugeMetricFamily("desk_part_ready", "Whether a part of the desk works", labels=["part"])
    for name, says in parts.items():
        ready.add_metric([name], 0.0 if await says() else 1.0)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gauges([*families, ready]))
    return generate_latest(registry)
