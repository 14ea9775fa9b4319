"""How tests and notebooks are run: the notebooks' quick profile, what comes first, and what stays on one core."""

import os
import shutil
import tempfile

import pytest

LONG = ("test_gan.py",)  # begun first, so that both cores end together


def pytest_configure(config):
    """The notebooks run under nbval in their quick profile: few steps, results in a temporary folder."""
    if "DANCING_QUICK" not in os.environ:
        os.environ["DANCING_QUICK"] = folder = tempfile.mkdtemp(prefix="dancing quick ")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_modifyitems(items):
    """A group stays on one core: a file; all that needs the sample's extraction, which is slow; the notebooks, since
    01 makes what later ones read."""
    items.sort(key=lambda item: (item.path.suffix != ".ipynb", item.path.name not in LONG))
    for item in items:
        group = "notebooks" if item.path.suffix == ".ipynb" else item.path.stem
        if "sample_data" in getattr(item, "fixturenames", ()):
            group = "sample"
            item.add_marker("slow")
        item.add_marker(pytest.mark.xdist_group(group))
