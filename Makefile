# Two commands: `make run` serves the site, `make test` checks everything (`make test THOROUGH=1`:
# on all examples and territories, where else on some of them). `make bench` measures it;
# `make bench PARTS="pages load"` only some parts (about half an hour for all, on a quiet machine).
# Each sets up what it needs in .venv first, in the versions of .ci/*.lock, and does it again only
# when these change. After a change of requirements: `make lock`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# of pytest: as many as processors, and one that mostly waits for the browser
WORKERS ?= 3
PIP := -m pip install --quiet --disable-pip-version-check
TOOLS := $(VENV)/tools
COMPILE := $(TOOLS)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

.PHONY: run build test attack bench format lock audit clean

run: $(VENV)/.ready
	$(BIN)/python app.py --port $(PORT)

build: $(VENV)/.ready
	$(BIN)/python -m comparisons build

# compiled once, not by each of the processes that tests start
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.ready-dev $(VENV)/s3/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	sh tests/install_programs.sh
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# what a hostile crowd does to a running site: five minutes, on a machine that does nothing else
attack: $(VENV)/.ready-dev
	$(BIN)/python -m pytest tests/attack

bench: $(VENV)/.ready-dev
	$(BIN)/python -m tests.benchmarks $(PARTS)

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# the newest versions within the ranges of requirements, and their hashes, for every system
lock: $(TOOLS)/.ready
	$(COMPILE) requirements.txt -o .ci/requirements.lock
	$(COMPILE) requirements-lake.txt -c .ci/requirements.lock -o .ci/lake.lock
	$(COMPILE) tests/requirements.txt -c .ci/lake.lock -o .ci/tests.lock
	$(COMPILE) .ci/tools.txt -o .ci/tools.lock
	$(COMPILE) .ci/s3.txt -o .ci/s3.lock

# what is newer, and what is known against what is locked; ends with 2 where that cannot be asked
audit: $(TOOLS)/.ready
	$(TOOLS)/bin/python .ci/audit.py

clean:
	rm -rf $(VENV) data/stratoscope.duckdb*

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed (PYTHON=python3.12 make ...)"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { sh tests/install_venv.sh && $(PYTHON) -m venv $(VENV); }

$(VENV)/.ready: .ci/requirements.lock | $(BIN)/python
	$(BIN)/python $(PIP) --require-hashes -r $<
	touch $@

# this lock holds what the application needs, too
$(VENV)/.ready-dev: .ci/tests.lock | $(BIN)/python
	$(BIN)/python $(PIP) --require-hashes -r $<
	touch $@

$(TOOLS)/.ready: .ci/tools.lock | $(BIN)/python
	$(BIN)/python -m venv $(TOOLS)
	$(TOOLS)/bin/python $(PIP) --require-hashes -r $<
	touch $@

# the tests of a lake start its server
$(VENV)/s3/.ready: .ci/s3.lock | $(BIN)/python
	$(BIN)/python -m venv $(VENV)/s3
	$(VENV)/s3/bin/python $(PIP) --require-hashes -r $<
	touch $@
