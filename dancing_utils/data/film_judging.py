"""From a film's facts to a verdict: good, usable or unusable, and the one thing that would help most.

Nothing here reads a file: observations in, a report out. ``find_faults`` says what is wrong, in words for somebody who
films with a phone; ``judge`` puts the report together.

Notebook: 01_extract_data.ipynb
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dancing_utils.data.film_facts import FilmFacts, FilmFile, follow, measure, middle_of
from dancing_utils.data.film_observation import Observation, Person

UNUSABLE, USABLE, NOTE = 3, 2, 1  # how much a fault weighs
VERDICTS = {UNUSABLE: "unusable", USABLE: "usable", NOTE: "good"}
WISHES = {  # for what is missing
    "arms never above the head": "raise your arms above your head",
    "arms never stretched out to the sides": "stretch your arms out to the sides",
    "arms never hanging down": "let your arms hang for a while",
    "never seen from the side": "turn to the side",
    "never seen from behind": "turn your back to the phone",
    "knees never bent": "go down on bent knees",
    "no foot ever lifted": "lift your feet",
}


@dataclass(frozen=True)
class Sound:
    """What is heard in the film."""

    kind: str = "beat"  # none, silent, no beat, beat
    tempo: float = 0.0  # beats a minute


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it should be."""

    weight: int  # UNUSABLE, USABLE or NOTE
    words: str
    advice: str


@dataclass(frozen=True)
class FilmReport:
    """What the course thinks of a film."""

    path: Path
    verdict: str  # good, usable, unusable
    advice: str  # the one thing that would help most; empty where nothing is to be said
    faults: tuple[Fault, ...]  # the heaviest first
    file: FilmFile | None = None  # None where the file could not be read
    facts: FilmFacts | None = None
    sound: Sound | None = None
    observations: tuple[Observation, ...] = ()
    followed: tuple[Person | None, ...] = ()  # the person in each observation

    @property
    def track(self) -> np.ndarray | None:
        """(n, 3) seconds, x and y in units of the picture: where the person is in the scene that is used, if at all."""
        start, stop = self.facts.scene
        pairs = zip(self.observations, self.followed, strict=True)
        places = [(one.time, *middle_of(person)) for one, person in pairs if person and start <= one.time <= stop]
        return np.array(places) if places else None


def judge(
    file: FilmFile, observations: list[Observation], sound: Sound, *, at: tuple[float, float] | None = None
) -> FilmReport:  # fmt: skip
    """The report on a film from its sampled pictures; ``at`` as in ``follow``."""
    followed = follow(observations, at=at)
    facts = measure(file, observations, followed)
    faults = sorted(find_faults(file, facts, sound), key=lambda fault: -fault.weight)  # stable: heaviest first
    verdict = VERDICTS[faults[0].weight if faults else NOTE]
    faults = [fault for fault in faults if verdict != "unusable" or fault.weight > NOTE]
    advice = faults[0].advice if faults else ""
    return FilmReport(file.path, verdict, advice, tuple(faults), file, facts, sound, tuple(observations),
                      tuple(followed))  # fmt: skip


def refuse(path: str | Path, reason: str) -> FilmReport:
    """The report on a file that cannot be read at all."""
    advice = "copy or download the film again, or give another file"
    return FilmReport(Path(path), "unusable", advice, (Fault(UNUSABLE, reason.replace(str(path), "the file"), advice),))


# --- faults --------------------------------------------------------------------------------------------------------


def find_faults(file: FilmFile, facts: FilmFacts, sound: Sound) -> Iterator[Fault]:
    """All that is not as it should be; of two faults of one weight the one that would help more comes first."""
    yield from _damage(file, facts)
    if not is_anybody(facts):
        yield _nobody(facts)
    else:
        for find in (_framing, _presence, _camera_and_cuts, _light_and_sharpness, _poses):
            yield from find(facts)
    yield from _camera_settings(file)
    if is_anybody(facts):
        yield from _sound(sound)
        if facts.missing:
            wishes = "; ".join(WISHES[words] for words in facts.missing[:2])
            yield Fault(NOTE, ", ".join(facts.missing), f"for dances with more in them, {wishes}")


def is_anybody(facts: FilmFacts) -> bool:
    """Somebody is seen in a good part of the pictures, or at least in some that follow each other."""
    return facts.seen >= 0.2 or facts.longest_run >= 4


def _damage(file: FilmFile, facts: FilmFacts) -> Iterator[Fault]:
    if file.whole_until is not None:
        words = f"the file breaks off after about {file.whole_until:.0f} of {file.seconds:.0f} s; what is whole is used"
        yield Fault(USABLE, words, "copy or download the film again")
    if facts.damaged > 0.05:
        weight = UNUSABLE if facts.damaged > 0.5 else USABLE
        yield Fault(weight, f"{facts.damaged:.0%} of the pictures are damaged", "copy or download the film again")


