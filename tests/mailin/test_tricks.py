"""Sender lines that pass for another's are seen for what they are (T1, T5)."""

from __future__ import annotations

import pytest

from handlers.model.mail import ServiceNames
from mailin.tricks import tricks

SERVICES = (
    ServiceNames(id="lantern", name="Lantern Web", aliases=("Lantern",), mailboxes=("support@lantern.example",)),
    ServiceNames(id="abc", name="ABC Sites", aliases=("ABC",), mailboxes=("abc@lantern.example",)),
)


@pytest.mark.parametrize(
    ("name", "sender", "mail_from", "found"),
    [
        ("Marie Durand", "marie@clients.example", "marie@clients.example", ()),
        ("marie@clients.example", "Marie@clients.example", "marie@clients.example", ()),
        ("marie@clients.example", "eve@evil.example", "eve@evil.example", ("address_in_name",)),
        ("Marie <marie@clients.example>", "eve@evil.example", "", ("address_in_name",)),
        ("Marie", "m\u0430rie@clients.example", "", ("mixed_scripts",)),
        ("Marie", "marie@xn--clints-4of.example", "", ("mixed_scripts",)),
        ("claire\uff20bank.example", "x@quar.example", "", ("address_in_name",)),
        ("claire\ufe6bbank\uff0eexample", "x@quar.example", "", ("address_in_name",)),
        ("claire [at] bank.example", "x@quar.example", "", ("address_in_name",)),
        ("claire (at) bank (dot) example", "x@quar.example", "", ("address_in_name",)),
        ("claire at bank.example", "x@quar.example", "", ("address_in_name",)),
        ("claire at bank dot example", "x@quar.example", "", ("address_in_name",)),
        ("Claire Martin bank.example", "x@quar.example", "", ("address_in_name",)),
        ("Claire (www.bank.fr)", "x@quar.example", "", ("address_in_name",)),
        ("claire [at] quar.example", "claire@quar.example", "", ()),
        ("Claire at quar.example", "claire@mail.quar.example", "", ()),
        ("Booking.com", "service@mail.booking.com", "", ()),
        ("Jean.Dupont", "jd@quar.example", "", ()),
        ("wei.li", "wei.li@quar.example", "", ()),
        ("M. J.P. Martin S.A.", "jp@quar.example", "", ()),
        ("Claire at work", "claire@quar.example", "", ()),
        ("Lantern support", "x9@quar.example", "", ("like_our_domain",)),
        ("LANTERN-WEB", "x9@quar.example", "", ("like_our_domain",)),
        ("L\u0430ntern Security Team", "x9@quar.example", "", ("like_our_domain",)),
        ("LanternWeb", "x9@quar.example", "", ("like_our_domain",)),
        ("ABC support", "x9@quar.example", "", ("like_our_domain",)),
        ("ABC", "x9@quar.example", "", ("like_our_domain",)),
        ("ABC Plomberie", "x9@quar.example", "", ()),
        ("Marie Lanternier", "marie@quar.example", "", ()),
        ("Lantern Support", "help@lantern.example", "", ()),
        ("Claire", "\u0441\u0430\u0440\u0435@bank.example", "", ("mixed_scripts",)),
        ("Claire", "\u03bf\u03c1\u03b1@bank.example", "", ("mixed_scripts",)),
        ("Claire", "x@\u0430\u0440\u0440\u0435.example", "", ("mixed_scripts",)),
        ("\u0421\u0430\u0440\u0430", "\u0441\u0430\u0440\u0430@\u043f\u043e\u0447\u0442\u0430.example", "", ()),
        ("Мария", "мария@почта.example", "", ()),
        ("Ayşe", "ayşe@müşteri.example", "", ()),
        ("Help", "support@1antern.example", "", ("like_our_domain",)),
        ("Help", "support@lanterne.example", "", ("like_our_domain",)),
        ("Lantern", "help@mail.lantern.example", "", ()),
        ("Marie", "marie@clients.example", "bounce@mailer.example", ("return_elsewhere",)),
        ("Marie", "marie@clients.example", "b@bounce.clients.example", ()),
        ("", "", "", ()),
    ],
)
def test_each_trick_is_named(name: str, sender: str, mail_from: str, found: tuple[str, ...]) -> None:
    """Another address or our name in the name, alphabets that pass for Latin, a domain like ours, bounces elsewhere."""
    assert tricks(name, sender, mail_from, SERVICES) == found
