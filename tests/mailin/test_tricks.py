"""Sender lines that pass for another's are seen for what they are (T1, T5)."""

from __future__ import annotations

import pytest

from mailin.tricks import tricks

OURS = ("support@lantern.example",)


@pytest.mark.parametrize(
    ("name", "sender", "mail_from", "found"),
    [
        ("Marie Durand", "marie@clients.example", "marie@clients.example", ()),
        ("marie@clients.example", "Marie@clients.example", "marie@clients.example", ()),
        ("marie@clients.example", "eve@evil.example", "eve@evil.example", ("address_in_name",)),
        ("Marie <marie@clients.example>", "eve@evil.example", "", ("address_in_name",)),
        ("Marie", "m\u0430rie@clients.example", "", ("mixed_scripts",)),
        ("Marie", "marie@xn--clints-4of.example", "", ("mixed_scripts",)),
        ("Мария", "мария@почта.example", "", ()),
        ("Ayşe", "ayşe@müşteri.example", "", ()),
        ("Lantern", "support@1antern.example", "", ("like_our_domain",)),
        ("Lantern", "support@lanterne.example", "", ("like_our_domain",)),
        ("Lantern", "help@mail.lantern.example", "", ()),
        ("Marie", "marie@clients.example", "bounce@mailer.example", ("return_elsewhere",)),
        ("Marie", "marie@clients.example", "b@bounce.clients.example", ()),
        ("", "", "", ()),
    ],
)
def test_each_trick_is_named(name: str, sender: str, mail_from: str, found: tuple[str, ...]) -> None:
    """Another address in the name, mixed alphabets, a domain like ours, a return path of another domain."""
    assert tricks(name, sender, mail_from, OURS) == found
