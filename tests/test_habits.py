"""The doors and habits beside the code: Binder, the dev container, pre-commit, make's list of targets."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from dancing_utils import doctor

ROOT = Path(__file__).resolve().parents[1]


def text(name):
    return (ROOT / name).read_text("utf-8")


def test_binder_installs_the_lock_and_the_doctors_libraries():
    assert text("binder/requirements.txt") == "-r ../requirements.lock\n"
    assert sorted(text("binder/apt.txt").split()) == sorted(doctor.LIBRARIES.values())
    assert tuple(map(int, re.findall(r"\d+", text("binder/runtime.txt")))) in doctor.PYTHONS
    assert "--no-deps --editable ." in text("binder/postBuild")
    assert {"outputs/sample.h5", "outputs/corpus.h5"} < set(text("binder/postBuild").split()), "02 and 05 read them"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_binder_can_run_its_last_step():
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)
    assert subprocess.run(["bash", "-n", ROOT / "binder" / "postBuild"]).returncode == 0


def test_the_dev_container_makes_what_make_makes():
    told = json.loads(text(".devcontainer/devcontainer.json"))
    assert tuple(map(int, re.search(r"python:(\d+)\.(\d+)", told["image"]).groups())) in doctor.PYTHONS
    assert told["onCreateCommand"].endswith("make .venv/installed")
    assert int(told["hostRequirements"]["storage"].removesuffix("gb")) > doctor.NEEDED_GB
    assert all((ROOT / name).exists() for name in told["customizations"]["codespaces"]["openFiles"])


def test_before_a_commit_the_locks_ruff_runs_and_nothing_strips_notebooks():
    (local,) = yaml.safe_load(text(".pre-commit-config.yaml"))["repos"]
    hooks = {hook["id"]: hook for hook in local["hooks"]}
    assert hooks["ruff"]["additional_dependencies"] == re.findall(r"^ruff==\S+$", text("requirements.lock"), flags=re.M)
    assert list(hooks) == ["ruff", "codespell"], "stored outputs are what tests checked and the site shows"


def test_make_names_each_target_that_it_has():
    makefile = text("Makefile")
    phony = re.search(r"^\.PHONY: help (.+)$", makefile, flags=re.M)[1].split()
    assert re.findall(r"^([a-z-]+):.* ## \S", makefile, flags=re.M) == phony
    assert re.search(r"^([a-z]+):", makefile, flags=re.M)[1] == "help", "make alone must do nothing large"


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_make_alone_says_what_it_can_do():
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = [line.split()[1] for line in said.splitlines() if line.startswith("  make ")]  # make in make says more
    assert listed == ["demo", "test", "test-browser", "lab", "check", "lock", "dist", "site", "clean"]
