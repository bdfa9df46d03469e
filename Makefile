# make setup · make demo · make test — each does what it needs, from a fresh clone with Python 3.11 and make
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test test-all lint lock clean

setup: .venv/.ready

# torch first: named alone it is the build that this machine's index prefers, named by another package it may be CUDA's
.venv/.ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "drift needs Python 3.11 or newer; say which with: make setup PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c requirements.lock torch
	$(BIN)/pip install -q -c requirements.lock -e '.[airflow,postgres,s3,apprise,otel,notebook,dev]'
	@touch $@

demo: setup
	@$(BIN)/drift demo

test: setup
	$(BIN)/pytest -q

test-all: setup
	$(BIN)/pytest -q -m ''

lint: setup
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache

lock: setup
	$(BIN)/pip freeze --exclude-editable | sed 's/+cpu$$//' > requirements.lock

clean:
	rm -rf .venv drift-data
