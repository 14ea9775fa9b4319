"""The kit for teachers: slides from Markdown, what is built beforehand, and times that hold what they promise."""

import re
import runpy
from pathlib import Path

import pytest

from dancing_utils import InputError

KIT = Path(__file__).resolve().parents[1] / "docs" / "workshop"
slides = runpy.run_path(KIT / "slides.py")
prebuilt = runpy.run_path(KIT / "prebuilt.py")
reading = runpy.run_path(KIT.parents[1] / "benchmarks" / "reading.py")
NOTEBOOKS = sorted(reading["NOTEBOOKS"].glob("*.ipynb"))


def test_every_talk_becomes_one_file_that_needs_no_other(tmp_path):
    paths = slides["write_all"](tmp_path)
    assert [path.stem for path in paths] == sorted(path.stem for path in KIT.glob("talk_*.md")) and len(paths) == 3
    for path in paths:
        page, talk = path.read_text("utf-8"), (KIT / f"{path.stem}.md").read_text("utf-8")
        assert page.count("<section>") == talk.count("\n---\n") + 1 >= 4
        assert page.count("<blockquote>") == page.count("<section>"), "every slide has what to say"
        assert all(source.startswith("data:") for source in re.findall(r'src="([^"]+)"', page))
        assert page.count("data:image/") == talk.count("![") == len(re.findall(r'alt="[^"]{20,}"', page))


def test_a_slides_picture_must_be_there():
    with pytest.raises(InputError, match=r"nowhere.svg is no picture"):
        slides["to_slides"]("# Title\n\n![alt](nowhere.svg)", KIT)
    with pytest.raises(InputError, match=r"notes.md is no picture"):
        slides["to_slides"]("# Title\n\n![alt](notes.md)", KIT)


@pytest.fixture
def stick(tmp_path):
    outputs = tmp_path / "outputs"
    (outputs / "baseline").mkdir(parents=True)
    (outputs / "corpus.h5").write_bytes(b"songs")
    (outputs / "baseline" / "baseline_vae.npz").write_bytes(b"weights")
    prebuilt["pack"](tmp_path / "stick", outputs)
    return tmp_path / "stick"


def test_pack_says_what_is_missing(tmp_path, capsys):
    assert prebuilt["pack"](tmp_path / "stick", tmp_path) == []
    assert "sample.h5 is not there yet: 01_extract_data.ipynb makes it" in capsys.readouterr().out


def test_what_was_packed_is_taken_once(stick, tmp_path):
    outputs = tmp_path / "learner"
    assert prebuilt["take"](stick, outputs) == ["corpus.h5", "baseline/baseline_vae.npz"]
    assert (outputs / "corpus.h5").read_bytes() == b"songs"
    assert prebuilt["take"](stick, outputs) == []
    (outputs / "corpus.h5").write_bytes(b"half a fi")
    assert prebuilt["take"](stick, outputs) == ["corpus.h5"]


def test_a_file_that_changed_on_the_way_is_refused(stick, tmp_path):
    (stick / "corpus.h5").write_bytes(b"SONGS")
    with pytest.raises(InputError, match=r"corpus.h5 is not as it was packed"):
        prebuilt["take"](stick, tmp_path / "learner")
    assert not (tmp_path / "learner" / "corpus.h5").exists()


def test_only_what_the_course_reads_is_taken(stick, tmp_path):
    (stick / "SHA256SUMS").write_text("0  ../../etc/passwd\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"which the course does not read"):
        prebuilt["take"](stick, tmp_path / "learner")
    with pytest.raises(InputError, match=r"has no SHA256SUMS"):
        prebuilt["take"](tmp_path, tmp_path / "learner")


# --- times ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_states_no_less_than_its_words_and_its_computing_take(path):
    text, tasks, n = reading["read"](path)
    whole, computing, exercises = reading["stated"](path)
    assert whole >= text + computing
    assert exercises >= tasks + 5 * n, "tasks to read, and five minutes for each exercise"
    assert bool(exercises) == bool(n)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_kits_table_says_what_the_notebook_says(path):
    number = path.stem.split("_")[0]
    (row,) = re.findall(rf"^\| {number} (\| \d+ \| \d+ \|.+)\|$", (KIT / "README.md").read_text("utf-8"), flags=re.M)
    text, *others = (int(([*re.findall(r"\d+", cell)] or [0])[0]) for cell in row.split("|")[1:])
    assert abs(text - reading["read"](path)[0]) <= 1
    assert others == list(reading["stated"](path))


def test_the_plan_of_three_hours_goes_through_and_each_notebook_fits():
    plan = (KIT / "three_hours.md").read_text("utf-8")
    slots = [[int(n) for n in slot] for slot in re.findall(r"^\| (\d):(\d\d) \| (\d+) \|", plan, flags=re.M)]
    begins = [60 * hour + minute for hour, minute, _ in slots]
    assert [*begins[1:], 180] == [begin + length for begin, (*_, length) in zip(begins, slots, strict=True)]
    walked = reading["walk_plan"](plan)
    table = dict(re.findall(r"^\| (\d\d) (\| \d+ \| \d+) \|$", plan, flags=re.M))
    assert list(walked) == list(table) == ["00", "02", "03", "05", "08", "09"]
    for number, (given, needed) in walked.items():
        said_given, said_needed = (int(n) for n in re.findall(r"\d+", table[number]))
        assert given == said_given and abs(needed - said_needed) <= 1.5, number
        assert needed <= 0.8 * given, f"{number}: a fifth is left for looking and for whoever is stuck"


def test_what_a_section_needs_is_known():
    plan = "| 0:00 | 7 | [05](x.ipynb), section 2: and its exercise | all |\n| 0:07 | 5 | A talk of section 3 | |"
    ((number, (given, needed)),) = reading["walk_plan"](plan).items()
    (path,) = (path for path in NOTEBOOKS if path.stem.startswith("05"))
    minutes, (_, computing, exercises) = reading["sections"](path), reading["stated"](path)
    assert (number, given) == ("05", 7) and needed == minutes[0] + minutes[2] + computing + exercises / 2
    assert reading["minutes_of"]("one [two](three.md) $x + y$ " * 50) == 150 / 200
