"""What all trainings share: epochs, what a checkpoint knows, divergence."""

import json
from dataclasses import dataclass

import keras
import numpy as np
import pytest
import tensorflow as tf

from dancing_utils import InputError, files, training

X = np.linspace(-1, 1, 8, dtype=np.float32)
HERE = {"data": "a1", "songs": 80, "start_from": "nothing"}


@dataclass(frozen=True)
class LineSettings:
    width: int = 1
    learning_rate: float = 0.1
    epochs: int = 2


LINE = LineSettings()


class Line(training.LossModel):
    """y = slope * x, learned by least squares."""

    def __init__(self, settings=LINE):
        super().__init__("loss", "error")
        settings = settings or LineSettings()
        self.slope = self.add_weight(shape=(settings.width,), initializer="zeros", name="slope")
        self.built = True
        self.compile(optimizer=keras.optimizers.Adam(settings.learning_rate))
        self.optimizer.build(self.trainable_variables)

    def losses_of(self, x, y):
        error = tf.reduce_mean((self.slope * x[:, None] - y[:, None]) ** 2)
        return {"loss": error, "error": error}


def fit(folder, settings=LINE, *, y=3 * X, trained_on=HERE, kind=Line, **options):
    def epoch_of(epoch):
        return tf.data.Dataset.from_tensor_slices((X, np.asarray(y, np.float32))).batch(4)

    model = kind(settings)
    history = training.run_epochs(
        model, epoch_of, epochs=settings.epochs, run_dir=folder, settings=settings, trained_on=trained_on,
        progress=False, **options,
    )  # fmt: skip
    return model, history


# --- a checkpoint knows what it was trained on ---------------------------------------------------------------------


@pytest.mark.parametrize("name, other", [("data", "b2"), ("songs", 40), ("start_from", "c3")])
def test_a_checkpoint_of_something_else_is_refused(tmp_path, name, other):
    fit(tmp_path)
    before = (tmp_path / "checkpoint.npz").read_bytes()
    words = rf"trained on something else \({name} was {HERE[name]} and is {other}\): .*--run-dir.*--fresh"
    with pytest.raises(InputError, match=words):
        fit(tmp_path, trained_on=HERE | {name: other})
    assert (tmp_path / "checkpoint.npz").read_bytes() == before
    _, history = fit(tmp_path, trained_on=HERE | {name: other}, resume=False)
    assert len(history) == 2 and history[0]["error"] > history[1]["error"]


def test_the_same_training_goes_on_and_says_when_it_is_complete(tmp_path, capsys):
    fit(tmp_path)
    assert "complete" not in capsys.readouterr().out
    _, history = fit(tmp_path)
    assert "checkpoint.npz is complete after 2 epochs" in capsys.readouterr().out and len(history) == 2
    _, longer = fit(tmp_path, LineSettings(epochs=3))
    assert longer[:2] == history and len(longer) == 3 and "complete" not in capsys.readouterr().out


def test_going_on_with_another_learning_rate_uses_it(tmp_path):
    fit(tmp_path)
    model, history = fit(tmp_path, LineSettings(epochs=3, learning_rate=0.025))
    assert len(history) == 3 and float(model.optimizer.learning_rate) == np.float32(0.025)


def test_other_settings_and_old_checkpoints_are_refused_in_words(tmp_path):
    fit(tmp_path)
    with pytest.raises(InputError, match=r"other settings \(width was 1 and is 2\).*--fresh"):
        fit(tmp_path, LineSettings(width=2))
    path = tmp_path / "checkpoint.npz"
    stored = files.read_npz(path, needs=[], hint="")
    facts = json.loads(str(stored["facts"]))
    files.write_npz(path, stored | {"0": np.zeros(5, np.float32)})  # as of another number of pairs
    with pytest.raises(InputError, match="another version.*--fresh"):
        fit(tmp_path)
    del facts["trained_on"]
    files.write_npz(path, stored | {"facts": np.array(json.dumps(facts))})
    with pytest.raises(InputError, match="older version.*does not say what it was trained on.*--fresh"):
        fit(tmp_path)


def test_digest_changes_with_anything():
    a = np.arange(6, dtype=np.float32)
    different = [
        [a], [a.reshape(2, 3)], [a.reshape(3, 2)], [a.astype("f8")], [a[:3], a[3:]], [a[3:], a[:3]], [a[:5]],
        [np.nextafter(a, 9)], [],
    ]  # fmt: skip
    assert len({training.digest(*arrays) for arrays in different}) == len(different)
    assert training.digest(a) == training.digest(a.copy()) == training.digest(np.stack([a, a], 1)[:, 0])


