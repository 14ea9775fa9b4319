"""The studio's commands: ``python -m data_sample.studio --help``."""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm import tqdm

from dancing_utils import InputError
from dancing_utils.evaluation import truth
from dancing_utils.pose.landmarks import MAIN_JOINTS, to_pixels

from . import corpus, figures, landmark_map, naming, shipped, songs
from .choreography import choreograph
from .clips import CLIPS, SAMPLE, Spec, further_clips, is_finished, render_clip, write_song
from .skeleton import Skeleton


def render(specs: tuple[Spec, ...], folder: Path, workers: int, force: bool, only: str) -> None:
    """Render the clips that are not there yet (``force``: all) and write the held-out songs; a stopped run goes on."""
    wanted = [spec for spec in specs if only in spec.name]
    if not wanted:
        raise SystemExit(f"no clip's name holds {only!r}: they are {', '.join(spec.name for spec in specs)}")
    missing = [spec for spec in wanted if force or not is_finished(spec, folder)]
    bar = tqdm(total=len(wanted), initial=len(wanted) - len(missing))
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool, bar:
        jobs = {pool.submit(render_clip, spec, folder): spec for spec in missing}
        for job in as_completed(jobs):
            bar.write(str(job.result()))
            bar.update()
    for spec in wanted:
        if spec.folder == "held_out":
            write_song(spec, folder)


def print_figures(n_songs: int) -> None:
    """How the sample's dancers and those of ``n_songs`` songs of the corpus move, beside real ones."""
    columns = {
        "clips": [_figures_of(songs.compose(spec.seed, style=spec.style), spec.dancer) for spec in CLIPS],
        "corpus": [_figures_of(corpus.compose_song(number), "ada") for number in corpus.numbers_of(n_songs)],
    }
    texts = [figures.as_text(measured) for measured in columns.values()]
    print("\t".join(["figure", "man", "woman", "solo", *columns]))
    for figure, real in figures.REAL.items():
        print("\t".join([figure, *real, *(text[figure] for text in texts)]))


def _figures_of(song: songs.Song, dancer: str) -> dict:
    dance, rig = choreograph(song), Skeleton(dancer)
    points = rig.points(rig.pose(dance.controls))
    return figures.measure(points, list(rig.point_names), dance.contact, dance.sliding, song.beats)


def ask_viewers(folder: Path, answers: list[Path] | None) -> None:
    """Draw the moves for viewers to name, or say what each viewer called otherwise."""
    key = folder / "key.csv"
    if not answers:
        return print(f"{naming.write(folder)} is the key: keep it from the viewers")
    for path in answers:
        wrong = naming.score(path, key)
        print(f"{path}: {naming.N_MOVES - len(wrong)} of {naming.N_MOVES} right")
        for name, called in wrong:
            print(f"  {name} was called {called}")


def fit_map(folder: Path) -> None:
    """Fit the landmark map on the training clips as MediaPipe sees them, and say how far it is off on every clip."""
    specs = [spec for spec in CLIPS if is_finished(spec, folder)]
    training = [spec for spec in specs if spec.folder == "clips"]
    if not training:
        raise InputError(f"{folder} holds no training clips of this edition: render them with `clips -o {folder}`")
    known = {spec: truth.load(folder / "truth" / f"{spec.name}.npz") for spec in specs}
    seen = {spec: landmark_map.look(folder / spec.folder / f"{spec.name}.mp4") for spec in tqdm(specs)}
    depths = {spec: known[spec].depth_of_points for spec in specs}

    def joined(parts):
        return np.concatenate([parts[spec] for spec in training])

    weights = landmark_map.fit(joined({s: known[s].points_2d for s in specs}), joined({s: seen[s][0] for s in specs}))
    depth_weights = landmark_map.fit_depth(joined(depths), joined({s: seen[s][1] for s in specs}))
    landmark_map.save(weights, depth_weights, known[training[0]].point_names)
    for spec in specs:
        poses, depth = seen[spec]
        mapped = landmark_map.apply(known[spec].points_2d, weights)
        off = np.linalg.norm(to_pixels(mapped) - to_pixels(poses), axis=-1)  # (T, 33)
        behind = 100 * np.abs(depths[spec] @ depth_weights.T - depth)
        main = list(MAIN_JOINTS)
        print(f"{spec.name}: {np.nanmean(off):.1f} pixels and {np.nanmean(behind):.1f} cm of depth over all landmarks, "
              f"{np.nanmean(off[:, main]):.1f} and {np.nanmean(behind[:, main]):.1f} over the main joints, "
              f"whose depth varies by {_spread(depth[:, main]):.1f} cm")  # fmt: skip


