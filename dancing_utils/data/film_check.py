"""What the course thinks of a film before any time is spent on it: good, usable or unusable, and what would help most.

``check_film`` looks at pictures spread over the film, ``describe`` says the report in a line, ``draw`` shows it.
Whatever the file is, there is a report: a file that cannot be read is unusable, and the report says why.

Notebook: 01_extract_data.ipynb
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np

from dancing_utils import SAMPLE_RATE, InputError
from dancing_utils.audio.hearing import hear
from dancing_utils.data import media
from dancing_utils.data.camera_motion import Link, Surroundings, link
from dancing_utils.data.film_facts import FilmFile, check_place
from dancing_utils.data.film_judging import FilmReport, Sound, is_anybody, judge, refuse
from dancing_utils.data.film_observation import Observation, Person, observe
from dancing_utils.data.film_sampling import DECODED, FilmSampler
from dancing_utils.pose.detector import MOST_PEOPLE, PoseDetector
from dancing_utils.pose.landmarks import CONNECTIONS, LANDMARK_NAMES, to_pixels

HEARD = 40.0  # seconds of sound from the middle of the film
CLOSE = 0.05  # seconds between two pictures of different places, from which it was a cut and no fast movement
HDR_TRANSFERS = (16, 18)  # PQ and HLG, as H.273 numbers them

COLUMNS, ROWS, GAP, CAPTION = 4, 2, 8, 26  # of the picture: sampled frames, white between them, text above
LEFT, RIGHT, MIDDLE, BODY = (0, 114, 178), (213, 94, 0), (0, 0, 0), (0, 158, 115)  # Okabe and Ito
FONT = cv2.FONT_HERSHEY_SIMPLEX


def check_film(
    path: str | Path, *, at: tuple[float, float] | None = None, model: str | Path | None = None
) -> FilmReport:  # fmt: skip
    """The report on a film, by sampling: at most 120 pictures, and 40 s of sound.

    Parameters
    ----------
    at : (x, y) in units of the picture, 0 to 1: where the person to follow stands when somebody is first seen. None:
        the one who is largest over all.
    model : path of the pose model file; None looks for it (``model_file.find_model``).

    Raises
    ------
    InputError
        If ``at`` is no place in a picture, or there is no pose model. Not for a bad film: that is a report.
    """
    check_place(at)
    with PoseDetector(model=model, most=MOST_PEOPLE, masks=True) as detector:
        try:
            with FilmSampler(path) as sampler:
                observations = _look(sampler, detector)
                file = _file(sampler)
        except (InputError, av.error.FFmpegError) as error:
            return refuse(path, str(error))
    if not observations:
        return refuse(path, f"not one picture of {path} can be decoded: copy or download it again")
    return judge(file, observations, _listen(file), at=at)


# --- pictures ------------------------------------------------------------------------------------------------------


def _look(sampler: FilmSampler, detector: PoseDetector) -> list[Observation]:
    """Sampled pictures, each linked to the one before."""
    observations: list[Observation] = []
    before = None
    for sample in sampler.spread():
        observation, around = observe(sample, detector)
        if before is not None:
            gap = (observations[-1].time, sample.time)
            damaged = sample.damaged or observations[-1].damaged  # grey blocks are no other place
            linked = Link(True, np.nan) if damaged else _link(sampler, detector, (before, around), gap)
            observation = replace(observation, link=linked)
        observations.append(observation)
        before = around
    return observations


def _link(
    sampler: FilmSampler, detector: PoseDetector, around: tuple[Surroundings, Surroundings], gap: tuple[float, float]
) -> Link:  # fmt: skip
    """How two samples hang together. Where they seem to show two places, pictures between them are looked at.

    A cut stays a cut however near the pictures are; what a moving camera shows becomes alike.
    """
    linked, (start, stop) = link(*around), gap
    if linked.same_scene or stop - start < CLOSE or sampler.decoded > 2 * DECODED:
        return linked
    sample = sampler.read((start + stop) / 2)
    if sample is None or not start < sample.time < stop:
        return linked
    _, between = observe(sample, detector)
    if not link(around[0], between).same_scene:
        found = _link(sampler, detector, (around[0], between), (start, sample.time))
    else:
        found = _link(sampler, detector, (between, around[1]), (sample.time, stop))
    return Link(True, 1.0) if found.same_scene else found  # it moved so far that nothing is left to compare


def _file(sampler: FilmSampler) -> FilmFile:
    info = sampler.info
    until = sampler.end if sampler.breaks_off else None
    return FilmFile(info.path, sampler.duration, info.width, info.height, info.fps, sampler.interlaced,
                    sampler.transfer in HDR_TRANSFERS, until)  # fmt: skip


# --- sound ---------------------------------------------------------------------------------------------------------


def _listen(file: FilmFile) -> Sound:
    """What is heard around the middle of a film."""
    try:
        waveform = read_sound(file.path, start=max(0.0, (file.whole_until or file.seconds) / 2 - HEARD / 2))
    except (InputError, av.error.FFmpegError):
        return Sound("none")
    return listen(waveform)


def read_sound(path: str | Path, *, start: float, seconds: float = HEARD) -> np.ndarray:
    """Mono float32 (n,) of a part of a file's sound, found by seeking; empty where there is none."""
    with media.open_media(path) as container:
        _, stream = media.first_streams(container)
        if stream is None:
            return np.zeros(0, np.float32)
        container.seek(round(start * av.time_base))
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        parts, n, form = [], 0, None
        for frame in media.decoded_frames(container, stream):
            form = form or media.form_of(frame)
            if media.form_of(frame) != form:
                break  # joined films: what was heard until here will do
            frame.pts = None
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
            n += frame.samples / frame.sample_rate
            if n >= seconds:
                break
    return np.concatenate([np.zeros(0, np.float32), *parts])


