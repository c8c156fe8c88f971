# Everything a developer does here. Needs make and Python 3.11 or newer; the rest goes into .venv.

PYTHON ?= python3
PORT   ?= 8000
FAKES  ?=
SIZE   ?= release
SECONDS ?=
ONLY   ?=
TEST_FLAGS ?= -n 2 --dist loadfile
NO_SKIPS ?=
UPGRADE ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes
LOCK := $(BIN)/python -m uv pip compile --quiet --no-header --generate-hashes --universal \
        --python-version 3.11 $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check bench replay chaos lock clean

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.run ## Serve with demo data at http://127.0.0.1:8000; PORT=9000, FAKES=1 (a Google stand-in)
	@exec env PORT=$(PORT) FAKES=$(FAKES) $(BIN)/python -m passes demo

test: .venv/.dev ## Run the whole suite, on both databases
	@$(BIN)/python -m pytest $(TEST_FLAGS) $(if $(NO_SKIPS),--no-skips)

check: .venv/.dev ## Style, types, layers, sizes, and drift of schema and API document
	@echo "== style"
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@echo "== types"
	@$(BIN)/python -m mypy
	@echo "== layers"
	@$(BIN)/lint-imports --no-logo
	@echo "== sizes"
	@$(BIN)/python -m tests.house.sizes
	@echo "== schema: models and migrations agree"
	@var=$$(mktemp -d) && trap 'rm -rf "$$var"' EXIT && export STEMPEL_DATA_DIR="$$var" && \
	    $(BIN)/python -m passes db upgrade && $(BIN)/python -m passes db check
	@echo "== OpenAPI: the document on disk is the one that is served"
	@$(BIN)/python -m passes openapi --check docs/openapi.json

bench: .venv/.dev ## Measure signing and redemption against their raw limits
	@$(BIN)/python -m benchmarks

replay: .venv/.dev ## Play eighteen months of a real shop through the running service
	@$(BIN)/python -m benchmarks.replay

chaos: .venv/.dev ## Try to make it lose money, write docs/reliability.md; ONLY=edits for one, SIZE=ci for a short try, CONTINUE=1
	@$(BIN)/python -m tests.protocols.chaos --size $(SIZE) $(if $(SECONDS),--seconds $(SECONDS)) \
	    $(if $(ONLY),--only "$(ONLY)") $(if $(CONTINUE),--continue)

lock: .venv/.dev ## Compile requirements*.in into locks with hashes; UPGRADE=1 takes newer versions
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-demo.in -o requirements-demo.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt

clean: ## Remove the environment and all caches; data in var/ stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: an environment is filled again only when its lock has changed. The development lock holds all
# that `make run` needs, at the same versions, so that either may be installed first.
.venv/.run: requirements-demo.txt | .venv/bin/python
	@echo "Installing what Stempel runs on into .venv (once)"
	@$(PIP) -r $<
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need into .venv (once)"
	@$(PIP) -r $<
	@touch $@ .venv/.run

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Stempel needs Python 3.11 or newer, and $(PYTHON) is not that." >&2; \
	    echo "Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	    echo "$(PYTHON) cannot make a virtual environment; the lines above say what it lacks." >&2; \
	    echo "On Debian and Ubuntu that is: apt-get install python3-venv" >&2; exit 1; }
