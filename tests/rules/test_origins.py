"""One grade for what three checks say of a sender."""

from __future__ import annotations

import pytest

from handlers.model.mail import Grade, Origin, Result
from handlers.rules.origin_words import reasons
from handlers.rules.origins import grade


@pytest.mark.parametrize(
    ("dmarc", "spf", "dkim", "tried", "worth"),
    [
        ("pass", True, False, True, "proven"),
        ("pass", False, True, True, "proven"),
        ("fail", False, False, True, "failed"),
        ("none", True, True, True, "proven"),
        ("none", True, False, True, "partial"),
        ("none", False, True, True, "partial"),
        ("none", False, False, True, "unproven"),
        ("permerror", False, False, True, "unproven"),
        ("permerror", True, True, True, "proven"),
        ("temperror", False, False, True, "unknown"),
        ("temperror", True, False, True, "unknown"),
        ("none", False, False, False, "unknown"),
    ],
)
def test_the_checks_give_one_grade(dmarc: Result, spf: bool, dkim: bool, tried: bool, worth: Grade) -> None:
    """A policy decides alone; without one both checks have to agree; no answer is no verdict (T1)."""
    assert grade(dmarc, spf=spf, dkim=dkim, tried=tried) == worth


def test_what_is_not_known_is_not_held_against_a_domain() -> None:
    """Without one From address, and without a sender to look at, no domain is said to have broken or no rules."""
    said = dict(reasons(Origin(spf="none", dkim="none", dmarc="permerror", aligned=False, grade="unproven")))
    assert said["SPF"] == "who handed it in, or for whom, is not known"
    assert said["DMARC"] == "there is no one From address"
