# Needs Python 3.11 or newer and nothing else: everything is installed into .venv, or into the virtual environment that is active.

.PHONY: run serve web scheduler test test-thorough test-long sabotage check bench bench-size understand-report

ifdef VIRTUAL_ENV
  BIN :=
  STAMP := $(VIRTUAL_ENV)/.linli-
else
  BIN := .venv/bin/
  STAMP := .venv/.linli-
  VENV := .venv/bin/python
endif
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
FLASK := $(BIN)python -m flask --app wsgi
INSTALL := $(BIN)python -m pip install --quiet --disable-pip-version-check

# The training set-up: a pretend WeChat, a demo company, one address to open. Ctrl-C stops everything.
run: export SIMULATOR := 1
run: export LOG_LEVEL ?= WARNING
run: $(STAMP)run
	@$(BIN)python -m handlers.commands.prepare
	@exec $(BIN)python -m bot.launch web scheduler simulator

# Production: refuses to start with a setting missing or unsafe.
serve: $(STAMP)run
	@$(FLASK) serve-check && $(FLASK) migrate >&2
	@exec $(BIN)python -m bot.launch web scheduler

web scheduler: $(STAMP)run
	@$(FLASK) serve-check
	@exec $(BIN)python -m bot.launch $@

test: $(STAMP)dev
	@$(BIN)python -m pytest -n 2 -m "not long and not browser and not thorough"

# Two minutes more: every variant of every fault, every race with its guard and without.
test-thorough: $(STAMP)dev
	@$(BIN)python -m pytest -n 2 -m "thorough and not long and not browser"

# Minutes, not seconds: kills, faults, races, loads. What measures time goes last and has the machine for itself.
test-long: $(STAMP)dev
	@$(BIN)python -m pytest -n 2 -m "long and not alone" --durations=15
	@$(BIN)python -m pytest -m "long and alone"

# Takes the guards of money away one by one, in a copy: the tests must notice each time. About five minutes.
sabotage: $(STAMP)dev
	@$(BIN)python -m tests.sabotage $(ARGS)

# About fourteen minutes; everything it needs comes from wheels. ARGS=--money: bills and payments alone. ARGS="--rounds 5 --seconds 10" takes longer and is calmer.
bench: $(STAMP)bench
	@$(BIN)python -m benchmarks $(ARGS)

# How well the assistant understands sentences it has never seen (handlers/phrases/evaluation).
understand-report: $(STAMP)dev
	@$(BIN)python -m benchmarks.understanding $(ARGS)

# The same turns at 1,200 and at 1,200,000 homes, on both databases.
bench-size: $(STAMP)bench
	@$(BIN)python -m benchmarks --size

check: $(STAMP)dev
	$(BIN)python -m ruff format --check .
	$(BIN)python -m ruff check .
	$(BIN)python -m mypy
	$(BIN)lint-imports

$(STAMP)run: requirements.txt | $(VENV)
	@echo 'Installing what Linli runs on (the first time only, a minute or two)' >&2
	@$(INSTALL) -r requirements.txt
	@touch $@

$(STAMP)dev: requirements.txt requirements-dev.txt | $(VENV)
	@echo 'Installing what the tests need (the first time only, a minute or two)' >&2
	@$(INSTALL) -r requirements-dev.txt
	@touch $@ $(STAMP)run

$(STAMP)bench: requirements.txt requirements-dev.txt requirements-bench.txt | $(VENV)
	@echo 'Installing what is measured, and what it is measured beside (the first time only)' >&2
	@$(INSTALL) -r requirements-bench.txt
	@touch $@ $(STAMP)dev $(STAMP)run

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; PYTHON=… names it" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
