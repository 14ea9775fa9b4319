"""The commands for dancers: check, learn, dancers, forget; ``cli`` puts them on ``dance``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dancing_utils import InputError
from dancing_utils.files import make_folder

if TYPE_CHECKING:  # a command imports what it needs when it runs, so that `dance --help` comes at once
    from dancing_utils.dancers import Dancer

Films = Annotated[list[Path], typer.Argument(help="Films, or folders of films.")]
At = Annotated[str | None, typer.Option(metavar="X,Y", help="Where the person to follow stands, 0 to 1.")]
Dancers = Annotated[
    Path | None,
    typer.Option("--dancers", help="Folder of dancers.", show_default="./dancers, then the user's data folder"),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress bar.")]
Workers = Annotated[int, typer.Option(min=1, metavar="N", help="Films that are read at a time, by a process each.")]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="tcp://...", help="Hand the films to this Dask cluster instead.", show_default=False),
]
ASK = (
    "Ask the person in the film before you make her dance. Whoever sees the video should know that it is synthetic: "
    "its metadata say so, and `dance generate --mark` writes it in the picture."
)


def check(
    paths: Films, at: At = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the pictures.")] = Path("outputs/check"),
):  # fmt: skip
    """Say whether films are good enough, before any time is spent.

    A line a film: good, usable or unusable, and what would help most; and a picture of what was recognised. Exit code 1
    if a film is unusable.
    """
    from dancing_utils.data.film_check import check_film, describe, draw
    from dancing_utils.data.films import find_videos
    from dancing_utils.data.media import write_png

    where, unusable = place(at), False
    for number, path in enumerate(find_videos(paths), start=1):  # films may be called alike
        report = check_film(path, at=where)
        print(describe(report), flush=True)
        write_png(output / f"{number:03d}_{path.stem}.png", draw(report))
        unusable |= report.verdict == "unusable"
    print(f"What was recognised: {output}")
    raise typer.Exit(1 if unusable else 0)


def place(text: str | None) -> tuple[float, float] | None:
    """ "0.3,0.5" -> (0.3, 0.5)"""
    if text is None:
        return None
    try:
        x, y = map(float, text.split(","))
    except ValueError as error:
        raise InputError(f"--at {text} must be two numbers from 0 to 1, such as 0.3,0.5") from error
    return x, y


def learn(
    paths: Films,
    name: Annotated[str, typer.Option("--name", "-n", help="What the dancer is to be called.")],
    at: At = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Go on with films that the check calls unusable.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Learn a dancer anew who is there already.")] = False,
    train: Annotated[
        bool, typer.Option("--train", help="Train what mends her pictures, too: ten minutes, and frames are kept.")
    ] = False,
    folder: Dancers = None, workers: Workers = 1, scheduler: Scheduler = None, quiet: Quiet = False,
):  # fmt: skip
    """Learn a dancer from films of one person, in minutes.

    She wears the same clothes in all of them; music is not needed. Then: dance generate SONG --dancer NAME. A stopped
    run goes on. The dancer is a folder, dancers/NAME, that can be copied to another machine.
    """
    from dancing_utils import dancers
    from dancing_utils.learn import learn as run

    if not any(dancer.name not in dancers.RESERVED for dancer in dancers.list_dancers(folder)):
        print(ASK)
    how = {"workers": workers, "scheduler": scheduler, "progress": not quiet}
    dancer = run(paths, name, folder=folder, at=place(at), anyway=anyway, again=again, train=train, **how)
    preview = dancer.folder / dancers.PREVIEW
    print(f"{dancer.folder}: {in_words(dancer)}")
    print(f"  A few seconds of a dance: {preview}" if preview.exists() else "  No preview: there is no song model here")
    if train:
        _tell_what_is_kept(dancer.folder)
    print(f"  Now: dance generate SONG --dancer {name}")


def train_repair(name: str, folder: Path | None, *, fresh: bool, progress: bool) -> None:
    """Train what mends a dancer's pictures, and say what is kept for it."""
    from dancing_utils.learn import train_repair

    made = train_repair(name, folder=folder, fresh=fresh, progress=progress)
    print(f"{made}: `dance generate --dancer {name}` mends her pictures by it, unless --no-repair is given")
    _tell_what_is_kept(made.parent)


def _tell_what_is_kept(folder: Path) -> None:
    from dancing_utils import dancers

    kept = dancers.film_folder(folder)
    size = sum(path.stat().st_size for path in kept.iterdir()) / 1e6
    print(f"  {kept}, {size:.0f} MB: frames of her films, to train on; `dance forget {folder.name}` removes them, too")


def list_all(
    folder: Dancers = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture.")] = Path("outputs/dancers.jpg"),
):
    """List the dancers there are, and draw a picture of them all."""
    from dancing_utils import dancers

    found = dancers.list_dancers(folder)
    for dancer in found:
        print(f"{dancer.name:12} {in_words(dancer)}")
    if not found:
        raise InputError("there is no dancer: make one with `dance learn FILM --name me`")
    make_folder(output.parent)
    dancers.draw(found, output)
    print(f"What they look like: {output}")


def in_words(dancer: "Dancer") -> str:
    """What a dancer was learned from, how long that is, size, quality and day."""
    films = ", ".join(film["file"] for film in dancer.films)
    quality = "" if dancer.quality is None else f"quality {dancer.quality:.2f} of 1; "
    return f"from {films}: {dancer.seconds:.0f} s; {dancer.megabytes:.1f} MB; {quality}{dancer.made}"


def forget(
    name: Annotated[str, typer.Argument(help="The dancer's name.")], folder: Dancers = None,
):  # fmt: skip
    """Remove a dancer and all that was kept on the way to her. Finished videos stay, and are listed."""
    from dancing_utils import dancers

    for path in dancers.forget(name, folder):
        print(f"Removed {path}")
    if videos := dancers.videos_of(name, [Path(), Path("outputs")]):
        print("Her videos, which stay: " + ", ".join(map(str, videos)))
