# make demo | test | lab | lock.   Another Python: make PYTHON=python3.12 demo
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.13; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lab lock check clean

demo: $(VENV)/installed
	$(BIN)/dance demo

test: $(VENV)/installed
	$(BIN)/python -m pytest -q

lab: $(VENV)/installed
	$(BIN)/jupyter lab notebooks

# What would fail late is checked first: Python, disk space, system libraries.
check:
	@$(PYTHON) dancing_utils/doctor.py --install

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) dancing_utils/doctor.py --install
	$(PYTHON) -m venv $(VENV)
# pip shows a bar while it installs, too, since 25.1.
	@echo "Installing the packages of requirements.lock: about 1 GB to download the first time, a few minutes"
	@$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

# Exact versions for every platform and Python from the ranges in pyproject.toml.
lock: $(VENV)/installed
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv pip compile --universal --upgrade --no-annotate --custom-compile-command "make lock" \
		--output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) outputs
