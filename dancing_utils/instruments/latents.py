"""What an explorer's controls say, as z: a place on a map, a way along it, two choices and what lies between them.

The map is the plane that shows most of the spread of some z (principal components). A place on it is two of a z's eight
numbers; the other six are those of the nearest dot, so that clicking on a dot gives its z.

Notebook: 05_latent_space.ipynb
"""

from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np

from dancing_utils import InputError

SECONDS = 5.0  # of song that are danced: short enough to be computed while a mouse moves
MODES = ("own", "held", "path")  # z as the prior chooses, one place all the time, a way along the map
POINTS = 400  # of a path, at most
LARGEST = 20.0  # of a number of z or a place: far outside of what was learned


@dataclass(frozen=True)
class LatentMap:
    """Some z (N, latent_dim), the label (N,) of each as an index of ``names``, and the plane that they are seen in."""

    z: np.ndarray
    label: np.ndarray
    names: tuple[str, ...]

    @cached_property
    def middle(self) -> np.ndarray:
        """(latent_dim,), the mean."""
        return self.z.mean(0)

    @cached_property
    def directions(self) -> np.ndarray:
        """(2, latent_dim), the first two principal components."""
        return np.linalg.svd(self.z - self.middle, full_matrices=False)[2][:2]

    @cached_property
    def dots(self) -> np.ndarray:
        """(N, 2), where each z lies in the plane."""
        return self.places(self.z)

    def places(self, z: np.ndarray) -> np.ndarray:
        """Where z (..., latent_dim) lie in the plane: (..., 2)."""
        return (z - self.middle) @ self.directions.T

    def at(self, places: np.ndarray) -> np.ndarray:
        """The z (n, latent_dim) of places (n, 2): that of the nearest dot, moved in the plane to the place."""
        places = np.asarray(places, float)
        nearest = ((self.dots[None] - places[:, None]) ** 2).sum(-1).argmin(1)  # (n,)
        return self.z[nearest] + (places - self.dots[nearest]) @ self.directions


@dataclass(frozen=True)
class Choice:
    """What an explorer's controls say; ``read_choice`` checks it.

    Attributes
    ----------
    song, start : number of the song, and the seconds at which the excerpt begins.
    seed, other, mix, temperature : two choices of the prior, and the way from the first, 0, to the other, 1.
    mode, place, path : one of ``MODES``; the place (x, y) held, the way in places, danced along from first to last.
    shift : what is added to each of z's numbers.
    curves : latent axis -> its values, evenly over the excerpt's ``SECONDS``, in place of those it would have.
    """

    song: int = 0
    start: float = 0.0
    seed: int = 0
    other: int = 1
    mix: float = 0.0
    temperature: float = 0.5
    mode: str = "own"
    place: tuple[float, float] = (0.0, 0.0)
    path: tuple[tuple[float, float], ...] = ()
    shift: tuple[float, ...] = ()
    curves: dict[int, tuple[float, ...]] = field(default_factory=dict)


def read_choice(message: dict, *, n_songs: int, latent_dim: int) -> Choice:
    """The choice that a message from the browser holds.

    Raises
    ------
    InputError
        If a value is none, or out of its range.
    """
    try:
        known = {one.name: message[one.name] for one in fields(Choice) if one.name in message}
        for name, kind in {"song": int, "seed": int, "other": int, "start": float, "mix": float,
                           "temperature": float}.items():  # fmt: skip
            known[name] = kind(known.get(name, getattr(Choice, name)))
        for name in ("place", "shift"):
            known[name] = tuple(map(float, known.get(name, getattr(Choice, name))))
        known["path"] = tuple((float(x), float(y)) for x, y in known.get("path", ()))
        curves = known.get("curves", {}).items()
        known["curves"] = {int(axis): tuple(map(float, values)) for axis, values in curves}
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"the controls say what cannot be read ({error}): press Reset") from error
    choice = Choice(**{**known, "shift": known["shift"] or (0.0,) * latent_dim})
    _check(choice, n_songs, latent_dim)
    return choice