def listen(waveform: np.ndarray) -> Sound:
    """Is there sound, and has it a beat?"""
    if not len(waveform):
        return Sound("none")
    if np.abs(waveform).max() < media.SILENT:
        return Sound("silent")
    heard = hear(waveform)
    return Sound("beat", heard.tempo) if heard.has_beat else Sound("no beat")


# --- in words ------------------------------------------------------------------------------------------------------


def describe(report: FilmReport) -> str:
    """The report in one line: name, verdict, facts, what is wrong, and what would help most."""
    parts = [*_facts(report), *(fault.words for fault in report.faults)]
    line = f"{report.path.name}: {report.verdict}. {'; '.join(parts)}."
    return f"{line} What would help most: {report.advice}." if report.advice else line


def _facts(report: FilmReport) -> Iterator[str]:
    if report.facts is None:
        return
    file, facts, sound = report.file, report.facts, report.sound
    yield f"{file.seconds:.0f} s of {file.width} x {file.height}"
    if is_anybody(facts):
        whole = "whole body, " if not facts.cut_off else ""
        yield f"{whole}{facts.pixels:.0f} pixels tall, {facts.n_poses} different poses"
        yield {"still": "camera still", "moving": "camera moving", "unknown": "camera taken as still"}[facts.camera]
    if sound.kind == "beat":
        yield f"music at {sound.tempo:.0f} beats a minute"


# --- in a picture --------------------------------------------------------------------------------------------------


def draw(report: FilmReport) -> np.ndarray:
    """Eight sampled pictures with the person's mask and skeleton, under the verdict: (rows, columns, 3) uint8 RGB.

    The mask is green; her left side is blue, her right side orange. Other people are left as they are.
    """
    n = min(COLUMNS * ROWS, len(report.observations))
    chosen = np.linspace(0, len(report.observations) - 1, n).round().astype(int) if n else []
    tiles = [_tile(report.observations[k], report.followed[k]) for k in chosen]
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % COLUMNS) if tiles else []
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    width = rows[0].shape[1] if rows else 640
    but = ", but " if report.verdict == "good" else ": "
    words = [f"{report.verdict}{but}{report.faults[0].words}" if report.faults else report.verdict]
    words += [f"What would help most: {report.advice}"] if report.advice else []
    return np.vstack([*(_text(line, width) for line in words), *rows])


def _tile(observation: Observation, person: Person | None) -> np.ndarray:
    picture = observation.picture.copy()  # (rows, columns, 3)
    if person is not None:
        picture[person.mask] = (0.6 * picture[person.mask] + 0.4 * np.array(BODY)).astype(np.uint8)
        points = to_pixels(person.landmarks, height=picture.shape[0], width=picture.shape[1])
        points = points.clip(-1e4, 1e4).round().astype(int)
        for a, b in CONNECTIONS:
            cv2.line(picture, points[a].tolist(), points[b].tolist(), _side_colour(a, b), 2, cv2.LINE_AA)
    framed = np.full((picture.shape[0] + CAPTION, picture.shape[1] + GAP, 3), 255, np.uint8)
    framed[CAPTION:, : picture.shape[1]] = picture
    cv2.putText(framed, f"{observation.time:.1f} s", (4, CAPTION - 8), FONT, 0.5, MIDDLE, 1, cv2.LINE_AA)
    return framed


def _side_colour(a: int, b: int) -> tuple[int, int, int]:
    sides = [("left" in LANDMARK_NAMES[i], "right" in LANDMARK_NAMES[i]) for i in (a, b)]
    return LEFT if all(left for left, _ in sides) else RIGHT if all(right for _, right in sides) else MIDDLE


def _text(line: str, width: int) -> np.ndarray:
    """Words on white, in smaller letters where they would not fit."""
    strip = np.full((CAPTION, width, 3), 255, np.uint8)
    size = min(0.5, 0.5 * (width - 8) / max(1, cv2.getTextSize(line, FONT, 0.5, 1)[0][0]))
    cv2.putText(strip, line, (4, CAPTION - 8), FONT, size, MIDDLE, 1, cv2.LINE_AA)
    return strip
