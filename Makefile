# Two commands: `make run` serves the site, `make test` checks everything. `make bench` measures it;
# `make bench PARTS="pages load"` only some parts (about half an hour for all, on a quiet machine).
# Each sets up what it needs in .venv first, and does it again only when requirements change.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: run build test bench format clean

run: $(VENV)/.ready
	$(BIN)/streamlit run app.py --server.port $(PORT)

build: $(VENV)/.ready
	$(BIN)/python -m comparisons build

test: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	sh tests/install_programs.sh
	$(BIN)/python -m pytest -n 2 -m 'not browser'
	$(BIN)/python -m pytest -m browser

bench: $(VENV)/.ready-bench
	$(BIN)/python -m tests.benchmarks $(PARTS)

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) data/stratoscope.duckdb*

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed (PYTHON=python3.12 make ...)"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { sh tests/install_venv.sh && $(PYTHON) -m venv $(VENV); }

$(VENV)/.ready: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.ready-bench: tests/benchmarks/requirements.txt $(VENV)/.ready-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/benchmarks/requirements.txt
	touch $@

$(VENV)/.ready-dev: tests/requirements.txt $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@
