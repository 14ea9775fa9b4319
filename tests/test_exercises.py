"""Every exercise both ways: its stub fails kindly, its solution passes, typical wrong answers get their own sentence.

Stubs are taken out of the notebooks, solutions out of ``notebooks/solutions``, wrong answers from beside this file.
"""

import re
from fractions import Fraction
from pathlib import Path

import av
import librosa
import nbformat
import numpy as np
import pytest
import wrong_answers_motion
import wrong_answers_pictures

from dancing_utils import SAMPLE_RATE
from dancing_utils.audio import spectrum
from dancing_utils.data import media
from dancing_utils.show import exercises

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
SOLUTIONS = sorted((FOLDER / "solutions").glob("*.ipynb"))


def code(path, tag=None):
    """Sources of a notebook's code cells, of those with a tag if one is given."""
    found = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return [cell.source for cell in found if tag is None or tag in cell.metadata.get("tags", [])]


def functions(path, tag):
    """Function name -> source of the cell with this tag that defines it."""
    return {re.search(r"^def (\w+)\(", source, flags=re.M)[1]: source for source in code(path, tag)}


STUBS = {path.stem: functions(path, "exercise") for path in sorted(FOLDER.glob("*.ipynb"))}
SOLVED = {path.stem: functions(path, "solution") for path in SOLUTIONS}
WRONG = wrong_answers_motion.WRONG | wrong_answers_pictures.WRONG
EXERCISES = [(name, function) for name, found in STUBS.items() for function in found]


def said(capsys, check, function):
    """The line that a check prints about a function."""
    capsys.readouterr()
    getattr(exercises, f"check_{check}")(function)
    (line,) = capsys.readouterr().out.splitlines()
    return line


def defined(name, function, tag):
    """A function out of a notebook, run after the imports of its solutions."""
    place = FOLDER / "solutions" / f"{name}.ipynb"
    scope = {}
    exec(code(place)[0], scope)  # its imports
    exec({"exercise": STUBS, "solution": SOLVED}[tag][name][function], scope)
    return scope[function]


# --- stubs, solutions, checks ---------------------------------------------------------------------------------------


def test_notebooks_with_exercises_have_solutions_and_the_other_way_round():
    assert {name: set(found) for name, found in STUBS.items() if found} == {name: set(f) for name, f in SOLVED.items()}
    assert all(2 <= len(found) <= 3 for found in SOLVED.values()) and EXERCISES


@pytest.mark.parametrize("name, function", EXERCISES)
def test_an_untouched_stub_gets_a_kind_sentence(name, function, capsys):
    assert said(capsys, function, defined(name, function, "exercise")) == exercises.OPEN


@pytest.mark.parametrize("name, function", EXERCISES)
def test_the_solution_is_right(name, function, capsys):
    assert said(capsys, function, defined(name, function, "solution")).startswith("Right. ")


@pytest.mark.parametrize("function", [function for _, function in EXERCISES])
def test_typical_wrong_answers_get_their_own_sentence(function, capsys):
    lines = [said(capsys, function, wrong) for wrong in WRONG[function]]
    assert len(set(lines)) == len(lines) >= 3
    assert all(line.startswith("Not yet. ") and "came back" not in line for line in lines), lines


@pytest.mark.parametrize("function", [function for _, function in EXERCISES])
def test_anything_else_is_answered_too(function, capsys):
    def broken(*_):
        raise ValueError("cannot think")

    assert said(capsys, function, broken) == "Your function stopped with ValueError: cannot think."
    assert said(capsys, function, None).startswith("Your function stopped with TypeError")
    for other in (lambda *_: -99.5, lambda *_: "a word", lambda *_: [[1], [2, 3]], lambda *_: np.nan, lambda *_: {}):
        assert re.match(r"Not yet\. Given .+ came back; wanted was .+\.$", said(capsys, function, other))


def test_a_function_that_changes_what_it_is_given_harms_nobody():
    def sort_in_place(values):
        values.sort()
        return values

    cases = [(np.array([2.0, 1.0]),)]
    assert exercises.verdict(sort_in_place, np.sort, cases, (), "Good.") == "Right. Good."
    assert exercises.verdict(sort_in_place, np.flip, [(np.arange(2.0),)], (), "") == (
        "Not yet. Given [0, 1], [0, 1] came back; wanted was [1, 0]."
    )


@pytest.mark.parametrize("name", STUBS)
def test_each_exercise_has_a_task_hints_a_stub_and_a_check_in_this_order(name):
    found = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells
    for n, cell in enumerate(found):
        if "exercise" in cell.metadata.get("tags", []):
            function = re.match(r"def (\w+)\(", cell.source)[1]
            task, check = found[n - 1].source, found[n + 1].source
            assert "### Exercise" in task and f"`{function}(" in task and task.count("<details>") >= 2, function
            assert task.count("<details>") == task.count("</details>") and f"(solutions/{name}.ipynb)" in task
            assert check == f"exercises.check_{function}({function})"
            assert not cell.outputs and cell.source.rstrip().endswith("...  # yours"), "a stub is stored untouched"


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_solutions_were_run_and_say_that_they_are_right(path):
    found = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    printed = [o.text for cell in found for o in cell.outputs]
    assert [cell.execution_count for cell in found] == list(range(1, len(found) + 1))
    assert len(printed) == len(SOLVED[path.stem]) and all(line.startswith("Right. ") for line in printed)


# --- solutions beside what the library computes ---------------------------------------------------------------------


def write_pictures(path, stamps):
    """A film of grey pictures, each 40 lighter than the one before, with these time stamps in seconds."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 72, 128, "yuv420p"
        for n, stamp in enumerate(stamps):
            frame = av.VideoFrame.from_ndarray(np.full((128, 72, 3), 40 * n, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(stamp * 25), Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_one_coefficient_by_hand_is_the_librarys():
    sound = np.random.default_rng(1).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    levels = librosa.power_to_db(librosa.feature.melspectrogram(y=sound, hop_length=735), top_db=None)[:, 15]  # (128,)
    one_mfcc = defined("02_explore_mfcc_and_pose", "one_mfcc", "solution")
    assert [one_mfcc(levels, k) for k in (1, 4, 12)] == pytest.approx(spectrum.mfcc(sound)[15, [1, 4, 12]], abs=0.01)


def test_a_films_frames_by_hand_are_the_librarys(tmp_path):
    write_pictures(tmp_path / "film.mp4", stamps := np.array([0.0, 0.04, 0.12, 0.16, 0.2, 0.36]))
    frame_at = defined("01_extract_data", "frame_at", "solution")
    shades = [frame.mean() for frame in media.read_frames(tmp_path / "film.mp4")]
    assert [round(shade / 40) for shade in shades] == [frame_at(stamps, k) for k in range(len(shades))]


@pytest.mark.slow
def test_kl_and_z_by_hand_are_the_librarys():
    from dancing_utils.motion import baseline_vae

    z_mean, z_log_var, noise = np.random.default_rng(2).normal(size=(3, 5, 16))
    kl_term, draw_z = (defined("03_train_lstm_vae", name, "solution") for name in ("kl_term", "draw_z"))
    np.testing.assert_allclose(kl_term(z_mean, z_log_var), baseline_vae.kl_divergence(z_mean, z_log_var))
    drawn = baseline_vae.reparameterize(z_mean, z_log_var, noise)
    np.testing.assert_allclose(draw_z(z_mean, z_log_var, noise), drawn)
