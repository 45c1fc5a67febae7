"""The mail door of a desk that runs: its certificate, its postmaster, and who stands between."""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
from datetime import timedelta

from handlers.clock import system_clock
from tests.certificates import write_pair
from tests.console.place import HOST, Place, Serving, lost_mail

NAME = "mx.desk.example"


def with_certificate(place: Place, days: float = 30) -> None:
    """The place has a certificate that is good for so many days."""
    write_pair(place.folder / "cert.pem", place.folder / "key.pem", NAME, system_clock() + timedelta(days=days))
    place.settings |= {"DESK_MAIL_TLS_CERT": "cert.pem", "DESK_MAIL_TLS_KEY": "key.pem"}


def serial(running: Serving) -> bytes:
    """The certificate that a session meets now."""
    context = ssl.create_default_context(cafile=str(running.place.folder / "cert.pem"))
    context.check_hostname = False
    with smtplib.SMTP("127.0.0.1", running.port("mail")) as session:
        session.starttls(context=context)
        assert isinstance(session.sock, ssl.SSLSocket)
        return session.sock.getpeercert(binary_form=True) or b""


def test_a_renewed_certificate_needs_no_restart(place: Place) -> None:
    """The next session has it; a broken one is complained of by /ready, and its days are in /metrics."""
    with_certificate(place, days=20)
    with place.serving() as running:
        first = serial(running)
        with_certificate(place, days=60)
        assert serial(running) != first
        left = [line for line in running.get("/metrics")[1].splitlines() if line.startswith("desk_mail_certificate")]
        assert float(left[0].split()[1]) > 59 * 24 * 3600
        (place.folder / "key.pem").write_text("half of it", "utf-8")
        status, body = running.get("/ready")
        assert status == 503
        assert "cannot be used" in json.loads(body)["parts"]["certificate"]


def test_check_says_how_long_the_certificate_lasts(place: Place) -> None:
    """Well in time it is a number, late it is a complaint with what to do."""
    with_certificate(place, days=30.5)
    [line] = [line for line in place.run("check").out.splitlines() if " certificate:" in line]
    assert line.startswith("ok ")
    assert line.endswith(", 30 days")
    with_certificate(place, days=3.5)
    [line] = [line for line in place.run("check").out.splitlines() if " certificate:" in line]
    assert line.startswith("FAIL certificate: cert.pem")
    assert "3 days are left - renew it" in line
    with_certificate(place, days=-1)
    assert "it has expired" in place.run("check").out


def test_the_postmaster_and_foreign_names_of_our_domains(place: Place) -> None:
    """RFC 5321 4.5.1: `<postmaster>` is taken with and without a domain of ours; a domain of others' is not."""
    with place.serving() as running, smtplib.SMTP("127.0.0.1", running.port("mail")) as session:
        session.ehlo("client.example")
        session.mail("a@b.example")
        assert session.docmd("RCPT TO:<Postmaster>")[0] == 250
        assert session.docmd("RCPT TO:<POSTMASTER@ESP.example>")[0] == 250
        assert session.docmd("RCPT TO:<postmaster@other.example>")[0] == 550
        assert session.docmd("RCPT TO:<Support@ESP.EXAMPLE>")[0] == 250


def test_a_balancer_must_say_who_comes(place: Place) -> None:
    """As set in the environment; a network that is none stops the start."""
    place.settings |= {"DESK_MAIL_PROXY_FROM": "127.0.0.0/8, 2001:db8::/48"}
    with place.serving() as running, smtplib.SMTP() as session:
        session.sock = session._get_socket("127.0.0.1", running.port("mail"), 5)  # type: ignore[attr-defined]
        session.send(b"PROXY TCP4 198.51.100.7 127.0.0.1 40000 25\r\n")
        assert session.getreply()[0] == 220
        assert session.ehlo("client.example")[0] == 250
    wrong = place.run("check", DESK_MAIL_PROXY_FROM="10.0.0.1/8")
    assert "DESK_MAIL_PROXY_FROM" in wrong.out
    assert "networks or addresses" in wrong.out


def test_a_silent_dns_is_seen_by_monitors_and_stops_nothing(place: Place) -> None:
    """The mail is a case and the desk stays ready; /ready and /metrics say what it works without."""
    sender = "marie@mail.example"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((HOST, 0))
        place.settings["DESK_DNS"] = f"{HOST}:{silent.getsockname()[1]}"
        with place.serving() as running:
            assert "notes" not in json.loads(running.get("/ready")[1])
            assert "desk_dns_silent 0.0" in running.get("/metrics")[1]
            running.send(lost_mail("durand42", sender, "1"), sender, "support@shopfactory.example")
            running.wait("dns.silent")
            status, body = running.get("/ready")
            assert (status, json.loads(body)["ready"]) == (200, True)
            assert json.loads(body)["notes"] == {
                "dns": "no name server answers; mails come in, their senders are not checked"
            }
            metrics = running.get("/metrics")[1]
            assert "desk_dns_silent 1.0" in metrics
            assert "desk_mails_unchecked 1.0" in metrics
            assert 'part="dns"' not in metrics