def _check(choice: Choice, n_songs: int, latent_dim: int) -> None:
    numbers = [*choice.place, *np.ravel(choice.path), *choice.shift, *(v for c in choice.curves.values() for v in c)]
    wrong = {
        f"song={choice.song} must be below {n_songs}": not 0 <= choice.song < n_songs,
        f"start={choice.start} must be 0 or more": not 0 <= choice.start < 1e5,
        f"seeds {choice.seed} and {choice.other} must be 0 or more": min(choice.seed, choice.other) < 0,
        f"mix={choice.mix} must lie between 0 and 1": not 0 <= choice.mix <= 1,
        f"temperature={choice.temperature} must lie between 0 and 2": not 0 <= choice.temperature <= 2,
        f"mode={choice.mode!r} must be one of {', '.join(MODES)}": choice.mode not in MODES,
        f"a place has two numbers, not {len(choice.place)}": len(choice.place) != 2,
        f"a path of {len(choice.path)} places is too long": len(choice.path) > POINTS,
        f"{len(choice.shift)} shifts: z has {latent_dim} numbers": len(choice.shift) != latent_dim,
        f"curves for {sorted(choice.curves)}: z has axes 0 to {latent_dim - 1}": not all(
            0 <= axis < latent_dim and 1 < len(values) <= POINTS for axis, values in choice.curves.items()
        ),
        f"a number of z beyond {LARGEST:.0f}": bool(numbers) and not np.abs(numbers).max() <= LARGEST,
    }
    for words, is_so in wrong.items():
        if is_so:
            raise InputError(f"{words}: press Reset")


def along(path: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Places (n, 2) at shares (n,), 0 to 1, of the length of a way (m, 2) in straight lines from place to place."""
    path = np.asarray(path, float).reshape(-1, 2)
    passed = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    return np.stack([np.interp(share * passed[-1], passed, values) for values in path.T], 1)


def mixed(first: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    """Between two z (K, latent_dim): ``share`` 0 is the first, 1 the other."""
    return (1 - share) * first + share * other


def steer(choice: Choice, own: np.ndarray, times: np.ndarray, latent_map: LatentMap) -> np.ndarray:
    """The z (K, latent_dim) that a choice wants.

    Parameters
    ----------
    own : (K, latent_dim), what the prior chose, mixed.
    times : (K,) the excerpt's seconds at which each z counts.
    """
    share = np.clip(times / SECONDS, 0, 1)
    z = np.array(own, float)
    if choice.mode == "held":
        z[:] = latent_map.at([choice.place])
    elif choice.mode == "path" and choice.path:
        z[:] = latent_map.at(along(choice.path, share))
    for axis, values in choice.curves.items():
        z[:, axis] = np.interp(share, np.linspace(0, 1, len(values)), values)
    return (z + choice.shift).astype(np.float32)


def as_code(choice: Choice, z: np.ndarray, song: str) -> str:
    """A cell that makes the same dance; it takes ``model`` as given. ``song`` is a path, z (K, latent_dim)."""
    own = choice.mode == "own" and not choice.curves
    return "\n".join([
        *(["import numpy as np", ""] if not own or any(choice.shift) else []),
        "from dancing_utils import FPS",
        "from dancing_utils.audio import hearing",
        "from dancing_utils.data import media",
        "",
        f"heard = hearing.hear(media.read_audio({song!r}))",
        f"start = round({choice.start:g} * FPS)",
        f"features = heard.features[start : start + round({SECONDS:g} * FPS)]",
        *(_chosen(choice) if own else _written(z)),
        "dance = model.dance(features, z=z)  # (T, 33, 2)",
        "",
    ])  # fmt: skip


def _chosen(choice: Choice) -> list[str]:
    told = f"temperature={choice.temperature:g}"
    first, other = (f"model.choose(features, seed={seed}, {told})" for seed in (choice.seed, choice.other))
    lines = [f"z = {first}"]
    if choice.mix:
        lines = [f"z = {1 - choice.mix:g} * {first}", f"z += {choice.mix:g} * {other}"]
    if any(choice.shift):
        lines.append(f"z += np.array({[round(value, 3) for value in choice.shift]}, np.float32)")
    return lines


def _written(z: np.ndarray) -> list[str]:
    rows = [f"    {[round(float(value), 3) for value in row]}," for row in z]
    return ["z = np.array([  # one row a beat", *rows, "])"]
