# What a new machine needs: Python 3.11 or later, git and make.
PYTHON  ?= python3
AIRFLOW ?= 3.3.2
VENV    ?= .venv
PORT    ?= 8080

# Airflow's processes start several times faster from compiled bytecode.
unexport PYTHONDONTWRITEBYTECODE

VERSION     := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
CONSTRAINTS := constraints/airflow-$(AIRFLOW)-python-$(VERSION).txt
BIN         := $(VENV)/bin
READY       := $(VENV)/.ready

.PHONY: help demo test ui test-unit test-system lint types docs bench wheel-check constraints clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(READY) ## Launch a campaign on the sandbox from a real Airflow, and watch it
	$(BIN)/python -m dev.demo

test: $(READY) ## Run all tests, those that start a whole Airflow included
	$(BIN)/python -m pytest

ui: $(READY) ## Open a local Airflow with the provider, the sandbox and the examples
	$(BIN)/python -m dev.ui --port $(PORT)

test-unit: $(READY) ## Run the tests that need no Airflow processes and may differ between environments
	$(BIN)/python -m pytest -m "not system and not once"

test-system: $(READY) ## Run the tests that start a whole Airflow
	$(BIN)/python -m pytest -m system

lint: $(READY) ## Check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY) ## Check types
	$(BIN)/mypy

docs: $(READY) ## Build the documentation into docs/_build
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

bench: $(READY) ## Run the benchmarks and write the table that the documentation shows
	$(BIN)/python -m benchmarks

wheel-check: $(READY) ## Install the wheel into a clean environment and let Airflow discover it
	dev/check_wheel.sh $(BIN) $(CONSTRAINTS)

constraints: $(READY) ## Resolve the pinned versions anew
	dev/constraints.sh $(BIN)/uv

$(READY): pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c $(CONSTRAINTS) uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -c $(CONSTRAINTS) \
		--editable '.[dev,docs,bench]' 'apache-airflow==$(AIRFLOW)' hatchling build
	@touch $@

$(CONSTRAINTS):
	@echo "There are no pinned versions for Airflow $(AIRFLOW) on Python $(VERSION) ($@)." >&2
	@echo "Choose another interpreter: make PYTHON=python3.11 ..." >&2
	@exit 1

clean: ## Remove what the targets made
	rm -rf .venv* .cache docs/_build docs/_generated dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
