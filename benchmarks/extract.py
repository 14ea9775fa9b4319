"""How fast is extraction against the clip's own length, and does MediaPipe's VIDEO mode lag? Run by hand:

python benchmarks/extract.py VIDEO
"""

import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from dancing_utils.data import dataset, media
from dancing_utils.data.extract import extract
from dancing_utils.pose import smoothing
from dancing_utils.pose.detector import PoseDetector, track_poses
from dancing_utils.pose.landmarks import INDEX


def time_stages(video, n=100):
    """Seconds a frame of reading, detection and compression, one after the other."""
    start = time.perf_counter()
    frames = [frame for frame, _ in zip(media.read_frames(video), range(n), strict=False)]
    times = {"read": time.perf_counter() - start}
    with PoseDetector() as detector:
        start = time.perf_counter()
        for frame in frames:
            detector.detect(frame)
        times["detect"] = time.perf_counter() - start
    start = time.perf_counter()
    for frame in frames:
        dataset.compress_frame(frame)
    times["compress"] = time.perf_counter() - start
    return {name: seconds / len(frames) for name, seconds in times.items()}


def compare_modes(video):
    """Lag (ms) of the wrists in VIDEO mode behind IMAGE mode, and jitter of each (mean |third difference|, pixels)."""
    wrists = [INDEX["left_wrist"], INDEX["right_wrist"]]
    tracks = {}
    for mode in ("image", "video"):
        track = track_poses(media.read_frames(video), mode=mode).landmarks[:, wrists] * (360, 640)
        tracks[mode] = track[np.isfinite(track).all((1, 2))]
    n = min(map(len, tracks.values()))
    lag = 1000 * smoothing.measure_lag(tracks["video"][:n], tracks["image"][:n])
    jitter = {mode: np.abs(np.diff(track, 3, axis=0)).mean() for mode, track in tracks.items()}
    return lag, jitter


def main(video):
    print(f"{platform.machine()}, {os.cpu_count()} cores; {video}")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out.h5"
        report = extract([video], output)
        if report.failed:
            sys.exit(report.failed[0][1])
        seconds = media.probe(video).duration
        detected = np.concatenate([clip.detected for clip in dataset.read_clips(output)]).mean()
        shapes = [dataset.read_group(output, "Dataset1").mfcc.shape, dataset.read_group(output, "Dataset1").poses.shape]
        print(f"extraction: {report.seconds:.1f} s for {seconds:.1f} s, ratio {report.seconds / seconds:.2f}")
        print(f"groups: {report.n_groups} of {shapes}, frames {dataset.read_frames(output, 'Dataset1').shape}")
        print(f"frames with a person: {detected:.1%}; {output.stat().st_size / 1e6:.0f} MB")
    stages = time_stages(video)
    print("one after the other: " + ", ".join(f"{name} {1000 * t:.1f} ms" for name, t in stages.items()) + " a frame")
    lag, jitter = compare_modes(video)
    print(f"VIDEO mode lags {lag:.0f} ms behind IMAGE mode")
    print(f"jitter of the wrists: IMAGE {jitter['image']:.2f}, VIDEO {jitter['video']:.2f} px")


if __name__ == "__main__":
    main(sys.argv[1])
