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

Notebook: 07b_better_images.ipynb
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from dancing_utils import InputError
from dancing_utils.data import films, media
from dancing_utils.evaluation import contact_sheets, image_metrics, painters, truth
from dancing_utils.evaluation.contact_sheets import Example
from dancing_utils.evaluation.held_out_frames import FramePairs, read_frame_pairs
from dancing_utils.evaluation.painters import Paint, Painter
from dancing_utils.evaluation.tables import print_table, save_table
from dancing_utils.images import baseline_gan, pose_gan
from dancing_utils.images.perceptual import build_vgg16
from dancing_utils.motion import lstm_vae
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
    "sharpness": "gradient energy in the dancer's box over the truth's",
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
    examples: list[Example]  # of the painter "model", for looking
    seen: tuple[str, ...] = ()  # clips that the model was trained on: not held out
    notes: tuple[str, ...] = ()  # why some of them may be missing from ``seen``


class Scorer:
    """Scores painters' pictures and keeps the scores. VGG16 and MediaPipe are loaded once.

    Attributes
    ----------
    scores : painter -> for each chunk of n frames (n,) a measure, and the ``distances`` (n, 12) of the joints.
    examples : frames of the painter "model" that may get onto a contact sheet.
    """

    def __init__(self, vgg16, detector: PoseDetector):
        self.vgg16, self.detector = vgg16, detector
        self.scores: dict[str, list[dict[str, np.ndarray]]] = defaultdict(list)
        self.examples: list[Example] = []
        self._rng = np.random.default_rng(0)

    def score(self, name: str, pairs: FramePairs, generated: np.ndarray) -> None:
        """Score a painter's pictures (n, 2, 640, 360, 3) of the true poses."""
        rows = [self._score_pair(*one) for one in zip(pairs.poses[:, 0], pairs.pictures, generated, strict=True)]
        self.scores[name].append({key: np.array([row[key] for row in rows]) for key in rows[0]})
        if name == "model":
            self._keep_examples(pairs, generated[:, 0], [row["SSIM"] for row in rows])

    def score_dance(self, pairs: FramePairs, dance: np.ndarray, paint: Paint) -> None:
        """Score the pictures of a dance (T, 33, 2) at the times of the frames, as far as it goes."""
        poses = dance[pairs.numbers[pairs.numbers < len(dance)]]  # (n, 33, 2)
        self.scores["song"].append({"distances": self._distances(paint(poses), poses)})

    def _score_pair(self, pose, true, generated) -> dict:
        """One frame and its next: pose (33, 2), pictures (2, 640, 360, 3)."""
        box = image_metrics.dancer_box(pose)
        row = {"PSNR": image_metrics.psnr(true[0][box], generated[0][box])}
        for name, picture in (("energy", generated[0]), ("true energy", true[0])):
            row[name] = image_metrics.gradient_energy(picture[box])
        places = {"": [box], " face": [image_metrics.face_box(pose)], " hands": image_metrics.hand_boxes(pose)}
        for place, boxes in places.items():
            crops = [(true[0][one], generated[0][one]) for one in boxes]
            row[f"SSIM{place}"] = np.mean([image_metrics.ssim(*two) for two in crops])
            row[f"VGG{place}"] = np.mean([image_metrics.vgg_distance(self.vgg16, *two) for two in crops])
        for name, film in (("change", generated), ("true change", true)):
            row[name] = image_metrics.change(film[0][box], film[1][box])
        return row | {"distances": self._distances(generated[:1], [pose])[0]}

    def _distances(self, pictures, poses) -> np.ndarray:
        """Keypoint distances (n, 12) of pictures from the poses they were asked to show."""
        detected = map(self.detector.detect, pictures)
        distances = [image_metrics.keypoint_distances(*both) for both in zip(detected, poses, strict=True)]
        return np.array(distances).reshape(-1, len(MAIN_JOINTS))

    def _keep_examples(self, pairs: FramePairs, generated: np.ndarray, ssim: list[float]) -> None:
        rows = zip(pairs.numbers.tolist(), pairs.poses[:, 0], pairs.pictures[:, 0], generated, ssim, strict=True)
        new = [Example(pairs.clip, k, pose, true.copy(), picture.copy(), float(value), self._rng.random())
               for k, pose, true, picture, value in rows]  # fmt: skip
        self.examples = contact_sheets.candidates(self.examples + new)


