"""What both trainings share: seeds, one epoch after the other, checkpoint after each, resume, one progress bar.

An epoch's batches and random numbers depend on the seed and the epoch's number alone, so a run that was stopped and
goes on ends with the same weights as one that was not (tested to 1e-5).

Notebook: 03_train_lstm_vae.ipynb
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from dancing_utils import InputError
from dancing_utils.files import make_folder, read_npz, write_npz
from dancing_utils.pose.body import Body
from dancing_utils.tf import keras, tf

WAY_OUT = "give another --run-dir, or start anew with --fresh"
ANOTHER_MODEL = "train one with `dance train`, or get the shipped one by `git checkout data_sample/checkpoints`"
MAY_CHANGE = ("epochs", "learning_rate", "discriminator_learning_rate")  # of the settings, when a training goes on
KINDS = {  # class of the settings -> what the model is called, and a setting that it alone has
    "BaselineSettings": ("the baseline LSTM-VAE", "hop"), "LSTMVAESettings": ("the LSTM-VAE", "decoder_units"),
    "BaselineGANSettings": ("the baseline GAN", "frame_step"), "GANSettings": ("the Pose GAN", "stages"),
    "RepairSettings": ("the repair of warped pictures", "recolour"),
}  # fmt: skip


def prepare(seed: int) -> None:
    """Fix every seed and ask TensorFlow for operations that give the same result each time."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def learning_rate_of(epoch: int, settings) -> float:
    """``settings.learning_rate``, which falls to a twentieth along half a cosine until ``settings.epochs``."""
    return float(keras.optimizers.schedules.CosineDecay(settings.learning_rate, settings.epochs, alpha=0.05)(epoch))


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


# --- train ---------------------------------------------------------------------------------------------------------


def run_epochs(
    model: keras.Model, batches: Callable[[int], tf.data.Dataset], *, epochs: int, run_dir: str | Path, settings,
    trained_on: dict[str, str | int], resume: bool = True, progress: bool = True,
    before_epoch: Callable[[int], None] | None = None, after_epoch: Callable[[int, dict], None] | None = None,
    validate: Callable[[], float | None] = lambda: None, patience: int = 10,
    keep_best: Callable[[], None] = lambda: None,
) -> list[dict[str, float]]:  # fmt: skip
    """Train to ``epochs`` epochs, going on from the checkpoint in ``run_dir`` if it was made with these settings.

    Parameters
    ----------
    model : compiled; its ``optimizers`` (list) are saved with its weights, and ``begin_epoch(epoch)`` is called before
        each epoch if it has that.
    batches : epoch number -> the batches of that epoch; it is asked for the first one's at once, to count them.
    trained_on : what the weights come from beside the settings, by name, such as {"data": ``digest(...)``, "songs": 8}.
        A checkpoint that comes from anything else is refused.
    before_epoch : called with the epoch's number, after ``begin_epoch`` and before the epoch's batches are asked for,
        say to change what the model trains on; what it changes must be among the model's weights.
    after_epoch : called with the number of epochs done and the last one's losses, say to save a picture.
    validate : gives the loss on data that is not trained on, or None; after ``patience`` epochs without a better one
        training stops. It enters the history as "validation".
    keep_best : called after every epoch that is the best so far, and after every one without a validation loss.

    Returns
    -------
    The mean of every loss term, one dictionary an epoch.

    Raises
    ------
    InputError
        If the checkpoint is damaged or of another training, or a loss or weight becomes infinite or no number; what
        was kept before that stays as it was.
    """
    checkpoint = make_folder(run_dir) / "checkpoint.npz"
    facts = {"settings": _comparable(settings), "trained_on": trained_on}
    history = load_checkpoint(checkpoint, model, facts) if resume and checkpoint.exists() else []
    n, complete = len(batches(0)), len(history) >= epochs or _stalls(history, patience)
    if complete:
        print(f"{checkpoint} is complete after {len(history)} epochs: nothing was left to train")
    with tqdm(total=epochs * n, initial=len(history) * n, unit="batch", disable=complete or not progress) as bar:

        def after_batch(batch, logs):
            _must_be_finite(logs, history, checkpoint)
            bar.update()

        watch = keras.callbacks.LambdaCallback(on_train_batch_end=after_batch)
        for epoch in range(len(history), epochs):
            if _stalls(history, patience):
                break
            if hasattr(model, "begin_epoch"):
                model.begin_epoch(epoch)
            if before_epoch is not None:
                before_epoch(epoch)
            bar.set_description(f"epoch {epoch + 1} of {epochs}")
            logs = model.fit(batches(epoch), verbose=0, shuffle=False, callbacks=[watch]).history
            row = {name: float(values[-1]) for name, values in logs.items()}
            if (loss := validate()) is not None:
                row["validation"] = loss
            _must_be_finite(row | {"largest weight": _largest(_variables(model))}, history, checkpoint)
            history.append(row)
            if loss is None or loss <= min(_validation(history)):
                keep_best()
            save_checkpoint(checkpoint, model, facts, history)
            bar.set_postfix({name: f"{value:.3g}" for name, value in row.items()})
            if after_epoch is not None:
                after_epoch(epoch + 1, row)
    return history


