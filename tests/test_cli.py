"""The command ``dance`` as a person runs it: help, exit codes, one-line errors, and what each command leaves."""

import inspect
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from test_dataset import write_motion
from typer.testing import CliRunner

from dancing_utils import InputError, __version__, cli, generate
from dancing_utils.data import dataset, media
from dancing_utils.generate import name_of


def run(code, *arguments, **options):
    command = [sys.executable, "-c", f"import sys; sys.argv[0] = 'dance'; {code}", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


def dance(*arguments, **options):
    return run("from dancing_utils.cli import main; main()", *arguments, **options)


def invoke(*arguments):
    """A command that must go well, in this process; what it printed."""
    result = CliRunner().invoke(cli.app, [*map(str, arguments)])
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    return result.output


COMMANDS = (
    "", "demo", "check", "learn", "dancers", "forget", "extract", "train vae", "train prior", "train gan",
    "evaluate motion", "evaluate images", "generate", "play", "doctor",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command):
    result = CliRunner().invoke(cli.app, [*command.split(), "--help"])
    assert result.exit_code == 0 and "Usage" in result.output
    assert "<bool>" not in result.output and "..." not in result.output.partition("Commands:")[2]  # whole sentences


@pytest.mark.parametrize("name", ["seed", "temperature", "mark", "repair", "force"])
def test_a_command_does_by_default_what_the_library_does(name):
    """Else what is measured and shown is not what people get."""
    given = inspect.signature(cli.generate).parameters[name].default
    assert given == inspect.signature(generate.generate).parameters[name].default


def test_version():
    result = dance("--version")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"dancing-project {__version__}\n", "")


def test_a_letter_that_a_pipe_has_not_ends_nothing():
    """On Windows a pipe may have 256 of them."""
    says = "from dancing_utils import cli; cli.app = lambda: print('film \\u6211.mp4'); cli.main()"
    result = run(says, env=os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"})
    assert (result.returncode, result.stdout, result.stderr) == (0, "film ?.mp4\n", "")


@pytest.mark.slow
def test_errors_are_one_line_and_debug_shows_the_rest(tmp_path):
    missing = tmp_path / "kein Lied ♫.mp3"
    result = dance("generate", missing, "-o", tmp_path / "o.mp4")
    assert result.returncode == 1 and result.stderr.strip().splitlines()[-1].startswith("dance: ")
    assert missing.name in result.stderr and "Traceback" not in result.stderr
    assert "Traceback" in dance("--debug", "generate", missing, "-o", tmp_path / "o.mp4").stderr


BASELINE = ("train gan --data x.h5 --baseline --quick", "train gan --data x.h5 --baseline --precision mixed_bfloat16")


def test_wrong_use_is_exit_code_2():
    for command in ("extract", "generate", "dance", "train vae --data x.h5 --epochs 0", *BASELINE):
        assert CliRunner().invoke(cli.app, command.split()).exit_code == 2


@pytest.mark.slow
def test_extract_with_some_failures_is_exit_code_1(tmp_path, brief_clip):
    (tmp_path / "videos").mkdir()
    shutil.copy(brief_clip, tmp_path / "videos" / "good one.mp4")
    (tmp_path / "videos" / "text.mp4").write_text("no video")
    result = dance("extract", tmp_path / "videos", "-o", tmp_path / "out.h5", "--quiet")
    assert result.returncode == 1 and "text.mp4" in result.stderr
    assert "1 extracted, 1 failed; 2 groups; " in result.stdout
    assert dataset.validate(tmp_path / "out.h5") == []
    said = invoke("extract", tmp_path / "videos" / "good one.mp4", "-o", tmp_path / "out.h5")
    assert "0 extracted, 1 there already; 2 groups; " in said


def test_shipped_models_are_there():
    for path in cli.SHIPPED.values():
        assert 0 < path.stat().st_size < 6e6


# --- without the sample --------------------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path):
    """The package alone in another folder, as ``pip install`` of a wheel leaves it; what ``run`` needs to find it."""
    shutil.copytree(Path(cli.__file__).parent, tmp_path / "site" / "dancing_utils")
    return {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(tmp_path / "site"), "DANCING_QUICK": ""}}


