"""What can go wrong between the disk and an accepted mail."""

from __future__ import annotations

import errno

from handlers.model.errors import Unavailable

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SpoolFailed(Unavailable):
    """The disk did not keep a mail, so it was not accepted; or the spool cannot be opened."""


class SpoolFull(SpoolFailed):
    """There is no room to keep a mail, on disk or within the spool's own limit."""


def failure(error: OSError) -> SpoolFailed:
    """What a failed write means to the caller."""
    kind = SpoolFull if error.errno in _NO_ROOM else SpoolFailed
    return kind(f"The mail spool cannot keep a mail: {error.strerror or error}.")
