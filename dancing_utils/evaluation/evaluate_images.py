"""How good are generated pictures? The table of measures on clips that the image model has not seen.

Every painter gets the true poses of the same frames and is held against the true pictures:

    truth        the frames themselves: what MediaPipe misses even there
    re-encoded   the frames through H.264 and back, as ``generate`` writes videos
    background   the median of training frames, the same for every pose: a still wall and, where the dancer mostly
                 stands, a blur of her, in which MediaPipe may see somebody
    nearest      the training frame whose pose is nearest: mean distance of the 33 landmarks in pixels
    baseline     the 64 x 64 GAN's pictures, enlarged; only if it is given
    int8         the image model's fast form, in which ``generate`` uses it: what the rounding costs
    model        the image model itself
    song         end to end: the song model dances to the clip's sound, the image model paints that. No true picture
                 shows these poses, so it is only asked whether the dancer stands as asked for

True poses are the rig's, mapped to where MediaPipe would place them; MediaPipe's own on clips without a truth file.

Notebook: 07_better_images.ipynb
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from dancing_utils import InputError
from dancing_utils.data import films, media
from dancing_utils.evaluation import image_metrics, painters, truth
from dancing_utils.evaluation.contact_sheets import Sight, close_up, contact_sheet, drawn, keep, whole, worst
from dancing_utils.evaluation.held_out_frames import Shots, read_shots
from dancing_utils.evaluation.painters import Paint, Painter
from dancing_utils.evaluation.tables import print_table, save_table
from dancing_utils.images import baseline_gan, pose_gan
from dancing_utils.images.perceptual import build_vgg16
from dancing_utils.pose.detector import PoseDetector
from dancing_utils.pose.landmarks import MAIN_JOINTS
from dancing_utils.training import read_seen

MEASURES = {  # name -> what it is
    "SSIM": "likeness of structure in the dancer's box, at most 1",
    "PSNR": "dB in the dancer's box, higher is better",
    "VGG": "feature distance in the dancer's box, the training's own loss",
    "SSIM face": "likeness of structure in the face's crop, at most 1",
    "SSIM hands": "likeness of structure in the hands' crops, at most 1",
    "VGG face": "feature distance in the face's crop, the training's own loss",
    "VGG hands": "feature distance in the hands' crops, the training's own loss",
    "AKD": "pixels from the pose asked for to MediaPipe's",
    "MKR": "share of the joints that MediaPipe misses",
    "flicker": "change from frame to frame over the truth's",
}
Dance = Callable[[Path], np.ndarray | None]  # clip -> poses (T, 33, 2) of a dance to its sound


@dataclass(frozen=True)
class Report:
    """The table (painter -> measure -> value), of how many frames, and what the poses are."""

    table: dict[str, dict[str, float]]
    n_frames: int
    clips: dict[str, bool]  # path -> its poses are the rig's
    sights: list[Sight]  # of the painter "model", for looking
    seen: tuple[str, ...] = ()  # clips that the model was trained on: not held out
    notes: tuple[str, ...] = ()  # why some of them may be missing from ``seen``


class Judges:
    """Score painters' pictures and collect what they score. VGG16 and MediaPipe are loaded once.

    Attributes
    ----------
    parts : painter -> for each lot of frames its scores, (n,) a measure, and the ``distances`` (n, 12) of the joints.
    sights : frames of the painter "model" that may get onto a contact sheet.
    """

    def __init__(self, vgg16, detector: PoseDetector):
        self.vgg16, self.detector = vgg16, detector
        self.parts: dict[str, list[dict[str, np.ndarray]]] = defaultdict(list)
        self.sights: list[Sight] = []
        self.lots = np.random.default_rng(0)

    def score(self, name: str, shots: Shots, made: np.ndarray) -> None:
        """Score a painter's pictures (n, 2, 640, 360, 3) of the true poses."""
        rows = [self._score(*one) for one in zip(shots.poses[:, 0], shots.pictures, made, strict=True)]
        self.parts[name].append({key: np.array([row[key] for row in rows]) for key in rows[0]})
        if name == "model":
            self._keep(shots, made[:, 0], [row["SSIM"] for row in rows])

    def score_dance(self, shots: Shots, dance: np.ndarray, paint: Paint) -> None:
        """Score the pictures of a dance (T, 33, 2) at the times of the shots, as far as it goes."""
        asked = dance[shots.frames[shots.frames < len(dance)]]  # (n, 33, 2)
        self.parts["song"].append({"distances": self._distances(paint(asked), asked)})

    def _score(self, pose, true, made) -> dict:
        """One frame and its next: pose (33, 2), pictures (2, 640, 360, 3)."""
        box = image_metrics.dancer_box(pose)
        row = {"PSNR": image_metrics.psnr(true[0][box], made[0][box])}
        places = {"": [box], " face": [image_metrics.face_box(pose)], " hands": image_metrics.hand_boxes(pose)}
        for place, boxes in places.items():
            pairs = [(true[0][one], made[0][one]) for one in boxes]
            row[f"SSIM{place}"] = np.mean([image_metrics.ssim(*pair) for pair in pairs])
            row[f"VGG{place}"] = np.mean([image_metrics.vgg_distance(self.vgg16, *pair) for pair in pairs])
        row["change"], row["true change"] = (image_metrics.change(two[0][box], two[1][box]) for two in (made, true))
        return row | {"distances": self._distances(made[:1], [pose])[0]}

    def _distances(self, made, poses) -> np.ndarray:
        """Keypoint distances (n, 12) of pictures from the poses they were asked to show."""
        found = [image_metrics.keypoint_distances(self.detector.detect(m), p) for m, p in zip(made, poses, strict=True)]
        return np.array(found).reshape(-1, len(MAIN_JOINTS))

    def _keep(self, shots: Shots, made: np.ndarray, ssim: list[float]) -> None:
        rows = zip(shots.frames.tolist(), shots.poses[:, 0], shots.pictures[:, 0], made, ssim, strict=True)
        new = [Sight(shots.clip, k, pose, true.copy(), picture.copy(), float(value), self.lots.random())
               for k, pose, true, picture, value in rows]  # fmt: skip
        self.sights = keep(self.sights + new)