def _must_be_finite(terms: dict[str, float], history: list, checkpoint: Path) -> None:
    """Stop a training that diverges, before anything of it is kept."""
    bad = ", ".join(f"{name} is {value}" for name, value in terms.items() if not np.isfinite(value))
    if bad:
        kept = f"{checkpoint} keeps the {len(history)} before it" if history else "no epoch before it was kept"
        raise InputError(
            f"training diverged in epoch {len(history) + 1} ({bad}), and {kept}: lower learning_rate in the settings, "
            "and the same call goes on"
        )


def _largest(variables: list) -> float:
    """The largest absolute value, NaN where one is."""
    return float(np.max([np.max(np.abs(np.asarray(variable)), initial=0.0) for variable in variables]))


def _stalls(history: list[dict[str, float]], patience: int) -> bool:
    """Is the best validation loss ``patience`` epochs or more ago?"""
    losses = _validation(history)
    return bool(losses) and len(losses) - 1 - int(np.argmin(losses)) >= patience


def _validation(history: list[dict[str, float]]) -> list[float]:
    return [row["validation"] for row in history if "validation" in row]


# --- checkpoints ---------------------------------------------------------------------------------------------------


def digest(*arrays) -> str:
    """16 hexadecimal digits that change with any value, type, shape or order of the arrays."""
    found = hashlib.blake2b(digest_size=8)
    for array in map(np.asarray, arrays):
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
    return found.hexdigest()


def _variables(model: keras.Model) -> list:
    """All that an epoch changes: not the learning rates, which the settings and the epoch's number decide."""
    state = [v for optimizer in model.optimizers for v in optimizer.variables if v is not optimizer.learning_rate]
    return [*model.weights, *state]


def save_checkpoint(path: Path, model: keras.Model, facts: dict, history: list[dict[str, float]]) -> None:
    """Weights, optimizer state, what they come from, and history in one file."""
    arrays = {str(i): np.asarray(variable) for i, variable in enumerate(_variables(model))}
    text = json.dumps(facts | {"history": history})
    write_npz(path, {"facts": np.array(text), **arrays}, compressed=False)


def load_checkpoint(path: Path, model: keras.Model, facts: dict) -> list[dict[str, float]]:
    """Put a checkpoint's state into the model; returns the history so far.

    Raises
    ------
    InputError
        If the file is damaged, or was made with other ``facts``: "settings" and "trained_on".
    """
    stored = read_npz(path, needs=["facts"], texts=["facts"], hint=WAY_OUT)
    then = stored["facts"]
    if "trained_on" not in then:
        raise InputError(f"{path} is of an older version and does not say what it was trained on: {WAY_OUT}")
    for key, what in (("settings", "made with other settings"), ("trained_on", "trained on something else")):
        if changes := _changes(then[key], facts[key]):
            raise InputError(f"{path} was {what} ({changes}): {WAY_OUT}")
    variables, arrays = _variables(model), _numbered(stored)
    if [array.shape for array in arrays] != [tuple(variable.shape) for variable in variables]:
        raise InputError(f"{path} was written by another version of this course: {WAY_OUT}")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return then["history"]


def _changes(then: dict, now: dict) -> str:
    """What differs between two dictionaries, in words."""
    names = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    return ", ".join(f"{name} was {then.get(name)} and is {now.get(name)}" for name in names)


