"""The course's pictures: skeletons, curves over time, rows of pictures. Each function returns (figure, axes).

Skeletons look the same everywhere: the dancer's left side blue and solid, the right side orange and dashed, the
middle black; so left and right can be told apart without colours too. Colours are Okabe and Ito's, which colour-blind
readers can tell apart. Whoever imports this module draws all figures in the course's style, ``course.mplstyle``.

Notebook: 02_explore_mfcc_and_pose.ipynb
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import librosa
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle

from dancing_utils import FPS, HEIGHT, SAMPLE_RATE, WIDTH
from dancing_utils.pose.landmarks import CONNECTIONS, HIPS, INDEX, LANDMARK_NAMES, SHOULDERS, to_pixels

plt.style.use(Path(__file__).with_name("course.mplstyle"))
BLACK, BLUE, ORANGE, GREEN, PURPLE = "#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7"
LINES = ("-", "--", ":", "-.")


def side_of(a: int, b: int) -> str:
    """The dancer's side that a connection of two landmarks belongs to: left, right or middle."""
    sides = {side for side in ("left", "right") if all(side in LANDMARK_NAMES[i] for i in (a, b))}
    return sides.pop() if sides else "middle"


STYLES = {
    "left": {"color": BLUE, "linestyle": "-"},
    "right": {"color": ORANGE, "linestyle": (0, (3, 1))},
    "middle": {"color": BLACK, "linestyle": "-"},
}


BONES = tuple((a, b) for a, b in CONNECTIONS if min(a, b) > 10)  # without the face's: a head is drawn round


