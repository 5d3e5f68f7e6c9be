# `make run` and `make test` do all their own set-up; `make help` lists the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
PORT ?= 8000
FEED ?=
export PORT FEED

BIN := .venv/bin

# Downloads that do not depend on each other run at the same time.
MAKEFLAGS += --jobs=3

.DEFAULT_GOAL := help
.PHONY: help install run load sync undo-rebuild backfill sweep swap-model demo-traffic test check lint logs doctor down reset lock

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.packages .venv/.installed  ## get the system packages and the Python environment

run: install  ## serve the shop at http://localhost:8000 (PORT=8000, FEED=path/to/feed)
	@exec $(BIN)/python -m ops run

test: install .venv/.test-packages .venv/.dev-installed .venv/.mongo-server  ## run all tests on a real node, in a real browser
	@exec $(BIN)/python -m pytest $(ARGS)

check:  ## run lint and test, as before every commit
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test

lint: .venv/.dev-installed  ## check the style and the types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

load: install  ## load FEED=path, also while the shop runs (REBUILD=yes: replace the index; FORCE=yes)
	@test -n "$(FEED)" || { echo "which feed? make load FEED=path/to/products.jsonl"; exit 1; }
	@$(BIN)/python -m ops load "$(FEED)" $(if $(filter yes,$(REBUILD)),--rebuild) \
	  $(if $(filter yes,$(FORCE)),--force)

sync: install  ## bring the index in step with SOURCE=feed or database (ARGS=--follow, …)
	@test -n "$(SOURCE)" || { echo "which source? make sync SOURCE=path/to/products.csv"; exit 1; }
	@$(BIN)/python -m ops sync "$(SOURCE)" $(ARGS)

undo-rebuild: install  ## put the index before the last rebuild in service again
	@$(BIN)/python -m ops undo-rebuild

backfill: install  ## fill in FEATURE=name for stored pictures, also while the shop runs (ARGS=--feed=…)
	@test -n "$(FEATURE)" || { echo "which feature? make backfill FEATURE=ocr"; exit 1; }
	@$(BIN)/python -m ops backfill "$(FEATURE)" $(ARGS)

sweep: install  ## search for near-duplicates, also while the shop runs (ARGS=--new, …)
	@$(BIN)/python -m ops sweep $(ARGS)

swap-model: install  ## change the embedding model, also while the shop runs (ARGS=begin, switch, …)
	@$(BIN)/python -m ops swap-model $(ARGS)

demo-traffic: install  ## simulate a fortnight of shoppers, labelled so, in the local shop (ARGS=--visits=…)
	@$(BIN)/python -m ops demo-traffic $(ARGS)

doctor: .venv/.installed  ## name every fault, with its cure
	@$(BIN)/python -m ops doctor

logs: .venv/.installed  ## show the end of the local node's log
	@$(BIN)/python -m ops node logs

down: .venv/.installed  ## stop the local node; its data is kept
	@$(BIN)/python -m ops node stop

reset: .venv/.installed  ## stop the local node and delete its data, after asking (CONFIRM=yes: without)
	@$(BIN)/python -m ops reset $(if $(filter yes,$(CONFIRM)),--yes)

# A throw-away environment: the tool that locks is no dependency of ours. It takes no notice of a
# release's upper bound on Python: backports.strenum 1.3.1 refuses Python 3.11, 1.2.8 does not.
lock:  ## write the lock files anew from setup.cfg
	@set -e; tool=$$(mktemp -d); trap 'rm -rf "$$tool"' EXIT; \
	$(PYTHON) -m venv "$$tool"; "$$tool/bin/pip" install --quiet --disable-pip-version-check uv; \
	echo 'backports.strenum <1.3.1' > "$$tool/refused.txt"; \
	echo 'uv >=0.9,<1' > "$$tool/uv.in"; \
	compile="$$tool/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --quiet --custom-compile-command"; \
	$$compile "make lock" setup.cfg --extra dev --constraints "$$tool/refused.txt" \
	  -o constraints-dev.txt; \
	sed -n 's/ \\$$//; /^[a-z]/p' constraints-dev.txt > "$$tool/same.txt"; \
	$$compile "make lock" setup.cfg --extra clip --extra detector --extra mongo --extra sql \
	  --constraints "$$tool/same.txt" -o constraints.txt; \
	$$compile "make lock" "$$tool/uv.in" -o ops/uv.txt

# Stamps: a second `make` looks at nothing but their age. What goes missing later, `doctor` names.
# Elasticsearch is fetched in the background: `python -m ops run` waits for it where it must.
.venv/.packages: ops/system-packages.sh
	@sh ops/system-packages.sh run "$(PYTHON)"
	@$(PYTHON) -m ops.distribution &
	@mkdir -p .venv && touch $@

.venv/.test-packages: ops/system-packages.sh .venv/.packages
	@sh ops/system-packages.sh test "$(PYTHON)"
	@touch $@

# The server that tests read through MongoDB's protocol, built once from Go packages.
.venv/.mongo-server: $(wildcard tests/support/mongo_server/*) .venv/.test-packages .venv/.dev-installed
	@$(BIN)/python -c 'from tests.support import database_servers as d; d.mongo_server()'
	@touch $@

# A Python without venv gets it from the system's packages.
NEEDS_VENV := $(shell $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || echo .venv/.packages)

.venv/.installed: setup.cfg pyproject.toml constraints.txt | $(NEEDS_VENV)
	@echo "installing the Python packages into .venv"
	@sh ops/python-packages.sh "$(PYTHON)" constraints.txt
	@touch $@

.venv/.dev-installed: constraints-dev.txt .venv/.installed
	@echo "installing what tests and checks need into .venv"
	@sh ops/python-packages.sh "$(PYTHON)" constraints-dev.txt
	@touch $@
