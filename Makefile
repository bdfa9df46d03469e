# make demo · make test · make docs — each does what it needs, from a fresh clone with Python 3.11 or newer and make
PYTHON ?= python3
BIN := .venv/bin
# a lock names every file by its hash, and is whole: nothing is resolved
LOCKED := $(BIN)/pip install -q --no-deps --require-hashes
COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' $(UPGRADE) pyproject.toml

.PHONY: demo setup test test-all test-faults drift-sim frameworks lint pages pictures docs dist lock clean

demo: .venv/.default
	@$(BIN)/drift demo

# what `pip install nightdrift` brings; imports compile what they use, which is a small part
.venv/.default: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "drift needs Python 3.11 or newer; say which with: make $(or $(MAKECMDGOALS),demo) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(LOCKED) --no-compile -r requirements.lock
	$(BIN)/pip install -q --no-deps -e .
	@touch $@

setup: .venv/.ready

# every extra, and the tools of tests, pages and releases. torch by its version alone, first: so it is the build that this machine's
# index prefers, and no file of CUDA's where that is the CPU's
.venv/.ready: .venv/.default requirements-all.lock
	$(BIN)/pip install -q "$$(sed -n 's/^\(torch==[^ ]*\) .*/\1/p' requirements-all.lock)"
	$(LOCKED) -r requirements-all.lock
	$(BIN)/pip check
	@touch $@

test: setup
	$(BIN)/pytest -q -n 2 --dist loadfile

test-all: setup
	$(BIN)/pytest -q -m ''

# SEEDS bad nights, each from its seed; what is wrong is printed with the seed and the smallest plan that still is
SEEDS ?= 0-999
test-faults: setup
	$(BIN)/python benchmarks/faults.py --seeds $(SEEDS)

# one of them again: make drift-sim SEED=4711
drift-sim: setup
	cd tests && ../$(BIN)/python -m faults.sim --seed $(SEED)

# the fixtures of tests/frameworks anew, with the SDKs that are current; the tests read what is recorded
frameworks: setup
	tests/frameworks/record.sh
	cd tests && ../$(BIN)/python -m frameworks.table

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

# the pages that are written from the code
pages: setup
	$(BIN)/python docs/configuration_page.py
	$(BIN)/python docs/commands_page.py
	$(BIN)/python docs/metrics_page.py

# the pictures of the README, from the demo's pages
pictures: setup
	$(BIN)/drift demo
	$(BIN)/python docs/pictures.py

docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

dist: setup
	rm -rf dist
	$(BIN)/uv build --quiet --out-dir dist

# the newest of everything: make lock UPGRADE=--upgrade
lock: setup
	$(COMPILE) --all-extras --group dev --group docs -o requirements-all.lock
	$(COMPILE) -c requirements-all.lock -o requirements.lock
	$(COMPILE) -c requirements-all.lock --extra airflow --extra postgres --extra s3 --extra otel --extra calendar -o requirements-image.lock

clean:
	rm -rf .venv drift-data dist build site
