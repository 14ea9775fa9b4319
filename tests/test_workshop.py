"""The kit for teachers: slides from Markdown, and what is built beforehand, packed and taken."""

import re
import runpy
from pathlib import Path

import pytest

from dancing_utils import InputError

KIT = Path(__file__).resolve().parents[1] / "docs" / "workshop"
slides = runpy.run_path(KIT / "slides.py")
prebuilt = runpy.run_path(KIT / "prebuilt.py")


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