@pytest.mark.parametrize(
    "command, remedy",
    [
        (("demo",), "clone the repository and run `dance demo` in it"),
        (("generate", "song.mp3", "--vae", "mine.npz"), "clone the repository, or give --dancer or --gan"),
        (("evaluate", "motion", "--corpus", "corpus.h5"), "clone the repository, or give --vae and --gan"),
        (("evaluate", "images", "--data", "mine.h5"), "clone the repository, or give --vae and --gan"),
    ],
)
def test_an_installed_package_says_that_it_has_no_sample(installed, command, remedy):
    result = dance(*command, **installed)
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    assert re.search("data_sample.* is not there, since an installed package has not all of the sample", result.stderr)
    assert result.stderr.endswith(f": {remedy}\n")


@pytest.mark.slow
def test_models_of_ones_own_need_no_sample(installed):
    result = dance("generate", "song.mp3", "--vae", "mine.npz", "--gan", "mine.npz", "-q", **installed)
    assert result.returncode == 1 and "song.mp3 does not exist" in result.stderr


def test_notebooks_of_an_installed_package_say_it_too(installed):
    for call in ("outputs", "corpus"):
        result = run(f"from dancing_utils.show import course; course.{call}()", **installed)
        assert result.stderr.splitlines()[-1].endswith(": clone the repository and work in it")
    assert not (installed["cwd"] / "outputs").exists()


# --- commands that go well -----------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pictures(here):
    """An HDF5 file with one window, in six frames of which somebody is seen."""
    path = write_motion(here / "pictures.h5", [("a.mp4", 0)], frames=True)
    with h5py.File(path, "a") as file:
        file["Dataset1/pose_detected"][6:] = False
        for step in range(6):
            picture = np.random.default_rng(step).integers(0, 256, (640, 360, 3), np.uint8)
            dataset.write_frame(file["Dataset1"], step, dataset.compress_frame(picture))
    return path


@pytest.mark.slow
def test_check_says_of_each_film_what_it_is_worth(here, sample_clip):
    folder = here / "films"
    folder.mkdir()
    shutil.copy(sample_clip, folder / "good.mp4")
    (folder / "text.mp4").write_text("no film")
    result = CliRunner().invoke(cli.app, ["check", str(folder)])
    good, text, where = result.output.splitlines()
    assert result.exit_code == 1 and good.startswith("good.mp4: good. 20 s of 360 x 640; whole body")
    assert text.startswith("text.mp4: unusable. ") and where == "What was recognised: outputs/check"
    assert {path.name for path in (here / "outputs" / "check").iterdir()} == {"001_good.png", "002_text.png"}
    assert CliRunner().invoke(cli.app, ["check", str(folder / "good.mp4")]).exit_code == 0
    result = CliRunner().invoke(cli.app, ["check", str(folder), "--at", "left"])
    assert "--at left must be two numbers" in str(result.exception)


@pytest.mark.slow
def test_train_vae(here, monkeypatch):
    from dancing_utils.motion import lstm_vae, vae_training

    tiny = {"units": 4, "decoder_units": 4, "latent_dim": 2, "components": 2, "batch_size": 2, "batches_an_epoch": 1}
    train = vae_training.train

    def train_tiny(data, folder, settings, **more):
        return train(data, folder, replace(settings, **tiny, time_steps=64), **more)

    monkeypatch.setattr(vae_training, "train", train_tiny)
    files = [write_motion(here / f"{name}.h5", [(name, 0), (name, 149)]) for name in "ab"]
    said = invoke("train", "vae", "--data", files[0], "--data", files[1], "--epochs", "2", "--songs", "1", "--quiet")
    assert said.startswith("runs/vae/lstm_vae.npz: after 2 epochs, lower is better: ") and " loss " in said
    made = here / "runs" / "vae" / "lstm_vae.npz"
    assert lstm_vae.load(made).settings.units == 4
    said = invoke("train", "prior", "--data", files[0], "--vae", made, "--epochs", "1", "--quiet")
    assert said.startswith("runs/prior/lstm_vae.npz: after 1 epochs, lower is better: loss ")


