"""The table of image measures on a second of the sample: truth, baselines, and a model that is a stub."""

import hashlib
import shutil
from itertools import islice

import cv2
import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from dancing_utils import InputError, cli
from dancing_utils.data import dataset, media
from dancing_utils.data.dataset import read_clips
from dancing_utils.evaluation import contact_sheets, evaluate_images, held_out_frames, image_metrics, painters, truth
from dancing_utils.images import pose_gan
from dancing_utils.pose.landmarks import to_units
from dancing_utils.training import save_weights

N, STEP = 26, 10  # frames of the short clip; frames 0, 10 and 20 are scored


@pytest.fixture(scope="module")
def short_clip(tmp_path_factory, sample_clip):
    """The sample clip's first frames, with its truth and the map beside it; no sound."""
    folder, sample = tmp_path_factory.mktemp("sample"), sample_clip.parents[1]
    for name in ("truth/ada_01.npz", "studio/landmark_map.npz"):
        (folder / name).parent.mkdir()
        shutil.copy(sample / name, folder / name)
    with media.VideoWriter(folder / "clips" / "ada_01.mp4", crf=10) as writer:
        for frame in islice(media.read_frames(sample_clip), N):
            writer.write(frame)
    return folder / "clips" / "ada_01.mp4"


@pytest.fixture(scope="module")
def training(sample_data):
    return painters.TrainingFrames(sample_data)


@pytest.fixture(scope="module")
def report(short_clip, training, pose_model):
    """A model that paints the truth 10 grey levels too bright, and as the song's dance the true poses, brightened."""
    named = painters.baselines(training)
    named["model"] = lambda pairs: np.minimum(pairs.pictures, 245) + np.uint8(10)
    true = truth.landmarks_of(short_clip)
    frames = list(media.read_frames(short_clip))

    def paint(poses):
        return np.stack([frames[int(np.abs(true - pose).sum((1, 2)).argmin())] for pose in poses])

    return evaluate_images.measure(
        [short_clip], named, dance=lambda clip: true[:11], paint=paint, step=STEP, progress=False
    )


def test_frame_pairs_are_every_step_with_the_next_frame(short_clip):
    (pairs,) = held_out_frames.read_frame_pairs(short_clip, step=STEP)
    frames, poses = list(media.read_frames(short_clip)), truth.landmarks_of(short_clip)
    assert pairs.numbers.tolist() == [0, 10, 20] and len(frames) == N
    np.testing.assert_array_equal(pairs.pictures[1], frames[10:12])
    np.testing.assert_array_equal(pairs.poses[2], poses[20:22])
    off = np.abs(pairs.reencoded.astype(int) - pairs.pictures).mean()
    assert 0 < off < 3


def test_the_truth_scores_as_the_truth(report):
    row = report.table["truth"]
    for name in ("SSIM", "SSIM face", "SSIM hands", "flicker"):
        assert row[name] == pytest.approx(1)
    assert row["PSNR"] == np.inf and row["VGG"] == row["VGG face"] == row["VGG hands"] == 0
    assert row["AKD"] < 8 and row["MKR"] < 0.2


def test_the_background_is_worst_and_still(report):
    table = report.table
    others = [name for name in table if name not in ("background", "song")]
    for measure, worse in (("SSIM", min), ("PSNR", min), ("SSIM face", min), ("VGG", max), ("VGG hands", max)):
        assert worse(others + ["background"], key=lambda name: table[name][measure]) == "background", measure
    assert table["background"]["flicker"] == 0
    assert table["background"]["MKR"] > 0.5 or table["background"]["AKD"] > 3 * table["truth"]["AKD"]


def test_re_encoding_costs_little(report):
    row = report.table["re-encoded"]
    assert row["SSIM"] > 0.95 and row["PSNR"] > 33 and row["AKD"] == pytest.approx(report.table["truth"]["AKD"], abs=2)


def test_the_stub_scores_what_it_is(report):
    row = report.table["model"]
    assert row["PSNR"] == pytest.approx(28.13, abs=0.3) and row["flicker"] == pytest.approx(1, abs=0.05)
    assert 0.9 < row["SSIM"] < 1