def _numbered(stored: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The arrays named 0, 1, 2 ... in this order."""
    return [stored[name] for name in sorted(filter(str.isdigit, stored), key=int)]


def _comparable(settings) -> dict:
    """Settings that must agree for a run to go on: all but how long and how fast it does."""
    return json.loads(json.dumps({key: value for key, value in asdict(settings).items() if key not in MAY_CHANGE}))


# --- model files ---------------------------------------------------------------------------------------------------


def save_weights(
    model: keras.Model, path: str | Path, settings, *, body: Body | None = None, seen: Iterable[str] = (),
    made_for: str = "",
) -> None:  # fmt: skip
    """What is shipped: the model's weights as float16 (half the size) and its settings, without optimizer state.

    Parameters
    ----------
    body : measures of the dancer that was learned, kept beside the weights.
    seen : ``content`` of all clips that the weights were trained or validated on.
    made_for : what the weights belong to, where they are of use with that alone: see ``read_made_for``.

    Raises
    ------
    InputError
        If a weight is too large for float16; the file stays as it was.
    """
    if not (largest := _largest(model.weights)) <= float(np.finfo(np.float16).max):
        raise InputError(f"a weight of {largest:.3g} is too large to be kept in {path}: lower learning_rate")
    facts = {"settings": np.array(json.dumps(asdict(settings))), "kind": np.array(type(settings).__name__)}
    if body is not None:
        facts["body"] = body.to_array().astype(np.float32)
    if seen := sorted(seen):
        facts["seen"] = np.array(seen)
    if made_for:
        facts["made_for"] = np.array(made_for)
    arrays = [np.asarray(weight) for weight in model.weights]
    halves = [array.astype(np.float16) if array.dtype == np.float32 else array for array in arrays]
    write_npz(path, facts | {str(i): array for i, array in enumerate(halves)})


def _read_model(path: str | Path) -> dict:
    return read_npz(path, needs=["settings"], texts=["settings"], hint=ANOTHER_MODEL)


def read_settings(path: str | Path, kind: type, *, before: dict | None = None):
    """The settings, a dataclass of this ``kind``, that a model file was made with.

    ``before`` : values of settings that older files do not have, where these are not the default.

    Raises
    ------
    InputError
        If the file is damaged, of another kind of model, or has a setting that is not known.
    """
    stored = _read_model(path)
    values, found = (before or {}) | stored["settings"], str(stored.get("kind", ""))
    for name, (_, own) in KINDS.items():
        if not found and own in values:  # files of the first version do not say their kind
            found = name
    if found not in KINDS:
        raise InputError(f"{path} is not a model of this course: {ANOTHER_MODEL}")
    if found != kind.__name__:
        names = KINDS[found][0], KINDS[kind.__name__][0]
        raise InputError(f"{path} is a file of {names[0]}, not of {names[1]}: were the two model files swapped?")
    if unknown := sorted(values.keys() - {field.name for field in fields(kind)}):
        raise InputError(
            f"{path} has the setting {', '.join(unknown)}, which this version of the course does not know: "
            f"{ANOTHER_MODEL}"
        )
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})


def _body_in(stored: dict, path: str | Path) -> Body | None:
    """The measures of the body that a model file keeps; None in files that have none."""
    body = stored.get("body")
    if body is not None and body.shape != (24,):
        raise InputError(f"{path} has measures of a body of shape {body.shape}, not (24,): {ANOTHER_MODEL}")
    return None if body is None else Body.from_array(body.astype(float))


def read_seen(path: str | Path) -> frozenset[str] | None:
    """``content`` of all clips that a model file's weights were trained or validated on; None if it does not say."""
    seen = _read_model(path).get("seen")
    return None if seen is None else frozenset(map(str, seen.reshape(-1)))


def read_made_for(path: str | Path) -> str:
    """What a model file's weights belong to; "" where they do not belong to anything."""
    return str(_read_model(path).get("made_for", ""))


def weights_digest(path: str | Path) -> str:
    """``digest`` of a model file's weights as they are stored: the same for the same weights."""
    return digest(*_numbered(_read_model(path)))


def load_weights(model: keras.Model, path: str | Path) -> keras.Model:
    """Put the weights of ``save_weights`` into a model built with the same settings, and ``body`` (or None) onto it.

    Raises
    ------
    InputError
        If the file is damaged, or its weights have other shapes: the course's code has changed since it was written.
    """
    stored = _read_model(path)
    arrays, model.body = _numbered(stored), _body_in(stored, path)
    if [array.shape for array in arrays] != [tuple(weight.shape) for weight in model.weights]:
        raise InputError(f"{path} was written by another version of this course: {ANOTHER_MODEL}")
    for weight, array in zip(model.weights, arrays, strict=True):
        weight.assign(array.astype(weight.dtype))
    return model
