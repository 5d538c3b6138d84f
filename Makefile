# make demo   everything, from nothing to a report of the sample recording
# make test   everything, from nothing to all tests
# make docs   the pages of docs/ with the reference of the library, into site/
# make bundle       a program that needs no Python: build/bundle/dist has a folder, and on Debian a .deb; takes ten minutes
# make bundle-test  the .deb, installed in a bare root and run there (needs root's rights)
# make soak   the faults of docs/reliability.md in full: 200 kills, 3,000 files, 20 minutes in real time; takes about an hour and a half
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS ?= dev
comma := ,
STAMP := $(VENV)/.installed-$(subst $(comma),-,$(EXTRAS))
# two more than there are cores: a worker waits a third of its time for what it started
WORKERS ?= $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 2)")
REALTIME_WORKERS ?= 5

.PHONY: demo test check docs bench bundle bundle-test soak clean

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv is missing: install python3-venv (Debian, Ubuntu: sudo apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$(EXTRAS)]'
	@touch $@

demo: $(STAMP)
	@$(BIN)/posture model fetch
	@$(BIN)/posture demo --out demo-output

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m 'not soak and not realtime'
	$(BIN)/python -m pytest -n $(REALTIME_WORKERS) --dist loadfile --no-loadscope-reorder -m 'realtime and not soak'

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "open site/index.html; for the search box: $(BIN)/python -m http.server --bind 127.0.0.1 -d site"

bench: $(STAMP)
	@ls benchmarks/*.py >/dev/null 2>&1 || { echo "no benchmarks yet"; exit 0; }; for f in benchmarks/*.py; do $(BIN)/python $$f || exit 1; done

bundle:
	$(PYTHON) tools/bundle/build.py

bundle-test: bundle
	build/bundle/venv/bin/python tools/bundle/bare_root.py

SOAK := POSTURE_KILLS=200 POSTURE_REAL_KILLS=10 POSTURE_RESTORES=30 POSTURE_RESTORE_KILLS=200 POSTURE_INTERRUPTS=30 POSTURE_SOAK_S=1230 POSTURE_TURN_S=185 POSTURE_SOAK_MIN=480
SOAK += POSTURE_COMMAND_KILLS=40 POSTURE_YEARS=5
SOAK += POSTURE_FUZZ_FILES=3000 POSTURE_FUZZ_EXAMPLES=2000 POSTURE_FIGURES=$(CURDIR)/soak.jsonl

soak: $(STAMP)
	@rm -f soak.jsonl
	$(SOAK) $(BIN)/python -m pytest -m 'soak or fault or fuzz or hypothesis' --hypothesis-profile thorough --timeout 7200
	$(BIN)/python benchmarks/monitor_memory.py --real-share 0.02
	@cat soak.jsonl

clean:
	rm -rf $(VENV) demo-output results site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
