#!/bin/sh
# Writes both lock files from pyproject.toml: uv.lock for uv, and the same set with hashes for plain pip.
# `make lock UPGRADE=--upgrade` takes the newest releases instead of keeping what is locked.
set -eu
cd "$(dirname "$0")/.."
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet "uv==0.13.9"
.venv/bin/uv lock --quiet ${UPGRADE:-}
.venv/bin/uv export --quiet --frozen --all-groups --no-emit-project --no-header --no-annotate \
    --output-file requirements.lock >/dev/null
sh scripts/setup.sh
touch .venv/.done
