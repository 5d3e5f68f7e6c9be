# `make run` and `make test` do all their own set-up; `make help` lists the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
PORT ?= 8000
FEED ?=
export PORT FEED

BIN := .venv/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install run load sweep swap-model test check lint logs doctor down reset lock

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.packages .venv/.installed  ## get the system packages and the Python environment

run: install  ## bring everything up at http://localhost:8000 (PORT=8000, FEED=path/to/feed)
	@exec $(BIN)/python -m ops run

test: install .venv/.test-packages  ## run every test, on the real node and in the real browser
	@exec $(BIN)/python -m pytest $(ARGS)

check: lint test  ## what is run before every commit

lint: install  ## look at the style and the types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

load: install  ## load FEED=path into the index, also while it is served (REBUILD=yes: replace it)
	@test -n "$(FEED)" || { echo "which feed? make load FEED=path/to/products.jsonl"; exit 1; }
	@$(BIN)/python -m ops load "$(FEED)" $(if $(filter yes,$(REBUILD)),--rebuild)

sweep: install  ## look for near-duplicates in the index, also while it is served (ARGS=--new, …)
	@$(BIN)/python -m ops sweep $(ARGS)

swap-model: install  ## give the index another model, also while it is served (ARGS=begin, switch, …)
	@$(BIN)/python -m ops swap-model $(ARGS)

doctor: .venv/.installed  ## name what is wrong, with the cure
	@$(BIN)/python -m ops doctor

logs: .venv/.installed  ## show the end of the local node's log
	@$(BIN)/python -m ops node logs

down: .venv/.installed  ## stop the local node; its data is kept
	@$(BIN)/python -m ops node stop

reset: .venv/.installed  ## stop the local node and delete its data, after asking (CONFIRM=yes: without)
	@$(BIN)/python -m ops reset $(if $(filter yes,$(CONFIRM)),--yes)

# A throw-away environment: the tool that locks is no dependency of ours. It takes no notice of a
# release's upper bound on Python: backports.strenum 1.3.1 refuses Python 3.11, 1.2.8 does not.
lock:  ## write constraints.txt anew from setup.cfg
	@set -e; tool=$$(mktemp -d); trap 'rm -rf "$$tool"' EXIT; \
	$(PYTHON) -m venv "$$tool"; "$$tool/bin/pip" install --quiet --disable-pip-version-check uv; \
	echo 'backports.strenum <1.3.1' > "$$tool/refused.txt"; \
	"$$tool/bin/uv" pip compile setup.cfg --extra dev --universal --python-version 3.11 \
	  --constraints "$$tool/refused.txt" --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --quiet --custom-compile-command "make lock" \
	  -o constraints.txt

# Stamps: a second `make` looks at nothing but their age. What goes missing later, `doctor` names.
.venv/.packages: ops/system-packages.sh
	@sh ops/system-packages.sh run "$(PYTHON)"
	@mkdir -p .venv && touch $@

.venv/.test-packages: ops/system-packages.sh .venv/.packages
	@sh ops/system-packages.sh test "$(PYTHON)"
	@touch $@

.venv/.installed: setup.cfg pyproject.toml constraints.txt
	@echo "installing the Python packages into .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps --requirement constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --editable .
	@touch $@
