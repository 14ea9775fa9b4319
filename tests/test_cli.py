"""The command ``dance`` as a person runs it: help, exit codes, one-line errors."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dancing_utils import cli


def dance(*arguments):
    code = "import sys; from dancing_utils.cli import main; sys.argv[0] = 'dance'; main()"
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True)


COMMANDS = ("", "demo", "extract", "train vae", "train gan", "evaluate motion", "evaluate images", "generate", "doctor")


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command):
    result = CliRunner().invoke(cli.app, [*command.split(), "--help"])
    assert result.exit_code == 0 and "Usage" in result.output


def test_errors_are_one_line_and_debug_shows_the_rest(tmp_path):
    missing = tmp_path / "kein Lied ♫.mp3"
    result = dance("generate", missing, "-o", tmp_path / "o.mp4")
    assert result.returncode == 1 and result.stderr.strip().splitlines()[-1].startswith("dance: ")
    assert missing.name in result.stderr and "Traceback" not in result.stderr
    assert "Traceback" in dance("--debug", "generate", missing, "-o", tmp_path / "o.mp4").stderr


BASELINE = ("train gan --data x.h5 --baseline --quick", "train gan --data x.h5 --baseline --precision mixed_bfloat16")


def test_wrong_use_is_exit_code_2():
    for command in ("extract", "generate song.mp3", "dance", "train vae --data x.h5 --epochs 0", *BASELINE):
        assert CliRunner().invoke(cli.app, command.split()).exit_code == 2


def test_extract_with_some_failures_is_exit_code_1(tmp_path, sample_clip):
    (tmp_path / "videos").mkdir()
    shutil.copy(sample_clip, tmp_path / "videos" / "good one.mp4")
    (tmp_path / "videos" / "text.mp4").write_text("no video")
    result = dance("extract", tmp_path / "videos", "-o", tmp_path / "out.h5", "--quiet")
    assert result.returncode == 1 and "text.mp4" in result.stderr
    assert "1 extracted, 1 failed; 3 groups" in result.stdout
    assert Path(tmp_path / "out.h5").exists()


def test_shipped_models_are_there():
    for path in cli.SHIPPED.values():
        assert 0 < path.stat().st_size < 6e6
