"""The clips of the sample: which songs, who dances, where they go; and their truth.

A clip's truth is a small file beside the folders of clips, ``truth/NAME.npz``: what the studio knows and a program
that watches the video has to find out. ``dancing_utils.evaluation.truth`` reads it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils.files import read_npz, whole_file, write_npz

from . import choreography, songs
from .camera import camera_for
from .people import PEOPLE
from .skeleton import Skeleton

SAMPLE = Path(__file__).resolve().parents[1]
CRF = 26  # quality of the H.264
FURTHER_SEED = 10_000  # far from the clips' songs and the corpus'
EDITION = 2  # of the dances and pictures; a truth file says of which it is, and none is of the first


@dataclass(frozen=True)
class Spec:
    """One clip: ``folder`` under data_sample, who dances, and the song's seed and style."""

    name: str
    folder: str
    dancer: str
    seed: int
    style: str


def _plan() -> tuple[Spec, ...]:
    training = ("house", "house", "hip hop", "hip hop", "funk", "funk", "disco", "disco", "synth pop", "ballad")
    held_out, second = ("disco", "hip hop", "funk"), ("house", "funk")
    specs = [Spec(f"ada_{i + 1:02d}", "clips", "ada", 122 + i, style) for i, style in enumerate(training)]
    specs += [Spec(f"held_out_{i + 1}", "held_out", "ada", 150 + i, style) for i, style in enumerate(held_out)]
    specs += [Spec(f"ben_{i + 1}", "second_dancer", "ben", 160 + i, style) for i, style in enumerate(second)]
    return tuple(specs)


CLIPS = _plan()


def further_clips(n: int) -> tuple[Spec, ...]:
    """``n`` clips of each dancer who is not in the sample, for training on more than one person; styles by turns."""
    others = [name for name in PEOPLE if name not in {spec.dancer for spec in CLIPS}]
    return tuple(
        Spec(f"{name}_{i + 1}", "clips", name, FURTHER_SEED + 100 * k + i, songs.STYLES[(k + i) % len(songs.STYLES)])
        for k, name in enumerate(others)
        for i in range(n)
    )


def truth_of(spec: Spec) -> dict[str, np.ndarray]:
    """Everything known about a clip, without rendering it: see ``dancing_utils.evaluation.truth`` for the fields."""
    song = songs.compose(spec.seed, style=spec.style)
    dance = choreography.choreograph(song)
    skeleton = Skeleton(spec.dancer)
    points = skeleton.points(skeleton.pose(dance.controls))  # (T, K, 3)
    camera = camera_for(spec.dancer, skeleton.floor)
    score = dict(
        edition=EDITION, dancer=spec.dancer, style=song.style, tempo=song.tempo, seed=song.seed,
        sections=[[s.kind, s.start_bar, s.n_bars, s.energy] for s in song.sections],
        moves=[[m.name, m.family, m.start, m.end, m.mirrored] for m in dance.steps],
        footwork=[m.footwork for m in dance.steps],
        camera=dict(position=camera.position, target=camera.target, view=camera.view),
    )  # fmt: skip
    return dict(
        point_names=np.array(skeleton.point_names), points_3d=points.astype("f4"),
        points_2d=(camera.project(points) / [camera.width, camera.height]).astype("f4"),
        contact=dance.contact, sliding=dance.sliding, beats=song.beats, downbeats=song.downbeats,
        accents=np.array(song.accents) * 60 / song.tempo, floor=skeleton.floor, score=json.dumps(score),
    )  # fmt: skip


def render_clip(spec: Spec, folder: Path = SAMPLE, *, max_frames: int | None = None, tick=lambda: None) -> Path:
    """Render one clip with its sound and write its truth; returns the video's path.

    The truth comes last: a clip whose truth is there, of this edition, is finished (``is_finished``).
    ``max_frames`` renders only the beginning; ``tick`` is called after every picture.
    """
    from dancing_utils.data.media import VideoWriter

    from .render import Renderer

    song = songs.compose(spec.seed, style=spec.style)
    controls = choreography.choreograph(song).controls[:max_frames]
    video = folder / spec.folder / f"{spec.name}.mp4"
    sound = songs.synthesise(song)
    with (
        Renderer(spec.dancer) as renderer,
        VideoWriter(video, audio=sound, sample_rate=songs.SAMPLE_RATE, crf=CRF) as writer,
    ):
        for transforms in renderer.skeleton.pose(controls):
            writer.write(renderer.draw(transforms))
            tick()
    write_npz(folder / "truth" / f"{spec.name}.npz", truth_of(spec))
    return video


def is_finished(spec: Spec, folder: Path = SAMPLE) -> bool:
    """Are a clip and its truth there, and of this edition?"""
    truth = folder / "truth" / f"{spec.name}.npz"
    if not truth.exists() or not (folder / spec.folder / f"{spec.name}.mp4").exists():
        return False
    score = read_npz(truth, needs=["score"], texts=["score"], hint="delete it, and the clip is rendered again")["score"]
    return score.get("edition", 1) == EDITION


def write_song(spec: Spec, folder: Path = SAMPLE) -> Path:
    """A held-out clip's song alone, as an MP3: what a listener would hand to ``dance generate``."""
    import av

    path = folder / "songs" / f"{spec.name}.mp3"
    sound = songs.synthesise(songs.compose(spec.seed, style=spec.style))
    with whole_file(path) as temporary, av.open(str(temporary), "w") as container:
        stream = container.add_stream("libmp3lame", rate=songs.SAMPLE_RATE, layout="mono")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
        frame.sample_rate = songs.SAMPLE_RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