def test_the_song_is_asked_only_where_its_dancer_stands(report):
    row = report.table["song"]
    assert row["AKD"] < 8 and row["MKR"] < 0.2
    assert all(np.isnan(row[name]) for name in evaluate_images.MEASURES if name not in ("AKD", "MKR"))


def test_the_nearest_training_frame_is_found_again(training, sample_data):
    clip = read_clips(sample_data)[0]
    name, k = training.places[training.nearest(clip.poses[200])]
    assert (name, k) == (clip.groups[200 // 149], 200 % 149)
    with h5py.File(sample_data) as file:
        np.testing.assert_array_equal(training.picture(training.nearest(clip.poses[200])), file[name]["frames"][k])


def test_the_report_is_printed_and_written(report, tmp_path, capsys):
    evaluate_images.print_report(report)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["truth", "re-encoded", "background", "nearest", "model", "song"]
    assert "inf" in lines[2] and lines[2].split()[-1] == "-"
    assert lines[-1] == "3 frames; poses: the rig's (ada_01.mp4)"
    paths = evaluate_images.write_report(report, tmp_path / "new folder")
    assert [p.name for p in paths] == ["images.csv", "images.png", "images_faces_hands.png", "images_worst.png"]
    rows = [line.split(",") for line in paths[0].read_text().splitlines()]
    assert rows[0] == ["painter", *evaluate_images.MEASURES] and len(rows) == 7
    assert float(rows[1][1]) == 1 and float(rows[1][2]) == np.inf
    assert all(cv2.imread(str(path)) is not None for path in paths[1:])


def test_contact_sheets_keep_the_worst_and_random_ones():
    picture, pose = np.zeros((640, 360, 3), np.uint8), np.full((33, 2), 0.5)
    scores, priorities = np.random.default_rng(0).random((2, 100))
    examples = []
    for k in range(100):  # one after the other, as they come
        examples = contact_sheets.candidates(
            [*examples, contact_sheets.Example("a.mp4", k, pose, picture, picture + 9, scores[k], priorities[k])]
        )
    assert len(examples) <= 15
    assert [s.frame for s in contact_sheets.worst_examples(examples)] == np.argsort(scores)[:3].tolist()
    assert [s.frame for s in contact_sheets.random_examples(examples)] == sorted(np.argsort(priorities)[:12].tolist())
    sheet = contact_sheets.contact_sheet(contact_sheets.worst_examples(examples), contact_sheets.whole)
    assert sheet.shape == (640 + contact_sheets.CAPTION, 3 * (720 + contact_sheets.GAP), 3)
    close = contact_sheets.contact_sheet(contact_sheets.random_examples(examples), contact_sheets.close_up)
    assert close.shape == (4 * (576 + contact_sheets.CAPTION), 3 * (2 * 576 + contact_sheets.GAP), 3)


def painted(level, *boxes):
    """A picture of one grey level, with boxes of other levels: (box, level)."""
    picture = np.full((640, 360, 3), level, np.uint8)
    for box, other in boxes:
        picture[box] = other
    return picture


def test_a_sheet_has_truth_left_and_model_right_row_by_row(monkeypatch):
    """Four frames of two clips in rows of three: 20 is the first frame's truth, 120 its generated picture."""
    written = []
    monkeypatch.setattr(contact_sheets.cv2, "putText", lambda picture, words, *more: written.append(words))
    pose = np.full((33, 2), 0.5)
    frames = (("b.mp4", 30, 50, 0.1), ("a.mp4", 60, 40, 0.2), ("a.mp4", 45, 30, 0.3), ("b.mp4", 15, 20, 0.4))
    examples = [
        contact_sheets.Example(clip, frame, pose, painted(level), painted(level + 100), 0.25, priority)
        for clip, frame, level, priority in frames
    ]
    chosen = contact_sheets.random_examples(examples)
    assert [f"{example.clip} {example.frame}" for example in chosen] == ["a.mp4 45", "a.mp4 60", "b.mp4 15", "b.mp4 30"]
    sheet = contact_sheets.contact_sheet(chosen, contact_sheets.whole)
    assert sheet.shape == (2 * (640 + 24), 3 * (720 + 16), 3)
    assert sheet[344, [180, 540, 916, 1276, 1652, 2012], 0].tolist() == [30, 130, 40, 140, 20, 120]
    assert sheet[1008, [180, 540, 916, 1276, 1652, 2012], 0].tolist() == [50, 150, 255, 255, 255, 255]
    assert (sheet[24:664, 359:361] == 255).all() and (sheet[:24] == 255).all()  # between the two; over them
    assert written[:2] == ["truth: a.mp4, 1.5 s", "model: SSIM 0.250"] and len(written) == 8


def test_a_close_up_has_the_dancer_left_and_face_and_hands_right():
    pixels = np.tile([180.0, 320.0], (33, 1))
    pixels[:11], pixels[[15, 17, 19, 21]], pixels[[16, 18, 20, 22]] = (180, 100), (300, 300), (60, 300)
    pixels[29:] = (180, 580)
    pose = to_units(pixels)
    face, (left, right) = image_metrics.face_box(pose), image_metrics.hand_boxes(pose)
    view = contact_sheets.close_up(painted(10, (face, 50), (left, 100), (right, 150)), pose)
    assert view.shape == (576, 576, 3)
    assert [int(view[row, 480, 0]) for row in (96, 288, 480)] == [50, 100, 150]
    assert (view[:, 384:] != 10).all()  # each fills its square
    rows, columns = image_metrics.dancer_box(pose)
    width = int((columns.stop - columns.start) * 576 / (rows.stop - rows.start))
    assert (view[:, :width] < 255).all() and (view[:, width:384] == 255).all()  # as tall as fits, the rest is white


def test_a_clip_without_truth_gets_mediapipes_poses(short_clip, tmp_path, pose_model):
    shutil.copy(short_clip, tmp_path / "mine.mp4")
    assert truth.landmarks_of(tmp_path / "mine.mp4") is None
    (pairs,) = held_out_frames.read_frame_pairs(tmp_path / "mine.mp4", step=STEP)
    off = np.abs(pairs.poses - truth.landmarks_of(short_clip)[[[0, 1], [10, 11], [20, 21]]]).mean()
    assert 0 < off < 0.02
    words = evaluate_images.describe(evaluate_images.Report({}, 3, {"x/mine.mp4": False}, []))
    assert words == "3 frames; poses: MediaPipe's, no rig (mine.mp4)"
    assert painters.song_dance(tmp_path / "mine.mp4", None, None) is None  # it is silent


def test_small_pictures_are_enlarged_and_batches_joined():
    class Module:
        render = staticmethod(lambda model, poses: np.full((len(poses), 64, 64, 3), 7, np.uint8))

    made = painters.gan_paint(Module, "model")(np.zeros((11, 33, 2)))
    assert made.shape == (11, 640, 360, 3) and made.dtype == np.uint8 and (made == 7).all()


def test_bad_input_is_said(short_clip, tmp_path, training):
    with pytest.raises(InputError, match="0 clips"):
        evaluate_images.measure([], {})
    with pytest.raises(InputError, match="step=0"):
        evaluate_images.measure([short_clip], {}, step=0)
    with media.VideoWriter(tmp_path / "wall.mp4") as writer:
        for _ in range(3):
            writer.write(np.full((640, 360, 3), 150, np.uint8))
    with pytest.raises(InputError, match="no person was found in wall.mp4"):
        evaluate_images.measure([tmp_path / "wall.mp4"], {"truth": lambda pairs: pairs.pictures}, progress=False)
    with h5py.File(training.path) as source, h5py.File(tmp_path / "motion.h5", "w") as file:
        source.copy(source["Dataset1"], file, "Dataset1")
        del file["Dataset1/frames"]
    with pytest.raises(InputError, match="no pictures of a person"):
        painters.TrainingFrames(tmp_path / "motion.h5")


@pytest.mark.slow
def test_the_command_measures_every_painter(short_clip, sample_data, pose_model):
    """The shipped model on three frames: its row and that of its int8 form agree; the clip is silent, so no song."""
    report = evaluate_images.evaluate(
        [short_clip], data=sample_data, gan=cli.SHIPPED["gan"], vae=cli.SHIPPED["vae"], step=STEP, progress=False
    )
    table = report.table
    assert list(table) == ["truth", "re-encoded", "background", "nearest", "int8", "model"]
    # The shipped Pose GAN learned the first edition of the clips, in another room.
    assert table["model"]["SSIM"] > 0.7 and 0 < abs(table["model"]["SSIM"] - table["int8"]["SSIM"]) < 0.03
    assert report.n_frames == 3 and len(report.examples) == 3


# --- which clips are held out --------------------------------------------------------------------------------------


def training_file(path, clip, **attributes):
    """A file of ``extract`` with 24 frames and true poses of a clip, under the name "other.mp4"."""
    poses = np.full((149, 33, 2), np.nan, np.float32)
    poses[:24] = truth.landmarks_of(clip)[:24]
    with h5py.File(path, "w") as file:
        group = dataset.create_group(file, "Dataset1")
        for k, frame in enumerate(islice(media.read_frames(clip), 24)):
            dataset.write_frame(group, k, dataset.compress_frame(frame))
        dataset.write_sequences(
            group, mfcc=np.zeros((149, 13)), poses=poses, source="other.mp4", start_time=0.0, **attributes
        )
    return path


def test_clips_that_were_trained_on_are_found_by_content(short_clip, tmp_path):
    """Whatever a clip is called: the copy of a training clip is seen, another film of its name is not."""
    content = hashlib.sha256(short_clip.read_bytes()).hexdigest()
    training = painters.TrainingFrames(training_file(tmp_path / "t.h5", short_clip, content=content))
    renamed, namesake = tmp_path / "renamed.mp4", tmp_path / "other.mp4"
    shutil.copy(short_clip, renamed)
    namesake.write_bytes(b"another film")
    assert evaluate_images.seen_clips([renamed, namesake], training, frozenset()) == ("renamed.mp4",)
    assert evaluate_images.caveats(training, frozenset()) == ()
    known = frozenset({hashlib.sha256(b"another film").hexdigest()})  # the model says so, whatever --data is
    assert evaluate_images.seen_clips([namesake, renamed], training, known) == ("other.mp4", "renamed.mp4")


def test_old_training_files_are_asked_by_name_and_say_so(short_clip, tmp_path):
    training = painters.TrainingFrames(training_file(tmp_path / "t.h5", short_clip))
    namesake = tmp_path / "other.mp4"
    namesake.write_bytes(b"another film")
    assert evaluate_images.seen_clips([namesake, short_clip], training, None) == ("other.mp4",)
    unsaid, by_name = evaluate_images.caveats(training, None)
    assert "does not say what it was trained on" in unsaid and "names were compared" in by_name
    report = evaluate_images.Report({}, 3, {"x/other.mp4": False}, [], ("other.mp4",), (unsaid, by_name))
    assert evaluate_images.describe(report).splitlines()[1:] == [
        "Not held out, the model was trained on them: other.mp4", unsaid, by_name
    ]  # fmt: skip


@pytest.mark.slow
def test_the_command_with_models_of_ones_own(short_clip, tmp_path, pose_model):
    """Tiny models and a training file that has the clip under another name: marked, with table, plot and sheets."""
    content = hashlib.sha256(short_clip.read_bytes()).hexdigest()
    data = training_file(tmp_path / "t.h5", short_clip, content=content)
    settings = pose_gan.GANSettings(widths=(4, 4, 4, 4, 4), half_width=4)
    save_weights(pose_gan.PoseGAN(settings), tmp_path / "gan.npz", settings)
    command = ["evaluate", "images", short_clip, "--data", data, "--gan", tmp_path / "gan.npz", "--step", STEP, "-q"]
    result = CliRunner().invoke(cli.app, [*map(str, command), "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].split() == ["truth", "re-encoded", "background", "nearest", "int8", "model"]
    assert "Not held out, the model was trained on them: ada_01.mp4" in lines
    rows = [line.split(",") for line in (tmp_path / "out" / "images.csv").read_text().splitlines()]
    assert [row[0] for row in rows] == ["painter", "truth", "re-encoded", "background", "nearest", "int8", "model"]
    assert float(rows[4][1]) > 0.95 > float(rows[5][1])  # the nearest training frame is the frame itself, or its next
    assert len(list((tmp_path / "out").glob("images*.png"))) == 3
