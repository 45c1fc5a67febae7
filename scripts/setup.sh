#!/bin/sh
# Makes .venv exactly as the lock files say. Done once; again only when a lock file changes (the Makefile sees to that).
set -eu
cd "$(dirname "$0")/.."
exec </dev/null

python=${PYTHON:-python3}
uv_wanted="uv==0.13.9"
# A message about pip's own age is no news to anybody here.
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup: Python 3.11 or newer is needed; $python is $("$python" --version 2>&1). Set PYTHON to another." >&2
    exit 1
}
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    "$python" -m venv --clear .venv || {
        echo "setup: no virtual environment could be made. On Debian: apt-get install python3-venv" >&2
        exit 1
    }
fi

with_uv() {
    [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" = "${uv_wanted#uv==}" ] ||
        .venv/bin/python -m pip install --quiet "$uv_wanted" || return 1
    # --inexact: uv itself lives in this environment and is not in the lock.
    UV_LINK_MODE=copy .venv/bin/uv sync --quiet --frozen --inexact --no-managed-python --python .venv/bin/python
}

if ! with_uv 2>.venv/uv.log; then
    echo "setup: uv cannot be used here (why: .venv/uv.log), going on with pip" >&2
    .venv/bin/python -m pip install --quiet --require-hashes -r requirements.lock
fi