def _nobody(facts: FilmFacts) -> Fault:
    words = "nobody is recognised in it"
    if facts.taken_for > 0.01:
        words += f" (something was taken for a person in {facts.taken_for:.0%} of the pictures)"
    return Fault(UNUSABLE, words, "film one person from head to feet, at least half as tall as the picture, in light")


def _framing(facts: FilmFacts) -> Iterator[Fault]:
    if facts.lean > 135:
        yield Fault(UNUSABLE, "the film is upside down", "turn the film by half a turn in the phone's gallery")
    elif facts.lean > 50:
        yield Fault(UNUSABLE, "the person lies on the side", "turn the film by a quarter turn in the phone's gallery")
    cut = {part: share for part, share in facts.cut_off.items() if share > 0.2}
    words = f"cut off: {', '.join(f'{part} in {share:.0%} of the pictures' for part, share in cut.items())}"
    if max(cut.get("head", 0), cut.get("hips", 0)) > 0.5:
        yield Fault(UNUSABLE, words, "go further away from the phone, so that you are in the picture from head to feet")
    elif cut:
        yield Fault(USABLE, words, "go further away from the phone, with room around raised arms and feet")
    if cut:
        return
    if facts.pixels < 120:
        yield Fault(UNUSABLE, f"the person is {facts.pixels:.0f} pixels tall", "film from nearer, the phone upright")
    elif facts.pixels < 300:
        yield Fault(USABLE, f"the person is only {facts.pixels:.0f} pixels tall", "film from nearer, the phone upright")


def _presence(facts: FilmFacts) -> Iterator[Fault]:
    long_enough = "film 20 to 30 s"
    if facts.seconds_seen < 3:
        yield Fault(UNUSABLE, f"the person is seen for {facts.seconds_seen:.1f} s", long_enough)
    elif facts.seconds_seen < 8:
        yield Fault(USABLE, f"the person is seen for only {facts.seconds_seen:.0f} s", long_enough)
    if facts.others > 0.1:
        x, y = facts.place
        words = f"other people in {facts.others:.0%} of the pictures; who is first at {x:.2f},{y:.2f} is followed"
        yield Fault(USABLE, words, "film one person alone, with no mirror behind")
    if facts.seen < 0.9:
        yield Fault(USABLE, f"out of the picture, or not recognised, {1 - facts.seen:.0%} of the time",
                    "stay in the picture all the time")  # fmt: skip


def _camera_and_cuts(facts: FilmFacts) -> Iterator[Fault]:
    if facts.n_scenes > 1:
        start, stop = facts.scene
        words = f"cut together from {facts.n_scenes} scenes; the longest is used, {start:.1f} to {stop:.1f} s"
        yield Fault(USABLE, words, "film in one go and do not cut")
    if facts.camera == "moving":
        yield Fault(USABLE, "the camera moves", "stand the phone on something, so that it does not move")


def _light_and_sharpness(facts: FilmFacts) -> Iterator[Fault]:
    light = "film by day or switch on all lamps, the light behind the phone"
    if facts.light < 25:
        yield Fault(UNUSABLE, "the person is nearly black", light)
    elif facts.light < 55:
        yield Fault(USABLE, "the person is dark", light)
    if facts.light >= 25 and facts.behind - facts.light > 100 and facts.light < 90:
        yield Fault(USABLE, "the light comes from behind the person", "turn around: the window behind the phone")
    if facts.glare > 0.25:
        yield Fault(USABLE, "the person is too bright", "less direct light, or tap on yourself on the screen")
    if facts.sharpness < 0.3:
        yield Fault(USABLE, "the person is blurred", "wipe the lens, more light, and let the phone focus on the person")


def _poses(facts: FilmFacts) -> Iterator[Fault]:
    dance = "dance, with arms, legs and turns"
    if facts.n_poses < 3:
        yield Fault(UNUSABLE, "it hardly shows more than one pose (a photo, a drawing, or somebody who stands)", dance)
    elif facts.n_poses < 5:
        yield Fault(USABLE, f"it shows only {facts.n_poses} different poses", dance)


def _camera_settings(file: FilmFile) -> Iterator[Fault]:
    if 0 < file.fps < 20:
        yield Fault(USABLE, f"{file.fps:.3g} pictures a second", "set the camera to 30 pictures a second")
    if file.interlaced:
        yield Fault(USABLE, "interlaced: each picture is two half pictures", "set the camera to 30p, not 50i or 60i")
    if file.hdr:
        yield Fault(NOTE, "HDR: colours may look pale", "switch off HDR video in the camera's settings")


def _sound(sound: Sound) -> Iterator[Fault]:
    words = {"none": "no sound", "silent": "the sound is silent", "no beat": "no beat is heard in the sound"}
    if sound.kind in words:
        yield Fault(NOTE, f"{words[sound.kind]}: pictures can be learned, motion cannot",
                    "let the music play aloud while you film, if the motion is to be learned, too")  # fmt: skip
