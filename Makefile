# What a new machine needs: Python 3.11 or later, git and make.
PYTHON  ?= python3
AIRFLOW ?= 3.3.2
VENV    ?= .venv
PORT    ?= 8080

# The other versions of Airflow 3, from which a user may not be able to upgrade today.
VERSIONS := 3.0.6 3.1.8 3.2.2
# The first of them in which a plugin can have pages.
WITH_PAGES := 3.1.8
LOWEST   := 2.11.0

# Airflow's processes start several times faster from compiled bytecode.
unexport PYTHONDONTWRITEBYTECODE

# Empty if there is no such interpreter; then there are no pinned versions for it, either.
VERSION     := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
CONSTRAINTS := constraints/airflow-$(AIRFLOW)-python-$(VERSION).txt
BIN         := $(VENV)/bin
READY       := $(VENV)/.ready
# Hundreds of packages that nothing else needs, and a program of npm's.
STORAGE     := .venv-storage
STORAGE_CONSTRAINTS := constraints/storage-airflow-$(AIRFLOW)-python-$(VERSION).txt
AZURITE     := azurite@3.35.0
# An environment of its own: the packages of the cluster make every start of Airflow slower.
CLUSTER     := .venv-cluster

CORES       := $(or $(shell $(PYTHON) -c 'import os; print(os.cpu_count())' 2>/dev/null),1)
PYTEST      := $(BIN)/python -m pytest
# Tests of code that knows no Airflow.
NO_AIRFLOW  := $(addprefix --ignore=tests/,airflow_provider_revox/client airflow_provider_revox/phone_numbers revox_sandbox dev)
# Two processes more than there are cores, because two of them mostly wait for a whole Airflow each.
ALL_PROCESSES := $(shell expr $(CORES) + 2)
# One more, because some tests wait for an answer that never comes.
QUICK_PROCESSES := $(shell expr $(CORES) + 1)

.PHONY: help check test demo ui cluster hooks lint types test-quick test-unit test-airflow test-system test-examples test-browser test-pages \
	test-storage test-cluster test-versions test-lowest sweep docs bench wheel-check constraints clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

check: lint types test-quick ## Check format, style, layers and types, and run the quick tests: do it before a commit

demo: $(READY) ## Launch a campaign on the sandbox from a real Airflow, and watch it
	$(BIN)/python -m dev.demo

test: $(READY) ## Run all tests but those of browser, storages and cluster; those that start a whole Airflow, too
	$(PYTEST) -n $(ALL_PROCESSES) -m "not browser and not storage and not cluster"

ui: $(READY) ## Open a local Airflow with the provider, the sandbox and the examples
	$(BIN)/python -m dev.ui --port $(PORT)

cluster: $(CLUSTER)/.ready ## Open a distributed Airflow: PostgreSQL, Redis, Celery, S3, two sandboxes, the examples
	$(CLUSTER)/bin/python -m dev.cluster --port $(PORT)

hooks: $(READY) ## Let git check every commit (format, style, layers, types) and every push (make check)
	$(BIN)/pre-commit install

test-quick: $(READY) ## Run the tests that play no matrix, run no DAG and install nothing
	$(PYTEST) -q -n $(QUICK_PROCESSES) -m "not matrix and not airflow and not system and not browser and not storage and not cluster and not once" $(IGNORE)

test-unit: $(READY) ## Run the tests that start no whole Airflow and may differ between environments
	$(PYTEST) -n $(CORES) -m "not system and not browser and not storage and not cluster and not once"

test-airflow: $(READY) ## Run those of test-unit whose subject knows Airflow
	$(PYTEST) -n $(CORES) -m "not system and not browser and not storage and not cluster and not once" $(NO_AIRFLOW)

test-system: $(READY) ## Run the tests that start a whole Airflow
	$(PYTEST) -n 2 -m system

test-examples: $(READY) ## Load the example DAGs, and run five of them to the end in one process
	$(PYTEST) -q tests/dags/test_examples_in_this_process.py -k "not TestAnApproval"  # it takes minutes

test-pages: $(READY) ## Run the shortest tests of the pages in a whole Airflow: form, list, links, controls, rights
	$(PYTEST) -q -m browser tests/browser/test_in_airflow.py -k "not pictures and not before_the_eyes and not crm_csv"

test-versions: ## Run the quick tests of what knows Airflow, and test-examples, on the other versions of Airflow 3
	for version in $(VERSIONS); do \
		$(MAKE) AIRFLOW=$$version VENV=.venv-$$version EXTRAS=dev,browser IGNORE="$(NO_AIRFLOW)" \
			test-quick test-examples || exit; \
	done
	$(MAKE) AIRFLOW=$(WITH_PAGES) VENV=.venv-$(WITH_PAGES) EXTRAS=dev,browser test-pages

test-lowest: ## Run test-quick with the lowest versions that pyproject.toml declares
	$(MAKE) AIRFLOW=$(LOWEST) CONSTRAINTS=constraints/lowest-airflow-$(LOWEST)-python-$(VERSION).txt \
		VENV=.venv-lowest EXTRAS=dev test-quick

test-browser: $(READY) ## Run the tests of the pages in Airflow, in Chromium; pictures go to build/screenshots
	$(PYTEST) -n $(CORES) -m browser tests/browser

test-storage: $(STORAGE)/.ready ## Run the tests of disk, S3, Azure and Google, with emulators on this machine (needs npm)
	$(STORAGE)/bin/python -m pytest tests/storage

test-cluster: $(CLUSTER)/.ready ## Run the tests that break parts of a distributed Airflow: about 15 minutes
	$(CLUSTER)/bin/python -m pytest -m cluster tests/cluster

sweep: $(READY) ## Read numbers of every region in a list of every other region: some minutes
	SWEEP=all $(PYTEST) -q -n $(CORES) tests/airflow_provider_revox/phone_numbers/test_sweep.py

lint: $(READY) ## Check format, style and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(READY) ## Check types
	$(BIN)/mypy

docs: $(READY) ## Build the documentation, and say where it is
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Documentation: docs/_build/html/index.html"

bench: $(READY) ## Run the benchmarks and write the table that the documentation shows
	$(BIN)/python -m benchmarks

wheel-check: $(READY) ## Install the wheel into a clean environment and let Airflow discover it
	dev/check_wheel.sh $(BIN) $(CONSTRAINTS)

constraints: $(READY) ## Resolve the pinned versions anew
	dev/constraints.sh $(BIN)/uv --upgrade

$(READY): EXTRAS := dev,docs,bench,browser
$(CLUSTER)/.ready: EXTRAS := dev,cluster

%/.ready: pyproject.toml $(CONSTRAINTS)
	@echo "Installing Airflow $(AIRFLOW) on Python $(VERSION) into $* ..."
	@dev/install.sh $(PYTHON) $* $(CONSTRAINTS) '.[$(EXTRAS)]'
	@touch $@

$(STORAGE)/.ready: pyproject.toml $(STORAGE_CONSTRAINTS)
	@echo "Installing Airflow $(AIRFLOW) and the storages on Python $(VERSION) into $(STORAGE) ..."
	@dev/install.sh $(PYTHON) $(STORAGE) $(STORAGE_CONSTRAINTS) '.[dev,storage]' $(AZURITE)
	@touch $@

$(CONSTRAINTS) $(STORAGE_CONSTRAINTS):
	@dev/pinned.sh $(@F) "$(AIRFLOW)" "$(VERSION)" "$(PYTHON)" >&2
	@exit 1

clean: ## Remove what the targets made
	rm -rf .venv* .cache docs/_build docs/_generated dist build \
		.pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
