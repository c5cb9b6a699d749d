# Every command of Xinshu. `make` alone lists them. Only Python 3.11+, git and make are needed beforehand.
PYTHON ?= python3
BIN := .venv/bin
WORKERS := $(or $(XINSHU_TEST_WORKERS),2)
# What pytest is handed on top, e.g. make test ARGS="-k letters -x"
ARGS ?=
# Tests start Python some hundred times, and pytest rewrites every test module: what was compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help run setup test check lint format demo bench lock

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: setup ## Set up what is missing, then start Xinshu (XINSHU_PORT, XINSHU_DATA change port and data folder)
	@exec $(BIN)/python manage.py serve

setup: ## Only make the environment: .venv, node_modules, static files
	@$(PYTHON) scripts/setup.py

test: setup ## Run every test on SQLite, journeys in a real browser included
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: lint test ## Everything that must hold before a change lands

lint: setup
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	XINSHU_ENV=test XINSHU_DATA=.setup/check $(BIN)/mypy
	$(BIN)/lint-imports
	XINSHU_ENV=test XINSHU_DATA=.setup/check $(BIN)/python manage.py makemigrations --check --dry-run

format: setup ## Format the code and put right what ruff can put right
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

demo: setup ## Reset the demo city: delete the data folder's database and files, then fill it again
	@$(BIN)/python manage.py reset_demo

bench: setup ## Measure: one JSON line per figure, each beside its limit
	@$(BIN)/python -m bench $(ARGS)

lock: ## Compile requirements/*.in into locks, package.json into its lock
	@$(PYTHON) scripts/lock.py $(ARGS)
