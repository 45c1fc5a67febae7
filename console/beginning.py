"""`init`: what a new desk needs before its first start."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import typer

from console.running import complain, complaining
from handlers.configuration.opening import lost_key
from handlers.configuration.settings import FILE, Settings, keep_key
from handlers.model.errors import Unavailable
from handlers.vault import new_key


def init() -> None:
    """Write desk.toml and the desk's key. Both readable by their owner only; nothing is overwritten."""
    with complaining():
        if Path(FILE).exists():
            complain(f"{FILE} is there already; nothing was changed.")
            raise typer.Exit(1)
        settings = Settings.load()
        _require_no_other_key(settings)
        with open(os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(Settings.template())
        typer.echo(f"{FILE} is written: every setting is in it, commented out.")
        if not settings.keys:
            keep_key(settings, new_key())
            typer.echo(f"{settings.data / 'keys'} is written: the desk's key. Keep a copy of it in a safe place.")
        typer.echo("Next: `check` says what is still missing.")


def _require_no_other_key(settings: Settings) -> None:
    """A new key beside a store that was sealed with another one would lie in the place of what was lost."""
    lost = None if settings.keys else asyncio.run(lost_key(settings))
    if lost:
        raise Unavailable(f"Nothing was written: {lost.says}. Instead, {lost.fix}.")
