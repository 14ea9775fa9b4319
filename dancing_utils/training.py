"""What both trainings share: seeds, one epoch after the other, checkpoint after each, resume, one progress bar.

An epoch's batches and random numbers depend on the seed and the epoch's number alone, so a run that was stopped and
goes on ends with the same weights as one that was not (tested to 1e-5).

Notebook: 03_train_lstm_vae.ipynb
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
from tqdm.auto import tqdm

from dancing_utils import quiet  # noqa: F401  isort: skip  (before TensorFlow)
import tensorflow as tf  # isort: skip
from dancing_utils import InputError
from dancing_utils.retarget import Body


def prepare(seed: int) -> None:
    """Fix every seed and ask TensorFlow for operations that give the same result each time."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


class LossModel(keras.Model):
    """A model that is trained on ``losses_of(*batch)``, a dictionary of loss terms of which "loss" is minimised."""

    def __init__(self, *terms: str):
        super().__init__()
        self.trackers = {name: keras.metrics.Mean(name=name) for name in terms}

    @property
    def metrics(self):
        return list(self.trackers.values())

    @property
    def optimizers(self):
        return [self.optimizer]

    def train_step(self, batch):
        with tf.GradientTape() as tape:
            terms = self.losses_of(*batch)
        gradients = tape.gradient(terms["loss"], self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return self._track(terms)

    def test_step(self, batch):
        return self._track(self.losses_of(*batch))

    def _track(self, terms):
        for name, value in terms.items():
            self.trackers[name].update_state(value)
        return {name: tracker.result() for name, tracker in self.trackers.items()}


def run_epochs(
    model: keras.Model, batches: Callable[[int], tf.data.Dataset], *, epochs: int, run_dir: str | Path, settings,
    resume: bool = True, progress: bool = True, after_epoch: Callable[[int, dict], None] | None = None,
    validate: Callable[[], float | None] = lambda: None, patience: int = 10,
    keep_best: Callable[[], None] = lambda: None,
) -> list[dict[str, float]]:  # fmt: skip
    """Train to ``epochs`` epochs, going on from the checkpoint in ``run_dir`` if it was made with these settings.

    Parameters
    ----------
    model : compiled; its ``optimizers`` (list) are saved with its weights, and ``begin_epoch(epoch)`` is called before
        each epoch if it has that.
    batches : epoch number -> the batches of that epoch.
    after_epoch : called with the number of epochs done and the last one's losses, say to save a picture.
    validate : gives the loss on data that is not trained on, or None; after ``patience`` epochs without a better one
        training stops. It enters the history as "validation".
    keep_best : called after every epoch that is the best so far, and after every one without a validation loss.

    Returns
    -------
    The mean of every loss term, one dictionary an epoch.
    """
    checkpoint = Path(run_dir) / "checkpoint.npz"
    _make_folder(checkpoint.parent)
    history = load_checkpoint(checkpoint, model, settings) if resume and checkpoint.exists() else []
    n = len(batches(0))
    progress = progress and len(history) < epochs and not _stalls(history, patience)
    with tqdm(total=epochs * n, initial=len(history) * n, unit="batch", disable=not progress) as bar:
        tick = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs=None: bar.update())
        for epoch in range(len(history), epochs):
            if _stalls(history, patience):
                break
            if hasattr(model, "begin_epoch"):
                model.begin_epoch(epoch)
            bar.set_description(f"epoch {epoch + 1} of {epochs}")
            logs = model.fit(batches(epoch), verbose=0, shuffle=False, callbacks=[tick]).history
            history.append({name: float(values[-1]) for name, values in logs.items()})
            if (loss := validate()) is not None:
                history[-1]["validation"] = loss
            if loss is None or loss <= min(_validation(history)):
                keep_best()
            save_checkpoint(checkpoint, model, settings, history)
            bar.set_postfix({name: f"{value:.3g}" for name, value in history[-1].items()})
            if after_epoch is not None:
                after_epoch(epoch + 1, history[-1])
    return history


