"""Films of one person -> a dancer who can be painted in any pose; a network is trained only where that is asked for.

    check the films (``data.film_check``) -> find her in every picture (``data.extract_film``) -> camera, plate, key
    frames (``images.filmed_person``) -> a folder (``dancers``) with a portrait and a few seconds of a dance

All is made in a hidden folder beside the dancer's, which takes its name when it is whole. What takes long is kept
there, so the same call goes on where a stopped one was. ``train_repair`` trains what mends her warped pictures, from
frames of the films that ``learn(train=True)`` keeps in another hidden folder.

Notebook: 08_song_to_video.ipynb
"""

import os
import shutil
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from dancing_utils import FPS, HEIGHT, WIDTH, InputError, __version__, dancers, generate
from dancing_utils.audio.hearing import hear
from dancing_utils.data import dataset, film_check, media
from dancing_utils.data.film_judging import FilmReport
from dancing_utils.data.films import Film, find_videos, identify
from dancing_utils.data.footage import Footage, open_footage
from dancing_utils.data.framing import window_around
from dancing_utils.data.many_films import Task, extract_films
from dancing_utils.files import REPAIR_BASE, SAMPLE, SHIPPED, make_folder
from dancing_utils.images import film_frames, filmed_person, key_frames
from dancing_utils.images.boxes import box_shape
from dancing_utils.motion import lstm_vae
from dancing_utils.pose.body import measure_body
from dancing_utils.pose.landmarks import to_pixels
from dancing_utils.pose.retarget import floor_of
from dancing_utils.stderr import shown_stderr

LARGEST = 2.0  # times 640 x 360: the size of the pictures of which key frames are cut, if the film is so large
SMOOTH_HZ = 8.0  # the landmarks' jitter above this frequency is not motion, and would misplace parts
ANOTHER_ROOM = 6  # grey levels, in the mean, by which the room of a film that is trained on may differ from the plate
PREVIEW_SECONDS = 8
PREVIEW_SONG = SAMPLE / "songs" / "held_out_1.mp3"


def learn(
    paths: list[str | Path], name: str, *, folder: str | Path | None = None, at: tuple[float, float] | None = None,
    anyway: bool = False, again: bool = False, train: bool = False, workers: int = 1, scheduler: str | None = None,
    progress: bool = True,
) -> dancers.Dancer:  # fmt: skip
    """Learn a dancer from films, and from all films in folders.

    All films must show the same person in the same clothes. The room is that of the film in which she is seen longest.

    Parameters
    ----------
    name : letters, digits, - and _.
    folder : of dancers; None: ./dancers.
    at : who is followed in each film, as in ``film_check.check_film``.
    anyway : use films that the check calls unusable, too.
    again : learn a dancer anew who is there already; the old one stays until the new one is whole.
    train : keep frames of the films for ``train_repair``, and call it.
    workers, scheduler : processes that find her in a film each: see ``many_films.extract_films``.

    Raises
    ------
    InputError
        If the name cannot be taken, no film is usable, or nobody can be cut out of them.
    """
    place = dancers.places(folder)[0]
    final = place / dancers.check_name(name, place)
    if final.exists() and not again:
        going_on = f", or go on training with `dance train gan --dancer {name}`" if train else ""
        raise InputError(f"{final} is there already: take another name, learn her anew with --again{going_on}")
    settings = {"fit": "person", "smooth_hz": SMOOTH_HZ, **({} if at is None else {"at": tuple(at)})}
    films = _different(find_videos(paths), settings)
    work = make_folder(place / f".{name}.learning")
    reports = {film: report for film in films if (report := _checked(film, at, anyway)) is not None}
    if not reports:
        raise InputError("no film is usable: do what would help most and film again, or go on with --anyway")
    seen = _find_her(reports, work, settings, progress, {"workers": workers, "scheduler": scheduler})
    people = [_cut_out(one, progress) for one in seen.values()]
    made = make_folder(work / "dancer")
    longest = max(people, key=lambda one: np.isfinite(one.poses).all((1, 2)).sum())
    frames, quality, places = together(people, longest)
    _write(made, name, seen, longest, (frames, quality), settings | {"anyway": anyway})
    _preview(made, name)
    if train:
        frames_of_film = make_folder(work / "film")
        film_frames.save(frames_of_film / film_frames.FILE_NAME, _frames_to_train_on(seen, people, longest, places))
    _put_in_place(made, final)
    kept = dancers.film_folder(final)
    shutil.rmtree(kept, ignore_errors=True)  # of who was there before
    if train:
        frames_of_film.rename(kept)
    shutil.rmtree(work)
    if train:
        train_repair(name, folder=folder, progress=progress)
    return dancers.read(final)