def summarise(parts: list[dict[str, np.ndarray]]) -> dict[str, float]:
    """Scores of all chunks -> a number a measure, over all frames; NaN for what was not scored."""
    scores = {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else {})}
    row = {name: float(scores[name].mean()) if name in scores else float("nan") for name in MEASURES}
    if "distances" in scores:
        row |= {"AKD": image_metrics.akd(scores["distances"]), "MKR": image_metrics.mkr(scores["distances"])}
    if "change" in scores:
        row["flicker"] = image_metrics.flicker(scores["change"], scores["true change"])
    return row


def measure(
    clips: list[Path], named: dict[str, Painter], *, dance: Dance | None = None, paint: Paint | None = None,
    step: int = 5, progress: bool = True,
) -> Report:  # fmt: skip
    """Score painters, one of them named "truth", on every ``step``-th frame of the clips.

    Parameters
    ----------
    dance, paint : clip -> the poses (T, 33, 2) of a dance to its sound, or None; and who paints them. They are the row
        "song"; without them there is none.

    Raises
    ------
    InputError
        If there is no clip, ``step`` is below 1, or no frame shows a person.
    """
    if not clips or step < 1:
        raise InputError(f"{len(clips)} clips at step={step}: give at least one clip, and a step of 1 or more")
    total = sum(-(-media.probe(clip).n_frames // step) for clip in clips)
    with PoseDetector() as detector, tqdm(total=total, unit="frame", disable=not progress) as bar:
        judges = Judges(build_vgg16(), detector)
        for clip in clips:
            poses = dance(clip) if dance else None
            for shots in read_shots(clip, step=step):
                for name, painter in named.items():
                    judges.score(name, shots, painter(shots))
                if poses is not None:
                    judges.score_dance(shots, poses, paint)
                bar.update(len(shots.frames))
    return _report(clips, judges)


def _report(clips: list[Path], judges: Judges) -> Report:
    if not judges.parts:
        names = ", ".join(Path(clip).name for clip in clips)
        raise InputError(f"no person was found in {names}: give videos in which a dancer can be seen")
    rigs = {str(clip): truth.landmarks_of(clip) is not None for clip in clips}
    n_frames = sum(len(part["PSNR"]) for part in judges.parts["truth"])
    return Report({name: summarise(parts) for name, parts in judges.parts.items()}, n_frames, rigs, judges.sights)


def evaluate(
    clips: list[Path], *, data: str | Path, gan: str | Path, vae: str | Path, baseline: str | Path | None = None,
    step: int = 5, progress: bool = True,
) -> Report:  # fmt: skip
    """The table of an image model on clips that it has not seen. Takes some minutes.

    Parameters
    ----------
    data : the file of ``extract`` that the model was trained on.
    gan, vae, baseline : files of the image model, the song model and, if given, the baseline GAN.
    """
    paint, known = painters.gan_paint(pose_gan, gan), read_seen(gan)
    training = painters.TrainingFrames(data)
    named = painters.baselines(training)
    if baseline is not None:
        named["baseline"] = painters.from_poses(painters.gan_paint(baseline_gan, baseline))
    if Path(gan).with_suffix(".tflite").is_file():
        named["int8"] = painters.from_poses(painters.int8_paint(gan))
    named["model"] = painters.from_poses(paint)

    def dance(clip):
        return painters.song_dance(clip, vae, gan)

    report = measure(clips, named, dance=dance, paint=paint, step=step, progress=progress)
    return replace(report, seen=seen_clips(clips, training, known), notes=doubts(training, known))


def seen_clips(clips: list[Path], training: painters.TrainingFrames, known: frozenset[str] | None) -> tuple[str, ...]:
    """Names of the clips that are in the training file or among the contents ``known`` to the model.

    Told by content; by name where the training file keeps no contents.
    """
    contents = training.contents | (known or frozenset())

    def is_seen(path: Path) -> bool:
        return films.identify(path, {}).content in contents or path.name in training.unmarked

    return tuple(sorted(path.name for path in map(Path, clips) if is_seen(path)))


def doubts(training: painters.TrainingFrames, known: frozenset[str] | None) -> tuple[str, ...]:
    """Why a clip that the model has seen may not be found out, a sentence each."""
    reasons = {
        "the model file does not say what it was trained on: --data alone was asked": known is None,
        f"{training.path} does not keep the contents of all its videos: names were compared": training.unmarked,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def describe(report: Report) -> str:
    """How many frames of which clips, whose poses were asked for, and which clips the model has seen."""
    rigs, others = ([Path(clip).name for clip, rig in report.clips.items() if rig is kind] for kind in (True, False))
    whose = [f"the rig's ({', '.join(rigs)})"] * bool(rigs)
    whose += [f"MediaPipe's, no rig ({', '.join(others)})"] * bool(others)
    seen = [f"Not held out, the model was trained on them: {', '.join(report.seen)}"] * bool(report.seen)
    return "\n".join([f"{report.n_frames} frames; poses: {'; '.join(whose)}", *seen, *report.notes])


def print_report(report: Report) -> None:
    """Print the table, measures down and painters across, and what it was measured on."""
    print_table(report.table, measures=MEASURES, digits=3)
    print(describe(report))


def write_report(report: Report, folder: str | Path) -> list[Path]:
    """Write images.csv, images.png and, if a painter "model" was there, the contact sheets; returns their paths."""
    paths = save_table(report.table, folder, "images", measures=MEASURES, who="painter")
    if report.sights:
        sheets = {"faces_hands": (drawn, close_up), "worst": (worst, whole)}
        for name, (choose, view) in sheets.items():
            paths.append(Path(folder) / f"images_{name}.png")
            media.write_png(paths[-1], contact_sheet(choose(report.sights), view))
    return paths