@pytest.fixture
def eagerly():
    """Operation by operation: to compile a tiny model takes far longer than to train it."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.slow
def test_train_gan(here, pictures, monkeypatch, eagerly):
    from dancing_utils.images import pose_gan

    tiny = replace(
        pose_gan.QUICK, widths=(4,) * 5, half_width=4, stages=((1, 2), (0, 2)), batches_an_epoch=1, correct_every=0,
        adversarial_weight=0.0,
    )  # fmt: skip
    monkeypatch.setattr(pose_gan, "QUICK", tiny)
    said = invoke("train", "gan", "--data", pictures, "--quick", "--pictures", "4", "--run-dir", "mine", "--quiet")
    assert "mine/pose_gan.npz: after 1 epochs, lower is better: " in said
    assert pose_gan.load(here / "mine" / "pose_gan.npz").settings.pictures == 4
    assert (here / "mine" / "samples_0.png").is_file()


@pytest.mark.slow
def test_train_the_baseline_gan(here, pictures, monkeypatch, eagerly):
    from dancing_utils.images import baseline_gan

    monkeypatch.setattr(baseline_gan.train, "__defaults__", (baseline_gan.BaselineGANSettings(epochs=1),))
    said = invoke("train", "gan", "--baseline", "--data", pictures, "--quiet")
    assert said.startswith("runs/baseline_gan/baseline_gan.npz: after 1 epochs, lower is better: ")
    made = baseline_gan.render(baseline_gan.load("runs/baseline_gan/baseline_gan.npz"), np.zeros((1, 33, 2)))
    assert made.shape == (1, 64, 64, 3)


def test_beats_and_tempo_are_not_both_given_and_a_wrong_line_is_named(here):
    Path("beats.txt").write_text("1\nsoon\n")
    both = CliRunner().invoke(cli.app, ["generate", "song.mp3", "--tempo", "120", "--beats", "beats.txt"])
    assert both.exit_code == 2 and "not both" in both.output
    wrong = CliRunner().invoke(cli.app, ["generate", "song.mp3", "--beats", "beats.txt"])
    assert isinstance(wrong.exception, InputError) and "beats.txt line 2, 'soon', is no time" in str(wrong.exception)


@pytest.mark.slow
def test_generate_names_the_video_by_song_and_dancer_and_writes_over_none(here):
    sound = 0.1 * np.sin(np.arange(22_050) / 10).astype(np.float32)
    with media.VideoWriter("my song.mp4", size=(64, 64), audio=sound) as writer:
        for _ in range(30):
            writer.write(np.zeros((64, 64, 3), np.uint8))
    said = invoke("generate", "my song.mp4")
    assert "my song_ada.mp4: 1.0 s, 360 x 640, 30 frames/s" in said and "painting 30 pictures at " in said
    first = Path("my song_ada.mp4").read_bytes()
    result = CliRunner().invoke(cli.app, ["generate", "my song.mp4"])
    assert isinstance(result.exception, InputError) and "my song_ada.mp4 is there already" in str(result.exception)
    assert "No beat was heard" in said
    said = invoke("generate", "my song.mp4", "--force", "--quiet", "--seed", "1", "--tempo", "120")
    assert "painting" not in said and Path("my song_ada.mp4").read_bytes() != first


def test_the_dancer_is_told_by_what_the_file_holds_or_where_it_is(here):
    (here / "runs" / "eve").mkdir(parents=True)
    shutil.copy(cli.SHIPPED["gan"], "copy.npz")
    for name in ("mine.npz", "runs/eve/pose_gan.npz"):
        Path(name).write_bytes(b"another")
    dancers = {cli.SHIPPED["gan"]: "ada", "copy.npz": "ada", "mine.npz": "mine", "runs/eve/pose_gan.npz": "eve"}
    assert {path: name_of(Path(path)) for path in dancers} == dancers
    os.chdir("runs/eve")
    assert name_of(Path("pose_gan.npz")) == "eve"
