# `make` alone lists what there is.   Another Python: make PYTHON=python3.12 demo
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.13; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test test-browser lab check lock dist site clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/installed ## set everything up; a clip -> landmarks, MFCC, frames; a song -> outputs/held_out_1.mp4
	$(BIN)/dance demo

# nbval runs every notebook, compares the cells marked NBVAL_CHECK_OUTPUT, and gives up on a cell after 600 s.
NOTEBOOKS := notebooks --nbval-lax --nbval-current-env --nbval-cell-timeout=600

# Everything on two cores; what stays on one of them, and what comes first, is in conftest.py.
test: $(VENV)/installed ## ruff, all tests and all notebooks, on two cores
	$(BIN)/python -m ruff check .
	$(BIN)/python -m pytest -q -m "" tests $(NOTEBOOKS)

# playwright drives the browser and brings none. What is measured is printed.
test-browser: $(VENV)/browser ## the instruments in a real browser
	$(BIN)/python -m pytest -q -n 0 -s $(AGAIN) tests/browser

# The browser that $CHROMIUM names, or one that is there, or Debian's; it must start.
$(VENV)/browser: $(VENV)/installed
	@test -n "$$CHROMIUM" || command -v chromium || command -v google-chrome || \
		{ timeout 300 apt-get update -q && timeout 300 apt-get install -y -q chromium; } || \
		{ echo "Install Chromium (as root: apt-get install chromium), or name a browser: CHROMIUM=/path/to/chrome"; exit 1; }
	@timeout 60 "$${CHROMIUM:-$$(command -v chromium || command -v google-chrome)}" \
		--headless --no-sandbox --dump-dom about:blank >/dev/null 2>&1 || { echo "The browser does not start."; exit 1; }
	$(BIN)/python -m pip install --quiet "playwright>=1.50,<2" "axe-playwright-python>=0.1.4,<1"
	@touch $@

lab: $(VENV)/installed ## JupyterLab in the environment
	$(BIN)/jupyter lab notebooks

# What would fail late is checked first: Python, disk space, system libraries.
check: ## is this machine ready?
	@$(PYTHON) dancing_utils/doctor.py --install

$(VENV)/installed: requirements.hashed.lock pyproject.toml
	@$(PYTHON) dancing_utils/doctor.py --install
	$(PYTHON) -m venv $(VENV)
# pip shows a bar while it installs, too, since 25.1.
	@echo "Installing the packages of requirements.hashed.lock: about 1 GB to download the first time, a few minutes"
	@$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.hashed.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

# Exact versions for every platform and Python from the ranges in pyproject.toml, twice: the second lock has the hashes
# of all files of each version, as the public index lists them (no settings of this machine, which may name another).
COMPILE := pip compile --universal --python-version 3.11 --no-annotate --custom-compile-command "make lock" --no-config
COURSE := $(COMPILE) --extra cluster --extra play pyproject.toml

lock: $(VENV)/installed ## exact versions from the ranges in pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv $(COURSE) --upgrade --output-file requirements.lock
	$(BIN)/python -m uv $(COURSE) --generate-hashes --constraints requirements.lock --output-file requirements.hashed.lock
	$(BIN)/python -m uv $(COMPILE) --upgrade --constraints requirements.lock \
		--output-file docs/book/requirements.txt docs/book/requirements.in

dist: $(VENV)/installed ## the package: dist/*.whl and dist/*.tar.gz, checked
	$(BIN)/python -m pip install --quiet build twine
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/python -m twine check --strict dist/*

# The site's tools have an environment of their own, so that the course's locks stay free of them. Warnings are errors.
site: .venv-site/installed ## the course as a book: site/index.html
	rm -rf docs/api site
	.venv-site/bin/sphinx-build -q -W --keep-going -c docs/book -d build/site . site

.venv-site/installed: docs/book/requirements.txt
	$(PYTHON) -m venv .venv-site
	.venv-site/bin/python -m pip install --quiet --disable-pip-version-check -r docs/book/requirements.txt
	@touch $@

# What people made, in outputs/ and runs/, stays.
clean: ## remove the environment and what was built; your results stay
	rm -rf $(VENV) .venv-site .pytest_cache .ruff_cache build dist docs/api jupyter_execute site *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