def test_stopped_after_an_epoch_it_ends_as_unbroken(tmp_path):
    unbroken, history = fit(tmp_path / "a", LineSettings(epochs=5))
    fit(tmp_path / "b", LineSettings(epochs=2))
    resumed, again = fit(tmp_path / "b", LineSettings(epochs=5))
    assert history == again and float(unbroken.slope[0]) == float(resumed.slope[0])


def test_what_changes_an_epoch_is_a_step_of_its_own(tmp_path):
    """Once an epoch that is trained, before its batches are asked for; one that goes on, for its own alone."""
    seen, kind = [], type("Begins", (Line,), {"begin_epoch": lambda self, epoch: seen.append(f"begin {epoch}")})

    def asked(epoch):
        seen.append(f"batches {epoch}")
        return tf.data.Dataset.from_tensor_slices((X, 3 * X)).batch(4)

    for epochs in (1, 3):
        settings = LineSettings(epochs=epochs)
        training.run_epochs(
            kind(settings), asked, epochs=epochs, run_dir=tmp_path, settings=settings, trained_on=HERE, progress=False,
            before_epoch=lambda epoch: seen.append(f"before {epoch}"),
        )  # fmt: skip
    turns = [[f"begin {epoch}", f"before {epoch}", f"batches {epoch}"] for epoch in range(3)]
    assert seen == ["batches 0", *turns[0], "batches 0", *turns[1], *turns[2]]  # batch 0 first: to count the batches


def test_the_best_is_kept_and_patience_counts_from_it(tmp_path):
    losses, kept, done = iter([3.0, 1.0, 2.0, 1.5, 0.1]), [], []
    _, history = fit(
        tmp_path, LineSettings(epochs=9), validate=lambda: next(losses), patience=2,
        keep_best=lambda: kept.append(len(done)), after_epoch=lambda epoch, row: done.append(epoch),
    )  # fmt: skip
    assert [row["validation"] for row in history] == [3.0, 1.0, 2.0, 1.5]  # two epochs without a better one
    assert kept == [0, 1] and done == [1, 2, 3, 4]
    assert len(fit(tmp_path, LineSettings(epochs=9), validate=pytest.fail, patience=2)[1]) == 4


# --- divergence ----------------------------------------------------------------------------------------------------


def test_a_training_that_diverges_keeps_what_was_good_and_goes_on_with_a_lower_learning_rate(tmp_path):
    kept = []
    fit(tmp_path, keep_best=lambda: kept.append(1))
    good = (tmp_path / "checkpoint.npz").read_bytes()
    words = r"diverged in epoch 3 \(error is inf, loss is inf\), and .*checkpoint.npz keeps the 2 before it: lower "
    with pytest.raises(InputError, match=words):
        fit(tmp_path, LineSettings(epochs=4, learning_rate=1e30), keep_best=lambda: kept.append(1))
    assert len(kept) == 2 and (tmp_path / "checkpoint.npz").read_bytes() == good
    _, history = fit(tmp_path, LineSettings(epochs=4))
    assert len(history) == 4 and np.isfinite(history[3]["error"])


def test_data_that_are_no_numbers_stop_a_training_at_once(tmp_path):
    seen = []
    with pytest.raises(InputError, match=r"epoch 1 \(error is nan, loss is nan\), and no epoch before it was kept"):
        fit(tmp_path, y=np.r_[np.nan, 3 * X[1:]], keep_best=lambda: seen.append(1))
    assert not seen and not list(tmp_path.iterdir())


def test_weights_and_validation_that_are_no_numbers_are_never_kept(tmp_path):
    with pytest.raises(InputError, match=r"epoch 1 \(validation is nan\)"):
        fit(tmp_path, validate=lambda: float("nan"))

    class Breaking(Line):
        def train_step(self, batch):
            logs = super().train_step(batch)
            self.slope.assign(self.slope + tf.where(batch[0][0] > 0, np.inf, 0.0))  # in the epoch's last step
            return logs

    with pytest.raises(InputError, match=r"epoch 1 \(largest weight is inf\)"):
        fit(tmp_path, kind=Breaking)
    assert not list(tmp_path.iterdir())