def _stalls(history: list[dict[str, float]], patience: int) -> bool:
    """Is the best validation loss ``patience`` epochs or more ago?"""
    losses = _validation(history)
    return bool(losses) and len(losses) - 1 - int(np.argmin(losses)) >= patience


def _validation(history: list[dict[str, float]]) -> list[float]:
    return [row["validation"] for row in history if "validation" in row]


def _variables(model: keras.Model) -> list:
    return [*model.weights, *(variable for optimizer in model.optimizers for variable in optimizer.variables)]


def save_checkpoint(path: Path, model: keras.Model, settings, history: list[dict[str, float]]) -> None:
    """Weights, optimizer state, settings and history in one file, written beside it and renamed."""
    arrays = {str(i): np.asarray(variable) for i, variable in enumerate(_variables(model))}
    facts = json.dumps({"settings": _comparable(settings), "history": history})
    temporary = path.with_suffix(".writing.npz")
    try:
        np.savez(temporary, facts=np.array(facts), **arrays)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(path: Path, model: keras.Model, settings) -> list[dict[str, float]]:
    """Put a checkpoint's state into the model; returns the history so far."""
    with np.load(path) as stored:
        facts = json.loads(str(stored["facts"]))
        if facts["settings"] != _comparable(settings):
            raise InputError(f"{path} was made with other settings: give another --run-dir, or start anew with --fresh")
        for i, variable in enumerate(_variables(model)):
            variable.assign(stored[str(i)])
    return facts["history"]


def _comparable(settings) -> dict:
    """Settings that must agree for a run to go on: all but how long it goes on."""
    return json.loads(json.dumps({key: value for key, value in asdict(settings).items() if key != "epochs"}))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write to {folder} ({error.strerror}): choose another run folder") from error


def save_weights(model: keras.Model, path: str | Path, settings, *, body: Body | None = None) -> None:
    """What is shipped: the model's weights as float16 (half the size) and its settings, without optimizer state.

    ``body`` : measures of the dancer that was learned, kept beside the weights.
    """
    path = Path(path)
    _make_folder(path.parent)
    arrays = {str(i): np.asarray(weight) for i, weight in enumerate(model.weights)}
    halves = {key: value.astype(np.float16) if value.dtype == np.float32 else value for key, value in arrays.items()}
    if body is not None:
        halves["body"] = body.to_array().astype(np.float32)
    temporary = path.with_suffix(".writing.npz")
    try:
        np.savez_compressed(temporary, settings=np.array(json.dumps(asdict(settings))), **halves)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_settings(path: str | Path, kind: type):
    """The settings, a dataclass of this ``kind``, that a model file was made with."""
    try:
        with np.load(path) as stored:
            values = json.loads(str(stored["settings"]))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist: train one with `dance train`, or use the shipped one") from error
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{path} is not a model of this course: give a file that `dance train` wrote") from error
    try:
        return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
    except TypeError as error:
        raise InputError(f"{path} is another kind of model: were the two model files swapped?") from error


def read_body(path: str | Path) -> Body | None:
    """The measures of the body that a model file keeps; None in files that have none."""
    with np.load(path) as stored:
        return Body.from_array(stored["body"].astype(float)) if "body" in stored else None


def read_seen(path: str | Path) -> frozenset[str] | None:
    """Contents of the clips that a model file was trained or validated on; None in files that do not say."""
    with np.load(path) as stored:
        return frozenset(map(str, stored["seen"])) if "seen" in stored else None


def load_weights(model: keras.Model, path: str | Path) -> keras.Model:
    """Put the weights of ``save_weights`` into a model built with the same settings.

    Raises
    ------
    InputError
        If the file's weights have other shapes: the course's code has changed since it was written.
    """
    with np.load(path) as stored:
        shapes = [stored[name].shape for name in stored.files if name.isdigit()]
        if shapes != [tuple(weight.shape) for weight in model.weights]:
            raise InputError(f"{path} was written by another version of this course: train it anew")
        for i, weight in enumerate(model.weights):
            weight.assign(stored[str(i)].astype(weight.dtype))
    return model
