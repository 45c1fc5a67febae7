"""Who clicked, and what they may do: nobody by default, looked up at every click (THREATS T23, T24).

What Slack said of a person or a group is believed for five minutes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.trouble import NETWORK, said
from handlers.clock import Clock
from handlers.model.document import Value
from handlers.model.errors import Unavailable
from handlers.model.staff import Role, Staff

log = structlog.get_logger("bot")

FRESH = timedelta(minutes=5)
PATIENCE = 2.0
"""Seconds Slack may take to say who somebody is; a click has to be answered within three."""

_USER = re.compile(r"[UW][A-Z0-9]{2,}")


class Caller(Value, frozen=True):
    """Who sent a payload, by Slack's own words: the user, their workspace, and ours."""

    user: str
    team: str
    home: str


class Person(Value, frozen=True):
    """A member of the workspace at `at` (UTC); bots, guests, the deactivated and strangers are no insiders."""

    name: str
    insider: bool
    at: datetime


class Roster:
    """`listed` maps each role to user ids (U…, W…) and user-group ids (S…), whose members Slack is asked for."""

    def __init__(self, client: AsyncWebClient, listed: Mapping[Role, frozenset[str]], clock: Clock) -> None:
        self._client = client
        self._listed = listed
        self._clock = clock
        self._people: dict[str, Person] = {}
        self._groups: dict[str, tuple[datetime, frozenset[str]]] = {}

    async def staff(self, caller: Caller) -> Staff:
        """The caller with their roles, none for outsiders. Raises Unavailable when Slack cannot say who they are."""
        if not _USER.fullmatch(caller.user):
            return Staff(id="unknown", name="somebody unknown")
        person = await self._person(caller)
        if caller.team != caller.home or not person.insider:
            return Staff(id=caller.user, name=person.name)
        roles = [role for role in self._listed if await self._holds(caller.user, role)]
        return Staff(id=caller.user, name=person.name, roles=frozenset(roles))

    async def _holds(self, user: str, role: Role) -> bool:
        ids = self._listed[role]
        groups = sorted(id for id in ids if id.startswith("S"))
        return user in ids or any([user in await self._members(group) for group in groups])

    async def _person(self, caller: Caller) -> Person:
        known = self._people.get(caller.user)
        if known is None or self._clock() - known.at >= FRESH:
            known = await self._asked(caller)
            self._people[caller.user] = known
        return known

    async def _asked(self, caller: Caller) -> Person:
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._client.users_info(user=caller.user)
        except SlackApiError as error:
            if said(error) in ("user_not_found", "user_not_visible"):
                return Person(name=caller.user, insider=False, at=self._clock())
            raise _unknown(error) from error
        except NETWORK as error:
            raise _unknown(error) from error
        user: dict[str, Any] = answer["user"]
        return Person(name=_name(user), insider=_is_insider(user, caller.home), at=self._clock())

    async def _members(self, group: str) -> frozenset[str]:
        """The group's members; nobody when Slack cannot say."""
        at, members = self._groups.get(group, (None, frozenset()))
        if at is not None and self._clock() - at < FRESH:
            return members
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._client.usergroups_users_list(usergroup=group)
        except NETWORK as error:
            log.warning("user group unknown, its members have no role", group=group, error=said(error))
            return frozenset()
        members = frozenset(answer["users"])
        self._groups[group] = (self._clock(), members)
        return members


def _is_insider(user: Mapping[str, Any], home: str) -> bool:
    teams = {user.get("team_id"), *user.get("enterprise_user", {}).get("teams", [])}
    barred = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    return home in teams and not any(user.get(mark) for mark in barred)


def _name(user: Mapping[str, Any]) -> str:
    profile = user.get("profile") or {}
    names = (profile.get("real_name"), user.get("real_name"), user.get("name"), user.get("id"))
    return str(next(name for name in names if name))[:80]


def _unknown(error: Exception) -> Unavailable:
    log.warning("user unknown, nothing was done", error=said(error))
    return Unavailable("Slack does not say who you are right now.")
