"""One source of versions: pyproject.toml -> requirements.lock -> environment.yml, and the README's commands."""

import re
import runpy
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

from dancing_utils import cli, dancers, files, learn

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REQUIREMENTS = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = [Requirement(line) for name in ("cluster", "play") for line in PROJECT["optional-dependencies"][name]]
LOCKED = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
LOCK = [Requirement(line) for line in LOCKED if line and line[0] not in "# "]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_lock_satisfies_every_range(python, system):
    environment = {**default_environment(), "python_version": python, "sys_platform": system}
    environment |= {"python_full_version": f"{python}.0"}
    locked = {r.name.lower(): r for r in LOCK if r.marker is None or r.marker.evaluate(environment)}
    for requirement in [*REQUIREMENTS, *EXTRAS]:
        exact = next(iter(locked[requirement.name.lower()].specifier)).version
        assert exact in requirement.specifier, f"{requirement} but {exact}: run `make lock`"


def test_both_locks_name_the_same_versions_and_the_second_has_their_hashes():
    plain, hashed = ((ROOT / name).read_text("utf-8") for name in ("requirements.lock", "requirements.hashed.lock"))
    entries = re.findall(r"^([a-z].*?)(?: \\\n    --hash=sha256:[0-9a-f]{64})+$", hashed, flags=re.M)
    assert entries == [line for line in plain.splitlines() if line[0] != "#"], "run `make lock`"
    assert "--require-hashes -r requirements.hashed.lock" in (ROOT / "Makefile").read_text("utf-8")


def test_environment_names_the_same_packages():
    text = (ROOT / "environment.yml").read_text("utf-8")
    pip = text[text.index("- pip:") :]
    named = re.findall(r"^ +- ([a-z][\w-]*)", pip.replace("- pip:", "", 1), flags=re.M)
    assert sorted(named) == sorted(requirement.name for requirement in REQUIREMENTS)
    assert "- -c requirements.lock" in pip and "- -e ." in pip
    assert re.search(r"python=(3\.\d+)", text)[1] in ("3.11", "3.12", "3.13")


def test_ci_runs_the_readmes_test_command():
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make test" in readme and "make demo" in readme


def test_plain_pytest_runs_the_fast_tests_and_make_test_all_there_is():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    assert options["testpaths"] == ["tests"] and "-m 'not slow'" in options["addopts"]
    assert "nbval" not in options["addopts"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(r"^test:.*\n((?:\t.*\n)+)", makefile, flags=re.M)[1]
    assert "ruff check ." in recipe and '-m ""' in recipe and "tests $(NOTEBOOKS)" in recipe
    assert re.search(r"^NOTEBOOKS := notebooks --nbval-lax", makefile, flags=re.M)
    for command in ("make test", "python -m pytest -q", 'python -m pytest -m "" tests/test_gan.py'):
        assert f"    {command} " in (ROOT / "CONTRIBUTING.md").read_text("utf-8"), command


def test_what_shares_work_stays_on_one_core():
    rules = runpy.run_path(ROOT / "conftest.py")
    group_of = rules["group_of"]
    assert group_of("notebooks/01_a.ipynb::Cell 0") == group_of("notebooks/02_b.ipynb::Cell 1") == "notebooks"
    assert group_of("tests/test_gan.py::test_a") != group_of("tests/test_vaes.py::test_a[x::y]") == "test_vaes.py"
    tests = {path.name: path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py")}
    extracting = {name for name, text in tests.items() if re.search(r"^def .*\bsample_data\b", text, flags=re.M)}
    assert extracting == set(rules["SAMPLE"]), "name them in conftest.py, or take small_data"
    assert len({group_of(f"tests/{name}::test_a") for name in extracting}) == 1


def test_make_clean_leaves_what_people_made():
    recipe = re.search(r"^clean:.*\n((?:\t.*\n?)+)", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)[1]
    assert "$(VENV)" in recipe and "outputs" not in recipe and "runs" not in recipe


def test_every_module_names_its_notebook():
    for path in (ROOT / "dancing_utils").rglob("*.py"):
        if path.parent.name != "dancing_utils" or path.name not in ("__init__.py", "cli.py", "cli_dancers.py"):
            assert re.search(r"^Notebook: \d\d[a-z]?_\w+\.ipynb$", path.read_text("utf-8"), flags=re.M), path.name




def test_a_wheel_carries_what_demo_learn_and_generate_need(monkeypatch):
    """And an editable install nothing: it reads the clone."""
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    carried = hatch["wheel"]["hooks"]["custom"]["sample"]
    songs = cli.DEMO_SONG, learn.PREVIEW_SONG
    for path in (*files.SHIPPED.values(), cli.DEMO_CLIP, *songs, *dancers.SHIPPED_DANCERS.iterdir()):
        inside = path.relative_to(ROOT)
        assert any(place.as_posix() in carried for place in (inside, *inside.parents)), path
    for source, target in carried.items():
        assert (ROOT / source).exists() and target == source.replace("data_sample", "dancing_utils/sample")
        assert source in hatch["sdist"]["only-include"], "a wheel is built from the sdist"
    sizes = [path.stat().st_size for source in carried for path in [ROOT / source, *(ROOT / source).rglob("*")]]
    assert sum(sizes) < 18e6, "pyproject.toml says 17 MB"
    backend = ModuleType("hatchling.builders.hooks.plugin.interface")  # it is no part of the course's environment
    backend.BuildHookInterface = object
    monkeypatch.setitem(sys.modules, backend.__name__, backend)
    build_data, hook = {"force_include": {}}, runpy.run_path(ROOT / "hatch_build.py")["SampleHook"]
    for version, expected in (("editable", {}), ("standard", carried)):
        hook.initialize(SimpleNamespace(config={"sample": carried}), version, build_data)
        assert build_data["force_include"] == expected


def test_the_sample_is_found_in_a_clone_and_in_a_wheel(tmp_path):
    assert files.find_sample(tmp_path / "dancing_utils") == tmp_path / "data_sample"
    (tmp_path / "dancing_utils" / "sample").mkdir(parents=True)
    assert files.find_sample(tmp_path / "dancing_utils") == tmp_path / "dancing_utils" / "sample"
    assert files.SAMPLE == ROOT / "data_sample"
