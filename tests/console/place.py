"""A folder with a desk's settings, commands run in it as an operator runs them, and the desk itself as a process."""

from __future__ import annotations

import json
import logging
import os
import signal
import smtplib
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.error import HTTPError

import structlog
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, str(ROOT / "bot.py"))
SECONDS = 40
HOST = "127.0.0.1"
OTHERS = ("DESK_", "SLACK_")
"""What another desk's settings in the environment begin with."""

ACCOUNTS = ROOT / "services" / "stories" / "accounts.csv"


@cache
def program() -> Any:
    """The file `bot.py` as a module: beside the package `bot`, its name leads elsewhere."""
    spec = spec_from_file_location("recovery_desk", ROOT / "bot.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Done(NamedTuple):
    """A command that came to its end."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Place:
    """A folder, and the settings that commands find in the environment there; every port is the system's choice."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.letters = folder / "letters"
        self.settings = {
            "DESK_DATA": "data",
            "DESK_SERVICES": str(ROOT / "services"),
            "DESK_MAIL_LISTEN": f"{HOST}:0",
            "DESK_PORTAL_LISTEN": f"{HOST}:0",
            "DESK_ADMIN_LISTEN": f"{HOST}:0",
            "DESK_RELAY": f"file://{self.letters}",
            "DESK_LOG": "json",
            **settings,
        }

    def run(self, *arguments: str, stdin: bytes = b"", **settings: str) -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            (*PROGRAM, *arguments), cwd=self.folder, env=self.environ(settings), input=stdin, capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def quick(self, *arguments: str, stdin: bytes = b"", **settings: str) -> Done:
        """The same in this process, which has paid for the imports: a command of its own takes a second."""
        environ: dict[str, str | None] = {name: None for name in os.environ if name.startswith(OTHERS)}
        handlers = logging.root.handlers[:]
        try:
            with chdir(self.folder):
                said = CliRunner().invoke(
                    program().app,
                    arguments,
                    input=stdin,
                    env={**environ, **self.settings, **settings},
                    prog_name="bot.py",
                )
        finally:
            structlog.reset_defaults()
            logging.root.handlers[:] = handlers
        if said.exception and not isinstance(said.exception, SystemExit):
            raise said.exception
        return Done(said.exit_code, said.stdout, said.stderr)

    def start(self, *arguments: str, log: Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Start a command that goes on; what it says goes to `log`."""
        with log.open("ab") as out:
            return subprocess.Popen(
                (*PROGRAM, *arguments), cwd=self.folder, env=self.environ(), stdin=stdin,
                stdout=out, stderr=out,
            )  # fmt: skip

    def environ(self, settings: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
        """This machine's environment, with this desk's settings and no other desk's."""
        bare = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
        return {**bare, **self.settings, **settings}

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[Serving]:
        """A desk that is ready in this folder, gone at the end."""
        process = self.start("serve", *arguments, log=self.folder / "desk.log")
        desk = Serving(self, process, self.folder / "desk.log")
        try:
            desk.wait("desk.open")
            yield desk
        finally:
            desk.kill()


class Serving:
    """`serve` as a process; what it listens on stands in its log."""

    def __init__(self, place: Place, process: subprocess.Popen[bytes], log: Path) -> None:
        self.place, self.process, self.log = place, process, log

    @property
    def said(self) -> str:
        """Everything it said so far."""
        return self.log.read_text("utf-8")

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log's entries of that name."""
        return [found for line in self.said.splitlines() if (found := entry(line))["event"] == name]

    def wait(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until the log has so many entries of that name."""
        until = time.monotonic() + SECONDS
        while len(found := self.events(name)) < count:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.02)
        return found

    def port(self, door: str) -> int:
        """The port of `mail`, `portal` or `admin`."""
        return int(self.events(f"{door}.open")[-1]["at"].rpartition(":")[2])

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of an answer of the admin listener."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port('admin')}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def send(self, raw: str, sender: str, to: str) -> None:
        """Mail in; returns when the desk has opened or continued a case."""
        before = len(self.events("mail.taken_in"))
        with smtplib.SMTP(HOST, self.port("mail"), timeout=10) as smtp:
            smtp.sendmail(sender, [to], raw.replace("\n", "\r\n").encode())
        self.wait("mail.taken_in", before + 1)

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ask it to stop; returns how many seconds that took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        return time.monotonic() - began

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()


def entry(line: str) -> dict[str, Any]:
    """A line of the log in either form."""
    if line.startswith("{"):
        found: dict[str, Any] = json.loads(line)
        return found
    _, _, rest = line.partition("] ")
    event, *pairs = rest.split()
    return {"event": event, **dict(pair.split("=", 1) for pair in pairs if "=" in pair)}


LOST = """\
From: Marie Durand <{sender}>
To: support@shopfactory.example
Subject: Mot de passe oublié : {words}
Message-ID: <{id}@test.example>
Content-Type: text/plain; charset=utf-8

Bonjour, j'ai oublié mon mot de passe, mon identifiant est {login}. {words}
"""


def lost_mail(login: str, sender: str, id: str, words: str = "Merci !") -> str:
    """A French mail to ShopFactory from somebody who forgot the password."""
    return LOST.format(login=login, sender=sender, id=id, words=words)
