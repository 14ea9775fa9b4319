"""The footage of a film, with real detection: whose it is."""

from itertools import islice

import numpy as np
import pytest

from dancing_utils.data import film_check, films, footage, media
from dancing_utils.files import SAMPLE

SETTINGS = {"fit": "person", "smooth_hz": 8.0}


@pytest.mark.slow
def test_a_part_file_of_another_film_is_not_taken_for_this_one(tmp_path, pose_model, monkeypatch):
    part, pictures = tmp_path / "part.h5", {}
    for name, film in {"ada": "clips/ada_01.mp4", "ben": "second_dancer/ben_1.mp4"}.items():
        with media.VideoWriter(tmp_path / f"{name}.mp4") as writer:
            for frame in islice(media.read_frames(SAMPLE / film), 30):
                writer.write(frame)
        found = films.identify(tmp_path / f"{name}.mp4", SETTINGS)
        how = (found, film_check.check_film(found.path), part, SETTINGS)
        pictures[name] = next(footage.find_person(*how, progress=False).pictures())[0]
    assert np.abs(pictures["ada"].astype(int) - pictures["ben"]).mean() > 10
    monkeypatch.setattr(footage, "extract_film", lambda *_, **__: pytest.fail("the film is looked at once more"))
    (again, _), *_ = footage.find_person(*how, progress=False).pictures()
    assert (again == pictures["ben"]).all()
