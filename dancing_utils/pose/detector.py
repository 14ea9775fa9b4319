"""33 pose landmarks a frame by MediaPipe, in units of the picture, and what to do about frames without a person.

Every frame is looked at by itself (MediaPipe's IMAGE mode): no frame waits for the one before, so threads can share
the work, and nothing lags. MediaPipe's VIDEO mode smooths with the past alone; ``python benchmarks/extract.py
VIDEO`` measures how far that puts the wrists behind the picture, which a dance must not be. Smoothing here is by
choice, after the fact, and looks both ways in time (zero phase).

Notebook: 01_extract_data.ipynb
"""

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from dancing_utils import FPS, InputError
from dancing_utils.mp import BaseOptions, mp, vision
from dancing_utils.pose.model_file import find_model
from dancing_utils.pose.smoothing import MAX_GAP, PoseTrack, finish_track
from dancing_utils.stderr import native_stderr_hidden


class PoseDetector:
    """MediaPipe's PoseLandmarker for one person. Use as a context manager; one for each thread.

    Parameters
    ----------
    model : path of the model file; None looks for it (``model_file.find_model``).
    mode : "image" takes each frame by itself; "video" tracks, and smooths with the past.
    """

    def __init__(self, *, model: str | Path | None = None, mode: str = "image"):
        if mode not in ("image", "video"):
            raise InputError(f"mode={mode!r} must be image or video")
        self.mode, self._has_spoken = mode, False
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=find_model(model).read_bytes()),
            running_mode=vision.RunningMode.VIDEO if mode == "video" else vision.RunningMode.IMAGE,
        )
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
        """Free MediaPipe's threads and memory."""
        self._landmarker.close()

    def detect(self, frame: np.ndarray, time: float = 0.0) -> tuple[np.ndarray, np.ndarray] | None:
        """Landmarks (33, 2) and visibility (33,) of the person in a picture (rows, columns, 3) uint8, or None.

        Landmarks outside the picture are kept, so x and y may leave 0..1. ``time`` (s) counts in video mode only.
        """
        with nullcontext() if self._has_spoken else native_stderr_hidden():  # a note comes with the first person
            found = self._look(_picture(frame), time)
        if not found:
            return None
        self._has_spoken = True
        points = np.array([(point.x, point.y, point.visibility) for point in found[0]], np.float32)  # (33, 3)
        return points[:, :2], points[:, 2]

    def _look(self, image: mp.Image, time: float) -> list:
        if self.mode == "video":
            return self._landmarker.detect_for_video(image, round(time * 1000)).pose_landmarks
        return self._landmarker.detect(image).pose_landmarks


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
