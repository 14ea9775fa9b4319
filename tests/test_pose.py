"""Poses by the real MediaPipe, the model file's look-up, gaps and smoothing."""

import hashlib
import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.data import media
from dancing_utils.pose import model_file as models
from dancing_utils.pose import smoothing
from dancing_utils.pose.detector import PoseDetector, track_poses
from dancing_utils.pose.landmarks import INDEX
from dancing_utils.stderr import native_stderr_hidden


@pytest.fixture(scope="module")
def detector(pose_model):
    with PoseDetector(model=pose_model) as detector:
        yield detector


def test_finds_the_dancer_and_nobody_in_the_dark(detector, sample_clip):
    landmarks, visibility = detector.detect(next(media.read_frames(sample_clip)))
    assert landmarks.shape == (33, 2) and visibility.shape == (33,) and visibility.mean() > 0.9
    assert landmarks[INDEX["nose"], 1] < landmarks[INDEX["left_hip"], 1] < landmarks[INDEX["left_ankle"], 1]
    assert landmarks[INDEX["left_shoulder"], 0] > landmarks[INDEX["right_shoulder"], 0]  # she faces us
    assert detector.detect(np.zeros((640, 360, 3), np.uint8)) is None


def test_finds_two_people_with_their_masks_and_depth(pose_model, sample_clip):
    """Two frames side by side; an arm before the body is nearer than the hips by less than a metre."""
    frames = [frame for frame, _ in zip(media.read_frames(sample_clip), range(60), strict=False)]
    both = np.hstack([frames[0], frames[-1]])  # (640, 720, 3)
    with PoseDetector(model=pose_model, most=3, masks=True) as detector:
        found = sorted(detector.find_people(both), key=lambda one: one.landmarks[0, 0])
        (alone,) = detector.find_people(frames[0])
    assert len(found) == 2
    for one, (left, right) in zip(found, ((0, 360), (360, 720)), strict=True):
        assert one.mask.shape == (640, 720) and one.mask.dtype == np.uint8
        assert one.mask[:, left:right].mean() > 20 and one.mask.sum() == one.mask[:, left:right].sum()
        column, row = (one.landmarks[INDEX["left_hip"]] * (720, 640)).astype(int)
        assert one.mask[row, column] == 255 and one.mask[5, left + 5] == 0
        assert one.depth.shape == (33,) and abs(one.depth[23:25].mean()) < 0.05 and np.abs(one.depth).max() < 1.5
    assert np.unique(alone.mask).tolist() == list(range(0, 256, 17))  # soft at the edge
    np.testing.assert_array_equal(alone.landmarks, detector_of_one(pose_model, frames[0]))


def detector_of_one(pose_model, frame):
    """What the detector for one person finds, without masks."""
    with PoseDetector(model=pose_model) as detector:
        return detector.detect(frame)[0]


def test_track_marks_what_was_filled_in(pose_model, sample_clip):
    frames = [frame for frame, _ in zip(media.read_frames(sample_clip), range(6), strict=False)]
    frames[2] = np.zeros_like(frames[2])
    track = track_poses(frames, model=pose_model)
    assert track.detected.tolist() == [True, True, False, True, True, True]
    assert np.isfinite(track.landmarks).all() and (track.visibility[2] == 0).all()


def test_gaps():
    landmarks = np.tile(np.arange(60, dtype=np.float32)[:, None, None], (1, 33, 2))
    holed = landmarks.copy()
    holed[:2] = holed[10:25] = holed[30:46] = np.nan  # at the start, half a second, one frame more
    filled = smoothing.fill_gaps(holed)
    np.testing.assert_allclose(filled[10:25], landmarks[10:25], rtol=1e-5)
    assert np.isnan(filled[:2]).all() and np.isnan(filled[30:46]).all()


def test_smoothing_delays_nothing():
    time = np.arange(300) / 30
    slow = np.sin(2 * np.pi * time)[:, None, None] * np.ones((1, 33, 2))
    noisy = slow + 0.3 * np.sin(2 * np.pi * 13 * time)[:, None, None]
    smoothed = smoothing.smooth(noisy, cutoff_hz=5)
    np.testing.assert_allclose(smoothed[30:-30], slow[30:-30], atol=0.02)
    assert abs(smoothing.measure_lag(smoothed, slow)) < 0.002
    with pytest.raises(InputError, match="smooth_hz=20"):
        smoothing.smooth(noisy, cutoff_hz=20)


def test_smoothing_stays_within_runs():
    landmarks = np.ones((60, 33, 2))
    landmarks[30:40] = np.nan
    landmarks[40:] = 5
    smoothed = smoothing.smooth(landmarks, cutoff_hz=5)
    np.testing.assert_allclose(smoothed[:30], 1, atol=1e-6)
    np.testing.assert_allclose(smoothed[40:], 5, atol=1e-6)


