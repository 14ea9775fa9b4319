"""A training that is killed, for tests that it goes on as if it had not been."""

from contextlib import contextmanager

import pytest

from dancing_utils import training


@contextmanager
def killed_after_an_epoch(monkeypatch):
    """Whatever trains in here dies when its first checkpoint is written."""
    save = training.save_checkpoint

    def save_and_die(*args):
        save(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(training, "save_checkpoint", save_and_die)
        yield
