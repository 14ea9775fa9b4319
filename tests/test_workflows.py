"""What GitHub runs is what the project says of itself: systems, Pythons, commands, and a release's conditions."""

import re
import runpy
from pathlib import Path

import pytest
import yaml

from dancing_utils import doctor

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / ".github/workflows").glob("*.yml")}
notes = runpy.run_path(ROOT / ".github" / "release_notes.py")["notes"]
CHANGELOG = """# Changelog

## [0.3.0] - Unreleased

- Not yet.

## [0.2.0] - 2027-01-31

### Added

- A thing.

## [0.1.0] - 2026-12-01

- The first.

[0.2.0]: https://example.org
"""


def jobs():
    return [(f"{name}.{job}", told) for name, workflow in WORKFLOWS.items() for job, told in workflow["jobs"].items()]


def test_fast_tests_run_on_every_system_and_python_of_the_readme():
    matrix = WORKFLOWS["tests"]["jobs"]["fast"]["strategy"]["matrix"]
    assert {system.split("-")[0] for system in matrix["system"]} == {"ubuntu", "macos", "windows"}
    assert matrix["python"] == [f"{major}.{minor}" for major, minor in doctor.PYTHONS]


def test_notebooks_run_weekly_as_make_test_runs_them():
    assert WORKFLOWS["notebooks"][True]["schedule"], "YAML reads the key `on` as true"
    options = re.search(r"^NOTEBOOKS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)[1]
    assert any(options in step.get("run", "") for step in WORKFLOWS["notebooks"]["jobs"]["newest"]["steps"])


@pytest.mark.parametrize("name, job", jobs(), ids=[name for name, _ in jobs()])
def test_no_job_runs_for_ever_or_may_more_than_it_needs(name, job):
    assert job["timeout-minutes"] <= 180
    assert WORKFLOWS[name.split(".")[0]]["permissions"] == {"contents": "read"}
    assert "permissions" not in job or name.startswith("release.") or name == "pages.publish"


def test_files_that_workflows_name_are_there():
    text = "".join(path.read_text("utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    named = set(re.findall(r"(?<![\w./])(?:dancing_utils|data_sample|tests|\.github)/[\w./]+\.\w+", text))
    assert {"dancing_utils/doctor.py", ".github/release_notes.py", "tests/test_version.py"} <= named
    assert not [name for name in named if not (ROOT / name).exists()]


def test_a_releases_notes_are_its_section_of_the_changelog():
    assert notes("v0.2.0", CHANGELOG, "0.2.0") == "### Added\n\n- A thing.\n"
    assert notes("v0.1.0", CHANGELOG, "0.1.0") == "- The first.\n"


@pytest.mark.parametrize(
    "tag, fallback, reason",
    [("v0.2.0", "0.3.0", "is not v0.3.0"), ("0.2.0", "0.2.0", "is not v0.2.0"),
     ("v0.3.0", "0.3.0", "YEAR-MONTH-DAY"), ("v0.4.0", "0.4.0", "no section")],
)  # fmt: skip
def test_a_tag_that_nothing_agrees_with_is_no_release(tag, fallback, reason):
    with pytest.raises(SystemExit, match=reason):
        notes(tag, CHANGELOG, fallback)
