"""Verdicts on films by observations with known answers: no film is read."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dancing_utils import InputError
from dancing_utils.data import film_check, film_facts
from dancing_utils.data.camera_motion import Link
from dancing_utils.data.film_facts import FilmFile
from dancing_utils.data.film_judging import Sound, judge
from dancing_utils.data.film_observation import Observation, Person
from dancing_utils.pose.landmarks import INDEX


def standing():
    """A pose (33, 2) that faces us, arms hanging, in the middle of a picture of 360 x 640."""
    pose = np.full((33, 2), (0.5, 0.2))  # the head
    for name, x, y in (
        ("shoulder", 0.08, 0.30), ("elbow", 0.11, 0.40), ("wrist", 0.12, 0.50), ("hip", 0.05, 0.52),
        ("knee", 0.05, 0.68), ("ankle", 0.05, 0.85), ("heel", 0.05, 0.87), ("foot_index", 0.06, 0.88),
        ("index", 0.12, 0.53), ("pinky", 0.12, 0.53), ("thumb", 0.12, 0.52),
    ):  # fmt: skip
        pose[INDEX[f"left_{name}"]], pose[INDEX[f"right_{name}"]] = (0.5 + x, y), (0.5 - x, y)
    return pose


def person(pose=None, **facts):
    pose = standing() if pose is None else pose
    left, top, right, bottom = *(pose.min(0) - 0.03), *(pose.max(0) + 0.03)
    box = tuple(np.clip((left, top, right, bottom), 0, 1).tolist())
    return Person(pose, np.ones(33), box, **facts)


def moved(pose, dx=0.0, dy=0.0):
    return pose + np.array([dx, dy])


def dancing(k):
    """A pose of a dance that shows everything, another one for each k."""
    rng, pose = np.random.default_rng(k), standing()
    if k % 4 == 0:  # from behind
        pose[:, 0] = 1 - pose[:, 0]
    if k % 4 == 1:  # from the side
        pose[:, 0] = 0.5 + 0.1 * (pose[:, 0] - 0.5)
    for side in ("left", "right"):
        shoulder = pose[INDEX[f"{side}_shoulder"]]
        angle = rng.uniform(-np.pi, np.pi) if k % 4 > 1 else [np.pi / 2, -np.pi / 2][k % 3 % 2]
        for name, length in (("elbow", 0.11), ("wrist", 0.22), ("index", 0.25), ("pinky", 0.25), ("thumb", 0.24)):
            pose[INDEX[f"{side}_{name}"]] = shoulder + length * np.array([1.6 * np.cos(angle), np.sin(angle)])
    if k % 3 == 0:
        for name in ("ankle", "heel", "foot_index", "knee"):
            pose[INDEX[f"left_{name}"]] -= (0, 0.18)
    if k % 5 == 0:
        pose[:25, 1] += 0.12
    if k % 7 == 0:
        pose[[INDEX[f"{side}_wrist"] for side in ("left", "right")]] = (0.8, 0.3), (0.2, 0.3)
    return pose.clip(0.02, 0.98)


def film(change=lambda k, one: one, n=40, **facts):
    """Observations of 20 s with one dancer before a camera that stands still; ``change`` changes each."""
    return [change(k, Observation(k / 2, (person(dancing(k), **facts),))) for k in range(n)]


FILE = FilmFile(Path("film.mp4"), 20.0, 720, 1280, 30.0)


def report(observations, file=FILE, sound=Sound("beat", 120.0), **options):  # noqa: B008
    return judge(file, observations, sound, **options)


def people(*some):
    return lambda k, one: replace(one, people=tuple(some) + one.people)


def test_a_good_film_is_good():
    found = report(film())
    assert (found.verdict, found.faults, found.advice) == ("good", (), "")
    facts = found.facts
    assert facts.seen == 1 and facts.seconds_seen == 20 and facts.scene == (0, 20) and facts.n_scenes == 1
    assert facts.camera == "still" and not facts.cut_off and not facts.missing and facts.n_poses > 20
    assert "good. 20 s of 720 x 1280; whole body" in film_check.describe(found)


STRANGER = person(moved(standing(), 0.3), colour=(200.0, 90.0, 90.0))
SMALL = person(0.1 * standing() + (0.45, 0.4))
BIRD = replace(person(), visibility=np.full(33, 0.3), fit=0.4)


def gone(k, one):
    return replace(one, people=()) if 10 <= k < 20 else one


def posed(change):
    return lambda k, one: replace(one, people=(person(change(one.people[0].landmarks)),))


def link(linked):
    return lambda k, one: replace(one, link=linked(k) or Link())


@pytest.mark.parametrize(
    "change, verdict, words",
    [
        (lambda k, one: replace(one, people=()), "unusable", "nobody is recognised"),
        (lambda k, one: replace(one, people=(BIRD,)), "unusable", "taken for a person in 100%"),
        (lambda k, one: one if k % 8 == 0 else replace(one, people=()), "unusable", "taken for a person in 12%"),
        (people(STRANGER), "usable", "other people in 100% of the pictures"),
        (people(BIRD), "good", ""),
        (gone, "usable", "out of the picture, or not recognised, 25% of the time"),
        (lambda k, one: one if k < 8 else replace(one, people=()), "usable", "only 4 s"),
        (lambda k, one: one if k < 5 else replace(one, people=()), "unusable", "2.5 s"),
        (posed(lambda pose: 1 - pose), "unusable", "upside down"),
        (posed(lambda pose: pose[:, ::-1].copy()), "unusable", "lies on the side"),
        (posed(lambda pose: moved(pose, dy=0.2)), "usable", "feet in 100%"),
        (posed(lambda pose: moved(pose, dy=-0.6)), "unusable", "cut off: head in 100%"),
        (posed(lambda pose: moved(pose, dy=0.5)), "unusable", "hips in 100%"),
        (posed(lambda pose: 0.2 * pose + 0.4), "usable", "pixels tall"),
        (posed(lambda pose: 0.02 * pose + 0.4), "unusable", "pixels tall"),
        (posed(lambda pose: standing()), "unusable", "hardly shows more than one pose"),
        (link(lambda k: Link(True, 0.02)), "usable", "the camera moves"),
        (link(lambda k: k == 10 and Link(False)), "usable", "2 scenes; the longest is used, 5.0 to 20.0 s"),
        (lambda k, one: replace(one, damaged=k % 4 == 0), "usable", "25% of the pictures are damaged"),
        (lambda k, one: replace(one, damaged=k % 4 > 0), "unusable", "75% of the pictures are damaged"),
        (lambda k, one: replace(one, people=(replace(one.people[0], light=10),)), "unusable", "nearly black"),
        (lambda k, one: replace(one, people=(replace(one.people[0], light=40),)), "usable", "is dark"),
        (lambda k, one: replace(one, light=220, people=(replace(one.people[0], light=70),)), "usable", "from behind"),
        (lambda k, one: replace(one, people=(replace(one.people[0], glare=0.4),)), "usable", "too bright"),
        (lambda k, one: replace(one, people=(replace(one.people[0], sharpness=0.1),)), "usable", "blurred"),
    ],
)
def test_what_is_wrong_with_the_pictures(change, verdict, words):
    found = report(film(change))
    assert found.verdict == verdict and words in film_check.describe(found)
    assert (found.advice == "") == (verdict == "good") and found.advice in film_check.describe(found)


@pytest.mark.parametrize(
    "file, verdict, words",
    [
        ({"fps": 8.0}, "usable", "8 pictures a second"), ({"fps": 25.0}, "good", ""),
        ({"interlaced": True}, "usable", "interlaced"), ({"hdr": True}, "good", "HDR"),
        ({"whole_until": 12.0}, "usable", "breaks off after about 12 of 20 s; what is whole is used"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_file(file, verdict, words):
    found = report(film(), replace(FILE, **file))
    assert found.verdict == verdict and words in film_check.describe(found)


@pytest.mark.parametrize("kind, words", [("none", "no sound"), ("silent", "is silent"), ("no beat", "no beat is")])
def test_sound_is_no_fault_for_pictures(kind, words):
    found = report(film(), sound=Sound(kind))
    assert found.verdict == "good" and words in film_check.describe(found) and "music" in found.advice


def test_the_heaviest_fault_gives_verdict_and_advice():
    found = report(film(posed(lambda pose: 1 - pose)), replace(FILE, interlaced=True), Sound("none"))
    assert [fault.weight for fault in found.faults] == sorted((fault.weight for fault in found.faults), reverse=True)
    assert found.verdict == "unusable" and "half a turn" in found.advice


def test_what_is_never_shown_is_named():
    poses = [standing() for _ in range(20)]
    facts = report([Observation(k / 2, (person(pose),)) for k, pose in enumerate(poses)]).facts
    assert set(facts.missing) == {
        "arms never above the head", "arms never stretched out to the sides", "never seen from the side",
        "never seen from behind", "knees never bent", "no foot ever lifted",
    }  # fmt: skip
    for k in (1, 2):
        poses[k][INDEX["left_wrist"]] = (0.6, 0.1)
        poses[k + 2][:, 0] = 0.5 + 0.1 * (poses[k + 2][:, 0] - 0.5)
        poses[k + 4][:, 0] = 1 - poses[k + 4][:, 0]
        poses[k + 6][INDEX["right_ankle"], 1] -= 0.2
        poses[k + 8][:25, 1] += 0.1
        poses[k + 10][INDEX["right_wrist"]] = poses[k + 10][INDEX["right_shoulder"]] - (0.4, 0)
    assert report([Observation(k / 2, (person(pose),)) for k, pose in enumerate(poses)]).facts.missing == ()


def test_a_hand_outside_the_picture_shows_nothing():
    pose = standing()
    pose[INDEX["left_wrist"]] = (0.6, -0.1)
    facts = report([Observation(k / 2, (person(pose),)) for k in range(20)]).facts
    assert "arms never above the head" in facts.missing and facts.cut_off == {"hands": 1.0}


def test_two_people_who_cross_are_told_apart_by_their_clothes():
    def both(k):
        red = person(moved(standing(), -0.3 + 0.02 * k), colour=(120.0, 180.0, 150.0))
        blue = person(0.9 * moved(standing(), 0.3 - 0.02 * k), colour=(90.0, 120.0, 60.0))
        return Observation(k / 2, (red, blue) if k % 2 else (blue, red))

    observations = [both(k) for k in range(31)]
    colours = [one.colour for one in film_facts.follow(observations)]
    assert set(colours) == {(120.0, 180.0, 150.0)}  # the larger one
    chosen = film_facts.follow(observations, at=(0.8, 0.5))
    assert {one.colour for one in chosen} == {(90.0, 120.0, 60.0)}


def test_the_same_one_is_followed_after_an_absence_and_a_passer_by_is_not():
    def street(k, one):
        dancer = () if 10 <= k < 16 else one.people
        passer = (person(moved(standing(), -0.1), colour=(30.0, 128.0, 128.0)),) if 8 <= k < 18 else ()
        return replace(one, people=passer + dancer)

    followed = film_facts.follow(film(street))
    assert [k for k, one in enumerate(followed) if one is None] == list(range(10, 16))
    assert {one.colour for one in followed if one} == {(128.0, 128.0, 128.0)}


def side_by_side(k, one):
    large, small = person(moved(standing(), -0.2)), person(0.5 * standing() + (0.4, 0.2), colour=(90.0, 90.0, 60.0))
    return replace(one, people=(large, small))


def test_whose_places_are_known_is_followed_though_another_is_larger():
    found = report(film(side_by_side), at=(0.65, 0.5))
    assert found.track.shape == (40, 3) and np.ptp(found.track[:, 1:], axis=0).max() == 0
    assert film_facts.follow(film(side_by_side))[0].box[0] < 0.2
    followed = film_facts.follow(film(side_by_side, n=10), known=found.track[:20])
    assert len(followed) == 10 and {one.colour for one in followed} == {(90.0, 90.0, 60.0)}


def test_nobody_is_followed_where_nobody_was_known_to_be():
    elsewhere = np.array([(k / 2, 0.95, 0.05) for k in range(40)])
    assert film_facts.follow(film(side_by_side), known=elsewhere) == [None] * 40
    assert report(film(lambda k, one: replace(one, people=()))).track is None


@pytest.mark.parametrize("at", [(2, 0.5), (-0.1, 0.5), (0.5,), (0.1, 0.2, 0.3), (np.nan, 0.5)])
def test_a_place_outside_the_picture_is_refused(at):
    with pytest.raises(InputError, match="at="):
        film_check.check_film("none.mp4", at=at)


def test_the_scene_with_the_person_in_it_is_used():
    def title(k, one):
        cut = Link(False) if k == 25 else Link()
        return replace(one, link=cut, people=() if k < 25 else one.people)

    facts = report(film(title)).facts
    assert facts.scene == (12.5, 20) and facts.seen == 1 and facts.seconds_seen == 7.5


def test_a_camera_of_which_nothing_tells_is_unknown():
    assert report(film(link(lambda k: Link(True, np.nan)))).facts.camera == "unknown"
