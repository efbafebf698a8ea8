# Every target does its own set-up and can be run again. The logic is in tools/.
.DEFAULT_GOAL := help
.PHONY: help demo test check docs assets bench proof lock clean

AMPARO := .venv/bin/amparo

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Build the Republic of Amparia and serve it; SCALE=20000 chooses the population
	@tools/setup.sh demo
	@$(AMPARO) demo $(if $(SCALE),--persons $(SCALE))

test: ## Run all tests; ARGS='-k pension' chooses
	@tools/setup.sh test
	@.venv/bin/pytest -n auto $(ARGS)

check: ## Judge the source: style, types, layers, spelling, architecture, docs
	@tools/setup.sh test
	@tools/check.sh

docs: ## Build the documentation into docs/_build/html
	@tools/setup.sh test
	@.venv/bin/sphinx-build -W --keep-going -n -b html docs docs/_build/html

assets: ## Build the pages' styles and scripts from npm (needs Node 20)
	@npm ci
	@npm run --silent assets

bench: ## Measure import, pay run, rules and the search for people registered twice
	@tools/setup.sh demo
	@$(AMPARO) bench import
	@$(AMPARO) bench payrun
	@$(AMPARO) bench rules
	@$(AMPARO) bench register

proof: ## Run the whole chain in a folder of its own and verify every invariant
	@tools/setup.sh demo
	@tools/proof.sh

lock: ## Renew the lock files (needs uv)
	@tools/lock.sh

clean: ## Remove what can be made again; the installation's data in var/ stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage docs/_build
	@find amparo tests -name __pycache__ -type d -prune -exec rm -rf {} +