def test_measure_lag_of_a_known_shift():
    time = np.arange(300) / 30
    early = np.sin(2 * np.pi * 0.7 * time)[:, None]
    late = np.sin(2 * np.pi * 0.7 * (time - 0.05))[:, None]
    assert abs(smoothing.measure_lag(late, early) - 0.05) < 0.003


def test_model_path_given_or_from_the_environment(tmp_path, monkeypatch):
    mine = tmp_path / "mine.task"
    mine.write_bytes(b"x")
    assert models.find_model(mine) == mine
    monkeypatch.setenv("DANCING_POSE_MODEL", str(mine))
    assert models.find_model() == mine
    monkeypatch.setenv("DANCING_POSE_MODEL", str(tmp_path / "none.task"))
    with pytest.raises(InputError, match="DANCING_POSE_MODEL"):
        models.find_model()


def network(n_outputs):
    """A TFLite network of the real format: one picture in, some numbers out, and nothing between."""
    graph = models.schema.SubGraphT()
    graph.tensors = [models.schema.TensorT() for _ in range(1 + n_outputs)]
    graph.inputs, graph.outputs, graph.operators = [0], list(range(1, 1 + n_outputs)), []
    model = models.schema.ModelT()
    model.version, model.subgraphs, model.buffers = 3, [graph], [models.schema.BufferT()]
    return models._pack(model, b"TFL3")


@pytest.fixture
def older_package(monkeypatch):
    """``pip download`` gives a small wheel with two networks in it; what it was asked for."""
    networks = {"a.tflite": network(1), "b.tflite": network(5)}
    members = {
        "pose_detector.tflite": ("a.tflite", models.sha256(networks["a.tflite"]), (127.5, 127.5)),
        "pose_landmarks_detector.tflite": ("b.tflite", models.sha256(networks["b.tflite"]), (0.0, 255.0)),
    }
    asked = []

    def run(command, **_):
        asked.append(command)
        with zipfile.ZipFile(f"{command[command.index('--dest') + 1]}/older-1.0.whl", "w") as wheel:
            for name, content in networks.items():
                wheel.writestr(name, content)
        return subprocess.CompletedProcess(command, 0, stderr="")

    monkeypatch.setattr(models, "MEMBERS", members)
    monkeypatch.setattr(models.subprocess, "run", run)
    return asked


def description_of(packed):
    """What ``add_metadata`` wrote into a network: how many outputs it describes, mean and standard deviation."""
    model = models.schema.ModelT.InitFromPackedBuf(packed, 0)
    (entry,) = model.metadata
    assert packed[4:8] == b"TFL3" and entry.name == b"TFLITE_METADATA"
    described = bytes(model.buffers[entry.buffer].data)
    assert described[4:8] == b"M001"
    (graph,) = models.metadata_schema.ModelMetadataT.InitFromPackedBuf(described, 0).subgraphMetadata
    (unit,) = graph.inputTensorMetadata[0].processUnits
    return len(graph.outputTensorMetadata), list(unit.options.mean), list(unit.options.std)


def test_the_model_is_put_together_from_the_older_package(older_package, tmp_path):
    path = tmp_path / "model.task"
    models.assemble(path)
    bundle = path.read_bytes()
    assert older_package[0][1:4] == ["-m", "pip", "download"] and older_package[0][-1] == models.WHEEL
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
        assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())  # it is mapped as it is
    assert {name: description_of(content) for name, content in packed.items()} == {
        "pose_detector.tflite": (1, [127.5], [127.5]), "pose_landmarks_detector.tflite": (5, [0.0], [255.0])
    }  # fmt: skip
    models.assemble(path)
    assert bundle == path.read_bytes()  # else its SHA-256 would say nothing


def test_what_was_put_together_is_known_again(older_package, monkeypatch, tmp_path):
    models.assemble(tmp_path / "model.task")
    bundle = (tmp_path / "model.task").read_bytes()
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        digests = {name: models.sha256(archive.read(name)) for name in archive.namelist()}
    assert not models.is_intact(bundle)
    monkeypatch.setattr(models, "ASSEMBLED_SHA256", digests)
    assert models.is_intact(bundle)


def test_another_network_in_the_package_is_refused(older_package, monkeypatch, tmp_path):
    other = dict(models.MEMBERS, **{"pose_detector.tflite": ("a.tflite", "0" * 64, (0.0, 1.0))})
    monkeypatch.setattr(models, "MEMBERS", other)
    with pytest.raises(InputError, match="a.tflite of mediapipe==0.10.21 has an unexpected SHA-256"):
        models.assemble(tmp_path / "model.task")
    assert not list(tmp_path.iterdir())