def _spread(depth) -> float:
    return float(100 * np.nanmean(np.nanstd(depth, axis=0)))


def main() -> None:
    """Run the command; an expected error is one line."""
    try:
        _run(_parser().parse_args())
    except (InputError, OSError) as error:
        sys.exit(f"studio: {error}")


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} must be 1 or more")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data_sample.studio", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    clips = commands.add_parser("clips", help="render the clips and write their truth")
    clips.add_argument("-o", "--output", type=Path, default=SAMPLE, help="folder for clips and truth")
    dancers = commands.add_parser("dancers", help="render clips of further dancers, who are not in the sample")
    dancers.add_argument("-o", "--output", type=Path, required=True, help="folder for clips and truth")
    dancers.add_argument("--clips", type=_positive, default=1, help="how many of each dancer, 20 s each (1)")
    for each in (clips, dancers):
        each.add_argument("--workers", type=_positive, default=os.cpu_count(), help="clips rendered at a time")
        each.add_argument("--force", action="store_true", help="render again what is there")
        each.add_argument("--only", default="", help="part of a clip's name")
    table = commands.add_parser("figures", help="how the dancers move, beside real dancers' figures")
    table.add_argument("--songs", type=_positive, default=120, help="how many of the corpus (120)")
    strips = commands.add_parser("naming", help="moves as strips of stick figures, for viewers to name")
    strips.add_argument("-o", "--output", type=Path, required=True, help="folder for the strips, the names and the key")
    strips.add_argument("--answers", type=Path, nargs="*", help="viewers' `number,name` lines: how many are right?")
    mapping = commands.add_parser("fit", help="fit the map from the rig's points to MediaPipe's landmarks")
    mapping.add_argument("--clips", type=Path, default=SAMPLE, help="folder with clips/ and truth/")
    ready = commands.add_parser("shipped", help="make the dancers that come with the course: data_sample/dancers")
    ready.add_argument("name", choices=sorted(shipped.FILMS), help="who")
    more = commands.add_parser("corpus", help="songs and dances without pictures, as HDF5 groups")
    more.add_argument("-o", "--output", type=Path, required=True, help="the HDF5 file to write")
    more.add_argument("--songs", type=_positive, default=120, help="how many (120)")
    more.add_argument("--workers", type=_positive, default=os.cpu_count(), help="songs made at a time")
    return parser


def _run(options: argparse.Namespace) -> None:
    if options.command in ("clips", "dancers"):
        specs = CLIPS if options.command == "clips" else further_clips(options.clips)
        render(specs, options.output, options.workers, options.force, options.only)
    elif options.command == "figures":
        print_figures(options.songs)
    elif options.command == "naming":
        ask_viewers(options.output, options.answers)
    elif options.command == "shipped":
        print(shipped.write(options.name))
    elif options.command == "fit":
        fit_map(options.clips)
    else:
        if options.output.is_dir():
            raise InputError(f"{options.output} is a folder: give a file, such as {options.output / 'corpus.h5'}")
        print(corpus.write(options.output, options.songs, workers=options.workers))


if __name__ == "__main__":
    main()
