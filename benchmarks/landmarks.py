"""What wrong landmarks cost the pictures: python benchmarks/landmarks.py TRAINING.h5

First, how far MediaPipe's landmarks of some training pictures are from the rig's, once the shipped Pose GAN has
corrected them (``pose_correction``), and when they are the mean of what MediaPipe sees in a picture and in its mirror
image. Then the shipped model is trained on for 3 epochs of 100 steps at full size, once with MediaPipe's landmarks and
once with the rig's, which only the sample has: what is between the two is what better landmarks could give. Both are
asked for the held-out clips' poses by the rig, and then for MediaPipe's: a model may only be better at the kind it was
trained on. Results go to outputs/benchmark_landmarks; a training that was stopped goes on.
"""

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np

from dancing_utils.data.batches import load_pairs
from dancing_utils.data.dataset import POSES
from dancing_utils.evaluation import evaluate_images, painters, truth
from dancing_utils.files import SAMPLE, SHIPPED, make_folder, whole_file
from dancing_utils.images import gan_training, pose_gan
from dancing_utils.images.pose_correction import STAGE, correct_poses
from dancing_utils.pose.detector import PoseDetector
from dancing_utils.pose.landmarks import INDEX, mirror, to_pixels

OUTPUT = Path("outputs/benchmark_landmarks")
PARTS = {
    "all": range(33), "elbows": ("left_elbow", "right_elbow"), "wrists": ("left_wrist", "right_wrist"),
    "hips": ("left_hip", "right_hip"), "knees": ("left_knee", "right_knee"),
}  # fmt: skip
ON = replace(pose_gan.TRANSFER, stages=((0, 8), (0, 8), (0, 4), (3, 4)), learning_rate=3e-4, correct_every=0)


def with_rig(data: Path, path: Path) -> Path:
    """A copy of the training file with the rig's landmarks in place of MediaPipe's."""
    if path.exists():
        return path
    with whole_file(path) as temporary:
        shutil.copyfile(data, temporary)
        with h5py.File(temporary, "r+") as file:
            for group in file.values():
                known = truth.landmarks_of(SAMPLE / "clips" / group.attrs["source"])
                if known is None:
                    raise SystemExit(f"{group.attrs['source']} has no truth: give the file of data_sample/clips")
                start = round(group.attrs["start_time"] * group.attrs["fps"])
                poses = known[start : start + len(group[POSES])]
                group[POSES][: len(poses)] = poses
    return path


def errors(data: Path, rig: Path, n: int) -> None:
    """Print the median distance of landmarks from the rig's, in pixels."""
    said, pictures = load_pairs(data, n=n, smooth_hz=ON.smooth_hz, prepare=pose_gan.widen)
    known = to_pixels(load_pairs(rig, n=n)[0][:, 0])  # (n, 33, 2)
    small = gan_training.shrink(pictures[:, :1], STAGE)[:, 0]
    model = pose_gan.load(SHIPPED["gan"])
    said = said[:, 0]  # (n, 33, 2)
    both = (said + seen_in_a_mirror(pictures[:, 0, :, pose_gan.SIDE_COLUMNS : -pose_gan.SIDE_COLUMNS])) / 2
    print(f"median distance from the rig's landmarks, {len(said)} pictures, pixels: " + ", ".join(PARTS))
    for name, poses in {"MediaPipe's": said, "with the mirror's": both}.items():
        found = correct_poses(model, poses, small, np.zeros(poses.shape, np.float32))
        for title, points in {name: to_pixels(poses), f"{name}, corrected": to_pixels(poses) + found}.items():
            far = np.linalg.norm(points - known, axis=-1)  # (n, 33)
            medians = [np.median(far[:, [INDEX.get(part, part) for part in parts]]) for parts in PARTS.values()]
            print(f"{title:28}" + "".join(f"{value:7.2f}" for value in medians))


def seen_in_a_mirror(pictures: np.ndarray) -> np.ndarray:
    """MediaPipe's landmarks (n, 33, 2) of the mirror images of pictures (n, 640, 360, 3), turned back."""
    with PoseDetector() as detector:
        return mirror(np.stack([detector.detect(picture[:, ::-1])[0] for picture in pictures]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the file that `dance extract data_sample/clips` makes")
    parser.add_argument("--step", type=int, default=10, help="measure every so many frames")
    parser.add_argument("--pictures", type=int, default=96, help="whose landmarks are corrected")
    parser.add_argument("--precision", default="float32", help="mixed_bfloat16 is faster on newer processors")
    options = parser.parse_args()
    rig = with_rig(options.data, make_folder(OUTPUT) / "rig.h5")
    errors(options.data, rig, options.pictures)
    models = {"shipped": pose_gan.load(SHIPPED["gan"])}
    for name, data in (("MediaPipe", options.data), ("rig", rig)):
        # The rig does not jitter: its landmarks are smoothed as little as can be.
        settings = replace(ON, precision=options.precision, smooth_hz=ON.smooth_hz if name == "MediaPipe" else 14.9)
        models[name], _ = gan_training.train(data, OUTPUT / name, settings, start_from=SHIPPED["gan"])
    named = {name: painters.from_poses(painters.gan_paint(pose_gan, model)) for name, model in models.items()}
    clips = sorted((SAMPLE / "held_out").glob("*.mp4"))
    alone = [Path(shutil.copy(clip, OUTPUT)) for clip in clips]  # without truth files: their poses are MediaPipe's
    for some in (clips, alone):
        report = evaluate_images.measure(some, {"truth": lambda pairs: pairs.pictures} | named, step=options.step)
        evaluate_images.print_report(report)


if __name__ == "__main__":
    main()
