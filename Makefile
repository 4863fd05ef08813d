# Everything a newcomer, a developer and CI call. `make demo` and `make test` need only Python 3.11 (or newer) and make.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8000
export DJANGO_SETTINGS_MODULE ?= cms.settings.dev

.PHONY: help demo run test test-thorough test-browser lint format types bench bench-full clean-demo lock openapi clients fuzz

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# One stamp for what serves, one for what tests: the demo does not wait for linters.
$(VENV)/.run: requirements.txt
	@echo "Preparing the environment in $(VENV) …"
	$(PYTHON) -c 'import sys; sys.exit("Attest needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

demo: $(VENV)/.run ## Load the demo clinic and serve it (PORT, DATABASE_URL, DEMO_PASSWORD)
	@$(BIN)/python -m cms.launch --demo

run: $(VENV)/.run ## Migrate, then start web server and worker
	@$(BIN)/python -m cms.launch

test: $(VENV)/.dev ## Run the tests (DATABASE_URL picks the database; SQLite without it)
	@DJANGO_SETTINGS_MODULE=cms.settings.test $(BIN)/python -m pytest -q -n auto --maxprocesses 8 --dist worksteal

test-thorough: $(VENV)/.dev ## Run every race and every cell of the matrix of rights (DATABASE_URL of PostgreSQL; a quarter of an hour)
	@RACES=500 MATRIX_SHARE=1 DJANGO_SETTINGS_MODULE=cms.settings.test $(BIN)/python -m pytest -q -n auto --maxprocesses 8 --dist worksteal tests/workflow/test_races.py tests/workflow/test_matrix.py

# Three at once even on two processors: the longest story waits minutes for its schedule.
test-browser: $(VENV)/.dev ## Run the tests that click, in Chromium (CHROMIUM names it; default /usr/bin/chromium)
	@DJANGO_SETTINGS_MODULE=cms.settings.test $(BIN)/python -m pytest -q -n 3 --dist worksteal --override-ini addopts="-ra --strict-markers" tests/browser

tests/clients/node_modules/.done: tests/clients/package-lock.json
	@command -v npm >/dev/null || { echo "make clients needs Node.js 20 or newer and npm: install them (Debian: apt install nodejs npm)." >&2; exit 1; }
	cd tests/clients && npm ci --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.done

clients: $(VENV)/.dev tests/clients/node_modules/.done ## Lint the API's description, generate clients from it, and let them read
	@DJANGO_SETTINGS_MODULE=cms.settings.test $(BIN)/python -m pytest -q --override-ini addopts="-ra --strict-markers" tests/clients

fuzz: $(VENV)/.dev ## Ask the API and search what nobody would ask (EXAMPLES requests; default 4000)
	@export DJANGO_SETTINGS_MODULE=cms.settings.test SEARCHES=$$(( $${EXAMPLES:-4000} / 8 ))
	$(BIN)/python -m pytest -q --override-ini addopts="-ra --strict-markers" tests/fuzz tests/search/test_hostile_queries.py

lint: $(VENV)/.dev ## Check style, types and migrations
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -W ignore manage.py makemigrations --check --dry-run

format: $(VENV)/.dev ## Put code into shape
	@$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## Measure against stock Wagtail API v2 and a bare view (ARTICLES, DATABASES, SECONDS, BENCH_DATABASE_URL)
	@$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.quality

bench-full: $(VENV)/.dev ## The same on 1,000 and on 100,000 articles; loads for half an hour the first time
	@ARTICLES=$${ARTICLES:-1000,100000} $(BIN)/python -m tests.bench

clean-demo: ## Remove the demo's database and pictures
	@rm -rf var/attest.sqlite3* var/media
	echo "The demo is gone; make demo loads it anew."

openapi: $(VENV)/.dev ## Write the OpenAPI document that the tests compare with
	@$(BIN)/python -m tests.api.write_openapi

lock: $(VENV)/.dev ## Resolve requirements.in anew, with hashes
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 -c requirements.txt requirements-dev.in -o requirements-dev.txt