def test_a_download_that_fails_is_said_in_pips_words(monkeypatch, tmp_path):
    failed = subprocess.CompletedProcess([], 1, stderr="looking\nERROR: No matching distribution\n")
    monkeypatch.setattr(models.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(InputError) as error:
        models.assemble(tmp_path / "model.task")
    assert str(error.value) == "pip could not download mediapipe==0.10.21 (ERROR: No matching distribution)"
    failed.stderr, failed.returncode = "\n", -9  # killed, without a word
    with pytest.raises(InputError, match=r"0\.10\.21 \(exit code -9\)$"):
        models.assemble(tmp_path / "model.task")


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("DANCING_POSE_MODEL", raising=False)
    monkeypatch.setattr(models, "cache_path", lambda: tmp_path / "cache" / "model.task")
    return tmp_path / "cache"


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """A host of this machine's with the official file, or with other bytes under its name."""
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_): ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def publish(content, *, known):
            (tmp_path / "official.task").write_bytes(content)
            monkeypatch.setattr(models, "URL", f"http://127.0.0.1:{server.server_port}/official.task")
            if known:
                monkeypatch.setattr(models, "OFFICIAL_SHA256", models.sha256(content))

        yield publish
        server.shutdown()


def test_download_comes_before_assembly(empty_cache, publish, capsys):
    publish(b"the official file", known=True)
    assert models.find_model().read_bytes() == b"the official file"
    (empty_cache / "model.task").write_bytes(b"damaged")
    assert models.find_model().read_bytes() == b"the official file"
    assert "damaged" in capsys.readouterr().out


def test_wrong_bytes_are_thrown_away_and_all_reasons_given(empty_cache, monkeypatch, publish):
    publish(b"an error page", known=False)
    monkeypatch.setattr(models, "WHEEL", "mediapipe==0.0.0.none")
    with pytest.raises(InputError) as error:
        models.find_model()
    assert "unexpected SHA-256" in str(error.value) and "pip could not" in str(error.value)
    assert "DANCING_POSE_MODEL" in str(error.value)
    assert not list(empty_cache.glob("*")) if empty_cache.exists() else True


def test_no_network_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(models, "URL", "http://127.0.0.1:1/official.task")  # nobody listens there
    with pytest.raises(InputError, match="127.0.0.1:1 is out of reach .*refused"):
        models.download(tmp_path / "model.task")


def test_the_cached_model_is_one_we_know(pose_model):
    content = pose_model.read_bytes()
    assert models.is_intact(content)
    assert not models.is_intact(content[:-1000])
    assert not models.is_intact(b"PK" + hashlib.sha256(content).digest())


def test_hiding_native_messages_from_many_threads_leaves_stderr_as_it_was():
    def hide(_):
        with native_stderr_hidden():
            time.sleep(0.002)

    before = os.fstat(2)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(hide, range(40)))
    assert os.path.samestat(before, os.fstat(2))


def test_threads_hide_native_messages_at_the_same_time(capfd):
    """Each of two waits inside for the other; one of them raises. What was written inside is not seen, later is."""
    both_inside = threading.Barrier(2, timeout=5)

    def hide(fails):
        with native_stderr_hidden():
            both_inside.wait()
            os.write(2, b"a native note")
            if fails:
                raise RuntimeError("inside")

    before = os.fstat(2)
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(hide, fails) for fails in (True, False)]
    assert [type(job.exception()) for job in jobs] == [RuntimeError, type(None)]
    assert os.path.samestat(before, os.fstat(2))
    os.write(2, b"seen again")
    assert capfd.readouterr().err == "seen again"


def test_detectors_that_have_seen_nobody_work_at_the_same_time(pose_model):
    """Both look at a dark picture, and each waits inside for the other."""
    both_inside = threading.Barrier(2, timeout=5)

    def look():
        with PoseDetector(model=pose_model) as detector:
            inner = detector._look
            detector._look = lambda *args: (both_inside.wait(), inner(*args))[1]
            return detector.detect(np.zeros((64, 64, 3), np.uint8))

    with ThreadPoolExecutor(2) as pool:
        assert [job.result() for job in [pool.submit(look) for _ in range(2)]] == [None, None]


def test_progress_is_seen_while_native_messages_are_hidden():
    program = "import os\n" \
        "from dancing_utils.stderr import native_stderr_hidden, shown_stderr\n" \
        "with native_stderr_hidden(): os.write(2, b'a note'); print('half of it', file=shown_stderr, flush=True)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stderr == "half of it\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no preexec_fn")
def test_without_a_standard_error_nothing_is_hidden():
    """As a service or a window program starts Python."""
    program = "from dancing_utils.stderr import native_stderr_hidden as hidden; hidden().__enter__(); print('works')"
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.close(2)
    )
    assert done.stdout.strip() == "works"