def _different(videos: list[Path], settings: dict) -> list[Film]:
    """The films, each content once."""
    films: dict[str, Film] = {}
    for video in videos:
        try:
            film = identify(video, settings)
        except (InputError, OSError) as error:
            print(f"{video} cannot be read ({getattr(error, 'strerror', None) or error}) and is left out", flush=True)
            continue
        films.setdefault(film.content, film)
    return [*films.values()]


def _checked(film: Film, at, anyway: bool) -> FilmReport | None:
    """The check's report, if the film can be used."""
    report = film_check.check_film(film.path, at=at)
    print(film_check.describe(report), flush=True)
    usable = report.verdict != "unusable" or (anyway and report.facts is not None)
    if not usable:
        print(f"  {film.path.name} is left out", flush=True)
    return report if usable else None


def _find_her(reports: dict[Film, FilmReport], work: Path, settings: dict, progress: bool, how: dict) -> dict:
    """What is found in each film that can be used; part files are kept for a run that is stopped."""
    parts = {film: work / f"{film.identity}.h5" for film in reports}
    tasks = [
        Task(film, media.probe(film.path), parts[film], settings, window_around(report), report.track)
        for film, report in reports.items() if dataset.validate(parts[film])  # not there, or damaged
    ]  # fmt: skip
    for task in tasks:
        print(f"  of {task.film.path.name} is taken: {in_words(task.window)}", flush=True)
    failed = {}
    with _bar(sum(task.info.n_frames for task in tasks), "finding her", progress) as bar:
        for outcome in extract_films(tasks, tick=bar.update, **how):
            if outcome.error is not None:
                failed[outcome.task.film] = outcome.error
    for film, error in failed.items():
        print(f"  {film.path.name} is left out: {error}", flush=True)
    if len(failed) == len(reports):
        raise InputError(f"no film is usable: {next(iter(failed.values()))}")
    return {film: open_footage(film.path, parts[film], scene=report.facts.scene)
            for film, report in reports.items() if film not in failed}  # fmt: skip


def in_words(window: media.Window) -> str:
    """A window's size and place, for a person."""
    left, top, width, height = (round(value) for value in window)
    return f"{width} x {height} pixels, from {left} on across and {top} on down"


def _size(found: Footage) -> tuple[int, int]:
    """Rows and columns, shaped like 640 x 360, at which a film keeps its own detail, up to ``LARGEST``."""
    scale = float(np.clip(found.clip.attributes["window"][3] / HEIGHT, 1.0, LARGEST))
    return round(HEIGHT * scale), round(WIDTH * scale)


def _cut_out(found: Footage, progress: bool) -> filmed_person.FilmedPerson:
    with _bar(3 * len(found), f"cutting her out of {found.film.name}", progress) as bar:

        def film(size):
            for one in found.pictures(size):
                yield one
                bar.update()

        return filmed_person.learn(film, found.poses, found.visibility, found.depth, size=_size(found))


def _bar(n: int, what: str, progress: bool) -> tqdm:
    return tqdm(total=n, desc=what[:40], unit="frame", disable=not progress, file=shown_stderr)


def _write(
    folder: Path, name: str, seen: dict[Film, Footage], longest: filmed_person.FilmedPerson, found: tuple,
    settings: dict,
) -> None:  # fmt: skip
    """All files of a dancer but the preview; ``found``: her key frames and their quality."""
    (frames, quality), plate = found, longest.plate.picture
    key_frames.save(folder / dancers.KEY_FRAMES, frames)
    dancers.write_plate(folder / dancers.PLATE, plate)
    body = measure_body(longest.poses)
    floor = floor_of(longest.poses)
    painter = dancers.WarpPainter(frames, plate, body, floor)
    dancers.write_jpeg(folder / dancers.PORTRAIT, Image.fromarray(painter.portrait()))
    dancers.write_about(
        folder, name=name, quality=float(np.median(quality)), body=body, floor=floor, made=date.today().isoformat(),
        films=[{"file": film.path.name, "seconds": round(len(one) / FPS, 2), "content": film.content}
               for film, one in seen.items()],
        settings=settings, versions={"dancing-project": __version__, "mediapipe": version("mediapipe")},
    )  # fmt: skip


def together(
    people: list[filmed_person.FilmedPerson], longest: filmed_person.FilmedPerson
) -> tuple[key_frames.KeyFrames, np.ndarray, np.ndarray]:
    """Key frames of one person in several films, the best of all of them, and of each its quality (K,), and where it
    is from (K, 2): the film's number and its own in it."""
    quality = [one.quality[one.chosen] for one in people]
    places = np.concatenate([[(i, k) for k in one.chosen] for i, one in enumerate(people)])
    if len(people) == 1:
        return longest.frames, quality[0], places
    figure = longest.frames.figure
    frames = [one.frames for one in people]
    poses, quality = np.concatenate([one.poses for one in frames]), np.concatenate(quality)
    best = key_frames.choose(poses, quality, figure)
    pictures, masks = ([one for some in frames for one in getattr(some, what)] for what in ("pictures", "masks"))
    arrays = {what: np.concatenate([getattr(one, what) for one in frames])[best] for what in key_frames.KINDS}
    return key_frames.KeyFrames(
        pictures=[pictures[k] for k in best], masks=[masks[k] for k in best], figure=figure, **arrays
    ), quality[best], places[best]  # fmt: skip


