# Two commands do everything from a fresh clone: `make demo` and `make test`. Each does the set-up it needs.
.DEFAULT_GOAL := help
.PHONY: help setup test check bench demo seeds pictures lock clean
.SILENT:

PYTHON ?= python3
export PYTHON
# Compiled modules are kept whatever the environment says: a run starts hundreds of programs, and each would compile anew.
export PYTHONDONTWRITEBYTECODE :=
VENV := .venv/bin

help: ## list the targets
	sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1@\2/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "%-12s %s\n", $$1, $$2 }'

setup: .venv/.done ## create .venv from the lock files

.venv/.done: uv.lock requirements.lock scripts/setup.sh
	echo "setting up .venv from the lock file ..." >&2
	sh scripts/setup.sh
	touch $@

test: setup ## set up, then every check and every test
	sh scripts/system.sh chromium emulator axe || echo "test: what needs the missing tool is skipped, or fails when CI=true" >&2
	$(VENV)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist loadgroup </dev/null

check: setup ## format, lint, types and import contracts only
	$(VENV)/python -m pytest -q tests/tools </dev/null

bench: setup ## run every benchmark (see bench/README.md)
	$(VENV)/python -m bench

demo: setup ## the desk, a local Slack and an inbox; CHECK=1 plays the story by itself
	sh scripts/system.sh emulator
	$(VENV)/python bot.py demo $(if $(CHECK),--check)

seeds: setup ## write docs/seeds.md anew: each rule of the five services, and the tests that prove it
	$(VENV)/python scripts/seeds.py

pictures: setup ## draw every page, letter and card into docs/pictures; ONLY=reset LANGUAGE=tr WIDTH=360 DARK=1
	sh scripts/system.sh chromium emulator
	$(VENV)/python -m scripts.pictures $(ONLY) $(if $(LANGUAGE),--language $(LANGUAGE)) $(if $(WIDTH),--width $(WIDTH)) $(if $(DARK),--dark)

lock: ## write uv.lock and requirements.lock anew from pyproject.toml
	sh scripts/lock.sh

clean: ## remove what the targets made
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