def summarise(chunks: list[dict[str, np.ndarray]]) -> dict[str, float]:
    """Scores of all chunks of frames -> a number a measure, over all frames; NaN for what was not scored."""
    scores = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in (chunks[0] if chunks else {})}
    row = {name: float(scores[name].mean()) if name in scores else float("nan") for name in MEASURES}
    if "distances" in scores:
        row |= {"AKD": image_metrics.akd(scores["distances"]), "MKR": image_metrics.mkr(scores["distances"])}
    if "change" in scores:
        row["flicker"] = image_metrics.flicker(scores["change"], scores["true change"])
        row["sharpness"] = float(scores["energy"].sum() / max(scores["true energy"].sum(), 1e-9))
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
        scorer = Scorer(build_vgg16(), detector)
        for clip in clips:
            poses = dance(clip) if dance else None
            for pairs in read_frame_pairs(clip, step=step):
                for name, painter in named.items():
                    scorer.score(name, pairs, painter(pairs))
                if poses is not None:
                    scorer.score_dance(pairs, poses, paint)
                bar.update(len(pairs.numbers))
    return _to_report(clips, scorer)


def _to_report(clips: list[Path], scorer: Scorer) -> Report:
    if not scorer.scores:
        names = ", ".join(Path(clip).name for clip in clips)
        raise InputError(f"no person was found in {names}: give videos in which a dancer can be seen")
    rigs = {str(clip): truth.landmarks_of(clip) is not None for clip in clips}
    n_frames = sum(len(chunk["PSNR"]) for chunk in scorer.scores["truth"])
    table = {name: summarise(chunks) for name, chunks in scorer.scores.items()}
    return Report(table, n_frames, rigs, scorer.examples)


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
    model, dancer, known = pose_gan.load(gan), lstm_vae.load(vae), read_seen(gan)
    paint = painters.gan_paint(pose_gan, model)
    training = painters.TrainingFrames(data)
    named = painters.baselines(training)
    if baseline is not None:
        named["baseline"] = painters.from_poses(painters.gan_paint(baseline_gan, baseline_gan.load(baseline)))
    named["int8"] = painters.from_poses(painters.int8_paint(gan))
    named["model"] = painters.from_poses(paint)

    def dance(clip):
        return painters.song_dance(clip, dancer, model.body)

    report = measure(clips, named, dance=dance, paint=paint, step=step, progress=progress)
    return replace(report, seen=seen_clips(clips, training, known), notes=caveats(training, known))


def seen_clips(clips: list[Path], training: painters.TrainingFrames, known: frozenset[str] | None) -> tuple[str, ...]:
    """Names of the clips that are in the training file or among the contents ``known`` to the model.

    Told by content; by name where the training file keeps no contents.
    """
    contents = training.contents | (known or frozenset())

    def is_seen(path: Path) -> bool:
        return films.identify(path, {}).content in contents or path.name in training.unmarked

    return tuple(sorted(path.name for path in map(Path, clips) if is_seen(path)))


def caveats(training: painters.TrainingFrames, known: frozenset[str] | None) -> tuple[str, ...]:
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
    if report.examples:
        sheets = {
            "faces_hands": (contact_sheets.random_examples, contact_sheets.close_up),
            "worst": (contact_sheets.worst_examples, contact_sheets.whole),
        }
        for name, (choose, view) in sheets.items():
            paths.append(Path(folder) / f"images_{name}.png")
            media.write_png(paths[-1], contact_sheets.contact_sheet(choose(report.examples), view))
    return paths
