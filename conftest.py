"""The notebooks run under nbval in their quick profile: few steps, results in a temporary folder."""

import os
import shutil
import tempfile


def pytest_configure(config):
    if "DANCING_QUICK" not in os.environ:
        os.environ["DANCING_QUICK"] = folder = tempfile.mkdtemp(prefix="dancing quick ")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
