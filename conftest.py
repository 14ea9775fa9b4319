"""How tests and notebooks are run: the notebooks' quick profile, what comes first, and what stays on one core."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

LONG = ("test_gan.py",)  # begun first, so that both cores end together
SAMPLE = ("test_extract.py", "test_evaluate_images.py")  # what needs the sample's extraction, which is made once a core


def pytest_configure(config):
    """The notebooks run under nbval in their quick profile: few steps, results in a temporary folder."""
    if "DANCING_QUICK" not in os.environ:
        os.environ["DANCING_QUICK"] = folder = tempfile.mkdtemp(prefix="dancing quick ")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # Two processes that compile for librosa at once mix up numba's cache, and all that read it later crash.
        os.environ["NUMBA_CACHE_DIR"] = str(config.rootpath / ".pytest_cache" / f"numba_{worker}")


def pytest_collection_modifyitems(items):
    """Long files come first. What needs the sample's extraction is slow."""
    items.sort(key=lambda item: (item.path.suffix != ".ipynb", item.path.name not in LONG))
    for item in items:
        if "sample_data" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """On several cores (pytest -n) a group stays on one of them."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group_of(nodeid)

    return Groups(config, log)


def group_of(nodeid: str) -> str:
    """All notebooks, since 01 makes what later ones read; what shares the extraction; else a file."""
    file = Path(nodeid.partition("::")[0])
    return "notebooks" if file.suffix == ".ipynb" else "sample" if file.name in SAMPLE else file.name
