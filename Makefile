# Every target does its own set-up. Needs Python 3.11 or newer and make; nothing else.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := nlp models corpus service

.PHONY: serve notebook env test test-all check bench clean

serve: .venv/base.stamp
	$(BIN)/fenban serve --worker

notebook: .venv/notebook.stamp
	$(BIN)/jupyter lab notebooks --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate

env: .venv/dev.stamp

test: .venv/dev.stamp check
	$(BIN)/pytest -m "not long and not benchmark"

test-all: .venv/dev.stamp check
	$(BIN)/pytest -m "not benchmark"

check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev.stamp
	$(BIN)/pytest -m benchmark -s tests/benchmarks

clean:
	rm -rf .venv

.venv/base.stamp: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --constraint constraints.txt --editable .
	touch $@

.venv/notebook.stamp: .venv/base.stamp
	$(PIP) install --constraint constraints.txt --editable ".[notebook]"
	touch $@

.venv/dev.stamp: .venv/base.stamp
	$(PIP) install --constraint constraints.txt --editable ".[train,peers,postgres,spark,dev]"
	touch $@