def _frames_to_train_on(
    seen: dict[Film, Footage], people: list, longest: filmed_person.FilmedPerson, places: np.ndarray
) -> film_frames.FilmFrames:
    """Frames of all films that were filmed in the dancer's room; the number of a frame counts on through the films."""
    plate, starts = longest.plate.picture, np.cumsum([0, *(len(one.poses) + film_frames.APART for one in people[:-1])])
    alike = [_difference(one.plate.picture, plate) < ANOTHER_ROOM for one in people]
    good = [np.isfinite(one.poses).all((1, 2)) & (one.quality > 0) & same
            for one, same in zip(people, alike, strict=True)]  # fmt: skip
    chosen = film_frames.choose(np.concatenate(good))
    own = np.split(chosen, np.searchsorted(chosen, np.cumsum([len(one) for one in good])[:-1]))
    own = [some - before for some, before in zip(own, np.cumsum([0, *map(len, good[:-1])]), strict=True)]
    poses = np.concatenate([one.poses[some] for one, some in zip(people, own, strict=True)])
    shape, parts = box_shape(to_pixels(poses)), []
    for footage, person, some in zip(seen.values(), people, own, strict=True):
        if len(some):
            film = (picture for picture, _ in footage.pictures())
            parts.append(film_frames.cut(film, person.path.to_plate, person.poses, some, shape, plate))
    pictures, corners = map(np.concatenate, zip(*parts, strict=True))
    depth = np.concatenate([one.depth[some] for one, some in zip(seen.values(), own, strict=True)])
    numbers = np.concatenate([start + some for start, some in zip(starts, own, strict=True)])
    return film_frames.FilmFrames(pictures, corners, poses, depth, numbers, starts[places[:, 0]] + places[:, 1])


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.int16) - b).mean())


def train_repair(
    name: str, *, folder: str | Path | None = None, settings=None, fresh: bool = False, progress: bool = True
) -> Path:
    """Train what mends a dancer's warped pictures; returns its file, in her folder.

    It goes on from the sample's base model where that is there, and a stopped training from its last whole epoch.
    ``settings`` : a ``RepairSettings``; None for the usual ones.

    Raises
    ------
    InputError
        If there is no such dancer, or no frames of her films were kept.
    """
    from dancing_utils.images import repair_training  # and with it TensorFlow, which takes seconds

    her = dancers.find(name, folder).folder
    kept = dancers.film_folder(her)
    if not (kept / film_frames.FILE_NAME).is_file():
        again = f"`dance learn FILM --name {name} --again --train` keeps some"
        raise InputError(f"no frames of the films of {name} were kept to train on: {again}")
    frames, painter = film_frames.load(kept / film_frames.FILE_NAME), dancers.open_painter(her, repair=False)
    pairs = film_frames.make_pairs(frames, painter.warper, progress=progress)
    base = REPAIR_BASE if REPAIR_BASE.is_file() else None
    repair_training.train(
        pairs, kept, settings, made_for=dancers.fingerprint(her), start_from=base, resume=not fresh, progress=progress
    )
    made = her / dancers.REPAIR
    shutil.copyfile(kept / repair_training.FILE_NAME, made)
    return made


def _preview(folder: Path, name: str) -> None:
    """A few seconds of a dance to a song of the sample, where that is there."""
    if not (SHIPPED["vae"].is_file() and PREVIEW_SONG.is_file()):
        return
    n = PREVIEW_SECONDS * generate.SOUND_RATE
    sound = media.read_audio(PREVIEW_SONG, sample_rate=generate.SOUND_RATE)[:n]
    model, painter = lstm_vae.load(SHIPPED["vae"]), dancers.open_painter(folder)
    waveform = media.read_audio(PREVIEW_SONG)[: n // 2]
    dance, _ = generate.fit_to_painter(generate.song_to_dance(model, hear(waveform).features), painter)
    pictures = painter.paint(dance.poses, depth=dance.depth)
    generate.write_video(folder / dancers.PREVIEW, pictures, sound, comment=generate.synthetic(name))


def _put_in_place(made: Path, final: Path) -> None:
    """Give a whole folder its name; who was there before goes only then."""
    old = final.with_name(f".{final.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        os.replace(final, old)
    os.replace(made, final)
    shutil.rmtree(old, ignore_errors=True)