def head_of(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Middle (2,) and radius of the circle that is drawn for the head of a pose (33, 2), in the unit of its points."""
    middle = points[[INDEX[name] for name in ("nose", "left_ear", "right_ear")]].mean(0)
    torso = np.linalg.norm(points[SHOULDERS].mean(0) - points[HIPS].mean(0))
    return middle, 0.22 * float(torso)  # a head is that large in most people


def draw_skeleton(
    ax, pose: np.ndarray, *, alpha: float = 1.0, shift: float = 0.0, width: float = 2.0, head: bool = True
) -> None:
    """Draw one pose (33, 2), in units of the picture, into axes that count pixels.

    Parameters
    ----------
    alpha : opacity, 0 to 1.
    shift : pixels to the right.
    width : points, of the lines.
    head : draw a circle; without it the face's landmarks, as over a picture.
    """
    points = to_pixels(pose) + (shift, 0)  # (33, 2)
    if head:
        middle, radius = head_of(points)
        ax.add_patch(Circle(middle, radius, fill=False, linewidth=width, alpha=alpha, edgecolor=BLACK))
    for a, b in BONES if head else CONNECTIONS:
        ax.plot(*points[[a, b]].T, linewidth=width, alpha=alpha, solid_capstyle="round", **STYLES[side_of(a, b)])


def plot_pose(pose: np.ndarray, *, picture: np.ndarray | None = None, ax=None, title: str = "", ghosts=()):
    """One pose (33, 2) in units of the picture, over its picture (640, 360, 3) uint8 if given.

    Parameters
    ----------
    ghosts : more poses (n, 33, 2), drawn faintly behind it.
    """
    fig, ax = _axes(ax, figsize=(3.2, 5.4))
    if picture is not None:
        ax.imshow(picture, extent=(0, WIDTH, HEIGHT, 0))
    for ghost in ghosts:
        draw_skeleton(ax, ghost, alpha=0.12, width=1.2)
    draw_skeleton(ax, pose, head=picture is None)
    ax.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="equal", xlabel="x (pixels)", ylabel="y (pixels)", title=title)
    return fig, ax


def plot_dances(dances: dict[str, np.ndarray], *, every: float = 0.5, seconds: float = 5.0, title: str = ""):
    """Dances one below the other, a skeleton every so often from left to right.

    Parameters
    ----------
    dances : name -> poses (T, 33, 2) in units of the picture.
    every, seconds : time between two skeletons, and of all, in seconds.
    """
    step, n = round(every * FPS), int(seconds / every)
    fig, axes = plt.subplots(len(dances), 1, figsize=(11, 2.3 * len(dances)), squeeze=False, sharex=True)
    for ax, (name, dance) in zip(axes[:, 0], dances.items(), strict=True):
        poses = dance[::step][:n]  # (n, 33, 2)
        for k, pose in enumerate(poses):
            draw_skeleton(ax, pose, shift=k * WIDTH * 0.75, width=1.5)
        ticks = (np.arange(len(poses)) * 0.75 + 0.5) * WIDTH
        ax.set(ylim=(HEIGHT * 0.95, HEIGHT * 0.15), ylabel=f"{name}\ny (pixels)", aspect="equal")
        ax.set_xticks(ticks, [f"{k * every:.1f}" for k in range(len(poses))])
    axes[0, 0].set_title(title)
    axes[-1, 0].set_xlabel("time (s)")
    fig.tight_layout()
    return fig, axes[:, 0]


def skeleton_pictures(dances: dict[str, np.ndarray], *, height: int = 320) -> Iterator[np.ndarray]:
    """Dances side by side as pictures for a video, as long as the shortest.

    Parameters
    ----------
    dances : name -> poses (T, 33, 2) in units of the picture.
    height : rows of a picture.

    Yields
    ------
    A picture a frame: (height, n * height * 9 / 16, 3) uint8 RGB for n dances.
    """
    width = height * WIDTH // HEIGHT // 2 * 2
    colours = {side: tuple(int(255 * v) for v in to_rgb(style["color"])) for side, style in STYLES.items()}
    for poses in zip(*dances.values(), strict=False):
        picture = np.full((height, width * len(dances), 3), 255, np.uint8)
        for i, (name, pose) in enumerate(zip(dances, poses, strict=True)):
            places = pose * (width, height) + (i * width, 0)
            middle, radius = head_of(places)
            points = np.round(16 * places).astype(int).tolist()  # sixteenths
            centre = np.round(16 * middle).astype(int).tolist()
            cv2.circle(picture, centre, round(16 * radius), colours["middle"], 2, cv2.LINE_AA, shift=4)
            for a, b in BONES:
                cv2.line(picture, points[a], points[b], colours[side_of(a, b)], 2, cv2.LINE_AA, shift=4)
            place = (i * width + 6, 16)
            cv2.putText(picture, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
        yield picture


def film_pictures(films: dict[str, np.ndarray], *, height: int = 320) -> Iterator[np.ndarray]:
    """Films side by side with their names above, as pictures for a video, as long as the shortest.

    Parameters
    ----------
    films : name -> pictures (T, rows, columns, 3) uint8 RGB, all of one shape.
    height : rows, even, to which they are enlarged or shrunk.

    Yields
    ------
    A picture a frame: (height + 24, even number of columns, 3) uint8.
    """
    rows, columns = next(iter(films.values())).shape[1:3]
    size = height * columns // rows // 2 * 2, height
    way = cv2.INTER_NEAREST if height > rows else cv2.INTER_AREA
    for pictures in zip(*films.values(), strict=False):
        band = np.full((24, size[0] * len(films), 3), 255, np.uint8)
        for i, name in enumerate(films):
            place = (i * size[0] + 6, 17)
            cv2.putText(band, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
        yield np.vstack([band, np.hstack([cv2.resize(picture, size, interpolation=way) for picture in pictures])])


def plot_pictures(rows: dict[str, np.ndarray], *, titles=None, height: float = 2.6):
    """Rows of pictures, the name of the row at its left.

    Parameters
    ----------
    rows : name -> pictures (n, H, W, 3) uint8 RGB, all of one size.
    titles : words over the columns.
    height : inches, of a picture.
    """
    n = max(len(pictures) for pictures in rows.values())
    shape = next(iter(rows.values())).shape[1:3]
    size = (n * height * shape[1] / shape[0] + 0.6, len(rows) * height + 0.4)
    fig, axes = plt.subplots(len(rows), n, figsize=size, squeeze=False)
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        for ax in line:
            ax.set(xticks=[], yticks=[], frame_on=False)
        for ax, picture in zip(line, pictures, strict=False):
            ax.imshow(picture, interpolation="nearest")
        line[0].set_ylabel(name)
    for ax, name in zip(axes[0], titles if titles is not None else [], strict=False):
        ax.set_title(name, fontsize=9)
    fig.tight_layout(pad=0.3)
    return fig, axes


def plot_curves(curves: dict[str, np.ndarray], *, x=None, ax=None, title="", xlabel="", ylabel="", log=False):
    """Several curves in one picture, told apart by colour and by dashes.

    Parameters
    ----------
    curves : name -> values (n,).
    x : (n,) where they lie; without it 0, 1, 2, ...
    log : is the scale of the values logarithmic?
    """
    fig, ax = _axes(ax, figsize=(8, 3))
    for i, (name, values) in enumerate(curves.items()):
        colour = (BLUE, ORANGE, BLACK, GREEN, PURPLE)[i % 5]
        ax.plot(np.arange(len(values)) if x is None else x, values, LINES[i % 4], color=colour, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title, yscale="log" if log else "linear")
    if len(curves) > 1:  # one needs no other name than the axis has
        ax.legend(frameon=False)
    ax.grid(alpha=0.3)
    return fig, ax


def plot_waveform(waveform: np.ndarray, *, ax=None, title: str = "Waveform"):
    """The sound's wave (samples,), -1 to 1 at ``SAMPLE_RATE``, over time in seconds."""
    fig, ax = _axes(ax, figsize=(10, 1.8))
    ax.plot(np.arange(len(waveform)) / SAMPLE_RATE, waveform, color=BLUE, linewidth=0.4)
    ax.set(xlabel="time (s)", ylabel="amplitude (-1 to 1)", title=title, xlim=(0, len(waveform) / SAMPLE_RATE))
    return fig, ax


def plot_mel(waveform: np.ndarray, *, ax=None, title: str = "Mel spectrogram"):
    """How loud each band of pitch of a wave (samples,) is over time, in decibels below the loudest."""
    fig, ax = _axes(ax, figsize=(10, 2.4))
    power = librosa.feature.melspectrogram(y=waveform, sr=SAMPLE_RATE, hop_length=SAMPLE_RATE // FPS)  # (128, T)
    decibels = librosa.power_to_db(power, ref=np.max)
    edges = librosa.mel_frequencies(n_mels=len(power) + 1, fmax=SAMPLE_RATE / 2)
    image = ax.pcolormesh(np.arange(power.shape[1] + 1) / FPS, edges, decibels, cmap="cividis", rasterized=True)
    ax.set(xlabel="time (s)", ylabel="frequency (Hz)", title=title)
    ax.set_yscale("symlog", linthresh=1000)  # even below 1 kHz, then by doublings: as the ear hears pitch
    ax.set_ylim(0, SAMPLE_RATE / 2)
    ax.set_yticks([0, 500, 2000, 8000], ["0", "500", "2000", "8000"])
    fig.colorbar(image, ax=ax, label="dB", pad=0.01)
    return fig, ax


def plot_mfcc(mfcc: np.ndarray, *, ax=None, title: str = "MFCC, each coefficient standardised"):
    """MFCC (T, 13) as a picture: one line a coefficient, standardised so that all can be seen."""
    fig, ax = _axes(ax, figsize=(10, 2.4))
    scaled = (mfcc - mfcc.mean(0)) / (mfcc.std(0) + 1e-6)  # (T, 13)
    times = np.arange(len(mfcc) + 1) / FPS
    rows = np.arange(mfcc.shape[1] + 1) - 0.5
    image = ax.pcolormesh(times, rows, scaled.T, cmap="cividis", vmin=-2.5, vmax=2.5, rasterized=True)
    ax.set(xlabel="time (s)", ylabel="coefficient (number)", title=title, yticks=range(0, mfcc.shape[1], 3))
    fig.colorbar(image, ax=ax, label="standard deviations", pad=0.01)
    return fig, ax


def _axes(ax, figsize):
    if ax is not None:
        return ax.figure, ax
    return plt.subplots(figsize=figsize, layout="constrained")
