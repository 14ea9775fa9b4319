"""The people in a picture by MediaPipe: 33 pose landmarks in units of the picture, depth, and a mask.

Every frame is looked at by itself (MediaPipe's IMAGE mode): no frame waits for the one before, so threads can share
the work, and nothing lags. MediaPipe's VIDEO mode smooths with the past alone; ``python benchmarks/extract.py
VIDEO`` measures how far that puts the wrists behind the picture, which a dance must not be. Smoothing here is by
choice, after the fact, and looks both ways in time (zero phase). To look for three people takes no longer where one is;
masks take 6 per cent longer.

Notebook: 01_extract_data.ipynb
"""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils import FPS, InputError
from dancing_utils.mp import BaseOptions, mp, vision
from dancing_utils.pose.model_file import find_model
from dancing_utils.pose.smoothing import MAX_GAP, PoseTrack, finish_track
from dancing_utils.stderr import native_stderr_hidden

MOST_PEOPLE = 3  # that are looked for where there may be several
SAME_PERSON = 0.25  # mean distance of two people's landmarks, in torso lengths, under which one was found twice
MASK_LEVELS = 15  # above 0: enough for a soft edge, and half the bytes of 255 when compressed
SURE = 0.1, 0.9  # of the mask that MediaPipe gives: nothing below, all of the person above


@dataclass(frozen=True)
class Detection:
    """One person in one picture."""

    landmarks: np.ndarray  # (33, 2) float32 in units of the picture; outside of it they leave 0..1
    visibility: np.ndarray  # (33,) float32, 0 to 1
    depth: np.ndarray  # (33,) float32, metres behind the middle of the hips; negative is nearer to the camera
    mask: np.ndarray | None  # (rows, columns) uint8, 255 where the person is, soft at the edge, in 16 levels


class PoseDetector:
    """MediaPipe's PoseLandmarker. Use as a context manager; one for each thread.

    Parameters
    ----------
    model : path of the model file; None looks for it (``model_file.find_model``).
    mode : "image" takes each frame by itself; "video" tracks, and smooths with the past.
    most : how many people to find at most.
    masks : whether to find masks, too.
    """

    def __init__(
        self, *, model: str | Path | None = None, mode: str = "image", most: int = 1, masks: bool = False
    ):  # fmt: skip
        if mode not in ("image", "video"):
            raise InputError(f"mode={mode!r} must be image or video")
        self.mode, self.masks, self._has_spoken = mode, masks, False
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=find_model(model).read_bytes()), num_poses=most,
            running_mode=vision.RunningMode.VIDEO if mode == "video" else vision.RunningMode.IMAGE,
            output_segmentation_masks=masks,
        )  # fmt: skip
        try:
            with native_stderr_hidden():
                self._landmarker = vision.PoseLandmarker.create_from_options(options)
                if mode == "image":  # the first picture brings more notes: let it be a black one
                    self._landmarker.detect(_picture(np.zeros((64, 64, 3), np.uint8)))
        except (RuntimeError, ValueError) as error:
            raise InputError(f"the pose model {model or ''} cannot be used: {str(error).splitlines()[0]}") from error

    def __enter__(self) -> "PoseDetector":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Free MediaPipe's threads and memory, of which newer versions of it make notes."""
        with native_stderr_hidden():
            self._landmarker.close()

    def detect(self, frame: np.ndarray, time: float = 0.0) -> tuple[np.ndarray, np.ndarray] | None:
        """Landmarks (33, 2) and visibility (33,) of the person who is found first, or None; see ``find_people``."""
        people = self.find_people(frame, time)
        return (people[0].landmarks, people[0].visibility) if people else None

    def find_people(self, frame: np.ndarray, time: float = 0.0) -> list[Detection]:
        """The people in a picture (rows, columns, 3) uint8, each once. ``time`` (s) counts in video mode only."""
        with nullcontext() if self._has_spoken else native_stderr_hidden():  # a note comes with the first person
            answer = self._look(_picture(frame), time)
        self._has_spoken = self._has_spoken or bool(answer.pose_landmarks)
        people: list[Detection] = []
        for k, points in enumerate(answer.pose_landmarks):
            pose = np.array([(point.x, point.y, point.visibility) for point in points], np.float32)  # (33, 3)
            if not any(_is_same(pose[:, :2], other.landmarks) for other in people):
                depth = np.array([point.z for point in answer.pose_world_landmarks[k]], np.float32)
                mask = _levels(answer.segmentation_masks[k].numpy_view()) if self.masks else None
                people.append(Detection(pose[:, :2], pose[:, 2], depth, mask))
        return people

    def _look(self, image: mp.Image, time: float):
        if self.mode == "video":
            return self._landmarker.detect_for_video(image, round(time * 1000))
        return self._landmarker.detect(image)


def _is_same(pose: np.ndarray, other: np.ndarray) -> bool:
    torso = np.linalg.norm(pose[[11, 12]].mean(0) - pose[[23, 24]].mean(0))
    return bool(np.linalg.norm(pose - other, axis=1).mean() < SAME_PERSON * torso)


def _levels(mask: np.ndarray) -> np.ndarray:
    """MediaPipe's mask (rows, columns, 1), 0 to 1, as (rows, columns) uint8."""
    share = (mask.squeeze(-1) - SURE[0]) * (MASK_LEVELS / (SURE[1] - SURE[0])) + 0.5  # half: rounded, not cut
    return share.clip(0, MASK_LEVELS).astype(np.uint8) * (255 // MASK_LEVELS)


def _picture(frame: np.ndarray) -> mp.Image:
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(frame))


def track_poses(
    frames: Iterable[np.ndarray], *, model: str | Path | None = None, mode: str = "image", max_gap: float = MAX_GAP,
    smooth_hz: float | None = None, fps: int = FPS,
) -> PoseTrack:  # fmt: skip
    """The poses of a run of pictures, one after the other (``extract`` does the same with several threads)."""
    with PoseDetector(model=model, mode=mode) as detector:
        found = [detector.detect(frame, k / fps) for k, frame in enumerate(frames)]
    return finish_track(found, max_gap=max_gap, smooth_hz=smooth_hz, fps=fps)
