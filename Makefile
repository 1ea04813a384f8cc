# `make` lists what there is. Everything works from a fresh clone; nothing outside this folder is changed
# (but for Debian's Chromium, which `make test` installs for root where none is found).
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup run test test-long test-networks pictures check bench words lock
PY := .venv/bin/python
PIP := PIP_ROOT_USER_ACTION=ignore $(PY) -m pip -qq --disable-pip-version-check --no-input install --no-compile
LOCKED := --require-hashes --no-deps -r
# uv installs in a tenth of pip's time. Where it cannot (a package index that only pip's settings name), pip does it.
INSTALL = { $(PIP) $(LOCKED) requirements/install.txt && \
	.venv/bin/uv pip install --quiet --no-cache --python $(PY) $(LOCKED) $(1) 2>.venv/uv.log; } || \
	{ echo "uv did not install it (.venv/uv.log says why); pip does."; $(PIP) $(LOCKED) $(1); }
# What a start imports, on all cores; the rest is compiled when it is first used.
SELDOM := /tests?/|/pip/|/scipy/|/sklearn/|/joblib/|/uv/|/narwhals/|/setuptools/|/prompt_toolkit/|/contrib/gis/
SELDOM := $(SELDOM)|/locale/|/providers/|ngramsL|/pygments/(lexers|styles)/[a-z]
SELDOM := $(SELDOM)|/numpy/(f2py|ma|polynomial|testing|random|fft|typing|core|strings)/
COMPILE_CODE := $(PY) -m compileall -q -j 0 -x '$(SELDOM)' .venv/lib >/dev/null || true
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header $(if $(UPGRADE),--upgrade)
# A distribution's Python is built with the compiler's optimizations, and one of your own where you asked for them (pyenv
# does not): without them pages take two fifths longer. `SYSTEM` is another one in tests.
QUICK := import ensurepip, sys, sysconfig, venv; \
	sys.exit(sys.base_prefix != "/usr" and "--enable-optimizations" not in (sysconfig.get_config_var("CONFIG_ARGS") or ""))
SYSTEM := /usr/bin/python3
OURS := config content engagement listening maturity measurement roles
RUN := .venv/.installed-run
DEV := .venv/.installed-dev

help: ## List these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(RUN) ## Create .venv from the hashed lock file (run and test do it themselves).

run: $(RUN) .venv/.compiled ## Run everything at http://127.0.0.1:8000 (HOST and PORT choose another place) until Ctrl-C.
	@exec $(PY) -m config.supervisor

test: $(DEV) .venv/.compiled ## Run all tests on real PostgreSQL and Valkey (ARGS="-k queue" picks some).
	@$(PY) -m tests.chromium --install
	@$(PY) -m pytest -n auto --dist worksteal -m "not long and not networks" $(ARGS)

test-long: $(DEV) .venv/.compiled ## Run what takes long: upgrades, a network at its worst, a whole `make run`, random words by the thousand.
	@EXAMPLES=1000 $(PY) -m pytest -m "long or (hypothesis and not networks)" $(ARGS)

test-networks: $(DEV) ## Run the tests against real servers of networks, which are fetched where root may (ARGS picks some).
	@$(PY) -m tests.networks.installing
	@$(PY) -m pytest -m networks tests/networks tests/e2e/test_from_idea_to_clicks.py $(ARGS)

pictures: $(DEV) ## Take the pictures of the documentation anew, of the demo at a fixed moment.
	@$(PY) -m tests.chromium --install
	@PICTURES=docs/pictures $(PY) -m pytest -q -n 0 -m long tests/e2e/test_pictures.py

check: $(DEV) ## Run the linters, the types, the import contracts.
	.venv/bin/ruff check --quiet --output-format concise .
	.venv/bin/ruff format --quiet --check .
	.venv/bin/codespell
	.venv/bin/djlint --quiet --lint templates
	.venv/bin/djlint --quiet --lint --profile jinja --extension jinja templates
	git ls-files -z '*.py' | xargs -0 .venv/bin/django-upgrade --check --target-version 5.2
	.venv/bin/lint-imports --no-logo
	.venv/bin/mypy
	$(PY) manage.py check --fail-level WARNING

bench: $(DEV) ## Run the benchmarks; see benchmarks/RESULTS.md.
	@$(PY) -m benchmarks $(ARGS)

words: $(DEV) ## Bring the catalogues of other languages up to date with what the code says.
	@$(PY) -m config.catalogs --gather

lock: $(DEV) ## Make the hashed lock files anew from pyproject.toml (UPGRADE=1 takes newer versions).
	echo uv | $(COMPILE) - -o requirements/install.txt
	$(COMPILE) pyproject.toml --extra saml -o requirements/production.txt
	$(COMPILE) pyproject.toml --extra local -o requirements/run.txt
	$(COMPILE) pyproject.toml --extra local --group dev -o requirements/dev.txt

.venv/bin/python:
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 $(SYSTEM)); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		first=$${first:-$$python}; \
		$$python -c '$(QUICK)' 2>/dev/null && quick=$$python && break; \
	done; \
	found=$${quick:-$$first}; \
	if [ -z "$$found" ]; then \
		echo "Touchline needs Python 3.11 or newer; here is $$($(or $(PYTHON),python3) --version 2>/dev/null || echo none). PYTHON=/path/to/python names one." >&2; exit 1; \
	fi; \
	echo "Creating .venv with $$($$found --version) ($$(command -v $$found))."; \
	$$found -m venv --clear .venv || { \
		rm -rf .venv; \
		echo "Python cannot create a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(RUN): requirements/run.txt requirements/install.txt .venv/bin/python
	@echo "Installing what $< locks."
	@$(call INSTALL,$<)
	@$(COMPILE_CODE)
	@touch $@

# Five processes load the same code, and tests start some thirty: it is compiled once before, whatever
# PYTHONDONTWRITEBYTECODE says.
.venv/.compiled: $(shell find $(OURS) -name '*.py' -o -name '*.po') | $(RUN)
	@$(PY) -m compileall -q -j 0 $(OURS) || true
	@$(PY) -m config.catalogs
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo "Installing what $< locks."
	@$(call INSTALL,$<)
	@$(COMPILE_CODE)
	@touch $@
