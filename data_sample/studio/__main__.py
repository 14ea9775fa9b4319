"""The studio's commands: ``python -m data_sample.studio --help``."""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from dancing_utils import InputError

from . import corpus, figures, landmark_map, songs
from .choreography import choreograph
from .clips import CLIPS, SAMPLE, is_finished, render_clip, write_song
from .skeleton import Skeleton


def render(folder: Path, workers: int, force: bool, only: str) -> None:
    """Render the clips that are not there yet (``force``: all) and write the held-out songs; a stopped run goes on."""
    wanted = [spec for spec in CLIPS if only in spec.name]
    if not wanted:
        raise SystemExit(f"no clip's name holds {only!r}: they are {', '.join(spec.name for spec in CLIPS)}")
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


def fit_map(extracted: Path, folder: Path) -> None:
    """Fit the landmark map on the training clips, and say how far it is off on the other clips."""
    import numpy as np

    from dancing_utils.data import dataset
    from dancing_utils.evaluation import truth
    from dancing_utils.pose.landmarks import MAIN_JOINTS, to_pixels

    clips = {Path(clip.source).stem: clip for clip in dataset.read_clips(extracted)}
    pairs = {}
    for spec in CLIPS:
        if spec.name in clips:
            known = truth.load(folder / "truth" / f"{spec.name}.npz")
            pairs[spec] = known.points_2d[: len(clips[spec.name].poses)], clips[spec.name].poses
    training = [pair for spec, pair in pairs.items() if spec.folder == "clips"]
    if not training:
        raise SystemExit(f"{extracted} holds none of the training clips: run `dance extract data_sample/clips`")
    weights = landmark_map.fit(*(np.concatenate(part) for part in zip(*training, strict=True)))
    landmark_map.save(weights, known.point_names)
    for spec, (points, poses) in pairs.items():
        off = np.linalg.norm(to_pixels(landmark_map.apply(points, weights)) - to_pixels(poses), axis=-1)  # (T, 33)
        print(f"{spec.name}: {np.nanmean(off):.1f} pixels over all landmarks, "
              f"{np.nanmean(off[:, list(MAIN_JOINTS)]):.1f} over the main joints")  # fmt: skip


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
    clips.add_argument("--workers", type=_positive, default=os.cpu_count(), help="clips rendered at a time")
    clips.add_argument("--force", action="store_true", help="render again what is there")
    clips.add_argument("--only", default="", help="part of a clip's name")
    table = commands.add_parser("figures", help="how the dancers move, beside real dancers' figures")
    table.add_argument("--songs", type=_positive, default=120, help="how many of the corpus (120)")
    mapping = commands.add_parser("fit", help="fit the map from the rig's points to MediaPipe's landmarks")
    mapping.add_argument("extracted", type=Path, help="what `dance extract` made of the clips")
    mapping.add_argument("--clips", type=Path, default=SAMPLE, help="folder with truth/")
    more = commands.add_parser("corpus", help="songs and dances without pictures, as HDF5 groups")
    more.add_argument("-o", "--output", type=Path, required=True, help="the HDF5 file to write")
    more.add_argument("--songs", type=_positive, default=120, help="how many (120)")
    more.add_argument("--workers", type=_positive, default=os.cpu_count(), help="songs made at a time")
    return parser


def _run(options: argparse.Namespace) -> None:
    if options.command == "clips":
        render(options.output, options.workers, options.force, options.only)
    elif options.command == "figures":
        print_figures(options.songs)
    elif options.command == "fit":
        fit_map(options.extracted, options.clips)
    else:
        if options.output.is_dir():
            raise InputError(f"{options.output} is a folder: give a file, such as {options.output / 'corpus.h5'}")
        print(corpus.write(options.output, options.songs, workers=options.workers))


if __name__ == "__main__":
    main()
