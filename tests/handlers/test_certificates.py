"""The certificate of the mail door: renewed without a restart, never given up for a broken one."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from handlers.clock import system_clock
from handlers.configuration.certificates import Certificate
from handlers.model.errors import Invalid
from tests.certificates import write_pair

NAME = "mx.desk.example"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and its key on disk."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    write_pair(cert, key, NAME)
    return cert, key


def test_unchanged_files_are_read_once(pair: tuple[Path, Path]) -> None:
    """A look at the files for each session, and nothing more."""
    certificate = Certificate(*pair)
    assert certificate.context() is certificate.context()


def test_renewed_files_are_read_anew(pair: tuple[Path, Path]) -> None:
    """Written in place, or renamed over the old ones as renewal programs do."""
    certificate = Certificate(*pair)
    first = certificate.context()
    write_pair(*pair, NAME, system_clock() + timedelta(days=50))
    second = certificate.context()
    fresh = [path.with_suffix(".new") for path in pair]
    write_pair(fresh[0], fresh[1], NAME, system_clock() + timedelta(days=90))
    for new, old in zip(fresh, pair, strict=True):
        os.replace(new, old)
    assert len({first, second, certificate.context()}) == 3
    assert certificate.expires_at > system_clock() + timedelta(days=80)
    assert certificate.complaint(system_clock()) == ""


@pytest.mark.parametrize("broken", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_broken_renewal_leaves_the_old_one(pair: tuple[Path, Path], broken: bytes) -> None:
    """Said once in the log, and by /ready until it is mended; mail goes on meanwhile."""
    certificate = Certificate(*pair)
    old, good = certificate.context(), pair[0].read_bytes()
    pair[0].write_bytes(broken)
    with capture_logs() as logs:
        assert certificate.context() is certificate.context() is old
    assert [line["event"] for line in logs] == ["certificate.refused"]
    assert "DESK_MAIL_TLS_CERT" in certificate.complaint(system_clock())
    pair[0].write_bytes(good)
    assert certificate.complaint(system_clock()) == ""


def test_a_certificate_without_its_new_key_waits_for_it(pair: tuple[Path, Path], tmp_path: Path) -> None:
    """Two files cannot change at one moment: between them the old pair counts."""
    certificate = Certificate(*pair)
    old = certificate.context()
    fresh = tmp_path / "fresh.pem", tmp_path / "fresh-key.pem"
    write_pair(*fresh, NAME)
    os.replace(fresh[0], pair[0])
    assert certificate.context() is old
    os.replace(fresh[1], pair[1])
    assert certificate.context() is not old
    assert certificate.complaint(system_clock()) == ""


def test_files_that_vanish_are_not_missed_at_once(pair: tuple[Path, Path]) -> None:
    """What was read stays in use, and /ready says that the files are gone."""
    certificate = Certificate(*pair)
    old = certificate.context()
    pair[1].unlink()
    assert certificate.context() is old
    assert certificate.complaint(system_clock())


def test_an_expired_certificate_is_complained_of(pair: tuple[Path, Path]) -> None:
    """Senders that insist on a good one have stopped sending."""
    certificate = Certificate(*pair)
    assert certificate.complaint(system_clock()) == ""
    assert "expired" in certificate.complaint(system_clock() + timedelta(days=2))


def test_a_start_with_a_broken_certificate_is_refused(pair: tuple[Path, Path]) -> None:
    """At the start there is nothing older to go on with."""
    write_pair(pair[0], pair[1].with_suffix(".other"), NAME)
    with pytest.raises(Invalid, match="belong together"):
        Certificate(*pair)
