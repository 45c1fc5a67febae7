"""Time-based one-time codes (RFC 6238): six digits for every 30 seconds, by SHA-1, as every authenticator app does."""

from __future__ import annotations

from datetime import UTC, datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

PERIOD = 30
WINDOW = 1
"""How many steps before and after the present one are taken: clocks differ, and typing takes time (RFC 6238, 5.2)."""


def is_usable(secret: str) -> bool:
    """Whether codes can be made from this base 32 text: it must be that, and hold 112 bits (RFC 4226, 4, R6)."""
    try:
        pyotp.TOTP(secret)
    except ValueError:
        return False
    return True


def step_of(secret: str, digits: str, at: datetime) -> int | None:
    """The time step (RFC 6238, 4.2) whose code this is, at most WINDOW steps from `at`; None when it is not one."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=at, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def began(step: int) -> datetime:
    """When the time step began (UTC)."""
    return datetime.fromtimestamp(step * PERIOD, UTC)


def uri(secret: str, login: str, issuer: str) -> str:
    """The `otpauth:` address that an app takes over from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)
