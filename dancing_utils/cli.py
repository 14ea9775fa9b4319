"""The console command ``dance``; the commands for dancers are in ``cli_dancers``.

Exit codes: 0 all went well, 1 something failed (one line says what), 2 the command was used wrongly.
"""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from dancing_utils import TEMPERATURE, InputError, __version__, cli_dancers, doctor
from dancing_utils.cli_dancers import At, Dancers, Quiet, Scheduler, Workers, place
from dancing_utils.files import SAMPLE, SHIPPED, make_folder, need_sample

DEMO_CLIP, DEMO_SONG = SAMPLE / "clips" / "ada_01.mp4", SAMPLE / "songs" / "held_out_1.mp3"
DEMO_SEED = 0  # of three that were looked at the one whose dance shows most moves
app = typer.Typer(
    help="From a film of a person to a dance video: check, learn, generate. Start with `dance demo`.",
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
    rich_markup_mode=None,  # its tables break paragraphs and say of a switch that it takes a <bool>
)  # fmt: skip
train_app = typer.Typer(help="Train a model on a file that `dance extract` made.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure what a model makes, beside the truth and baselines.", no_args_is_help=True)
app.add_typer(train_app, name="train")
app.add_typer(evaluate_app, name="evaluate")


def _shipped_or_given(path: Path) -> Path:
    """A model file, unless it is the shipped one and this installation has no sample."""
    if SAMPLE in path.parents:
        need_sample(remedy="clone the repository, or give --vae and --gan")
    return path


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"dancing-project {__version__}")
        raise typer.Exit()


Data = Annotated[Path, typer.Option("--data", "-d", help="The HDF5 file that `dance extract` made.")]
RunDir = Annotated[Path, typer.Option("--run-dir", help="Where checkpoints and the trained model go.")]
Epochs = Annotated[int | None, typer.Option(min=1, help="Passes over the data; default: as the shipped model.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Start anew instead of going on from the last checkpoint.")]
Vae = Annotated[
    Path,
    typer.Option(
        "--vae", callback=_shipped_or_given, show_default="the shipped one",
        help="The song model, sound -> poses: a file of `dance train vae`.",
    ),
]  # fmt: skip
Gan = Annotated[
    Path,
    typer.Option(
        "--gan", callback=_shipped_or_given, show_default="the shipped one",
        help="The image model, poses -> pictures: a file of `dance train gan`.",
    ),
]  # fmt: skip


@app.callback()
def common(
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print name and version.", callback=_print_version, is_eager=True)
    ] = False,
):
    """Options before the command's name."""


@app.command()
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")] = Path("outputs"),
    force: Annotated[bool, typer.Option("--force", help="Make again what is there.")] = False,
):
    """The whole path on the sample: a clip, then a dance to a song.

    The clip's sound, poses and pictures go into an HDF5 file; the song is one that no model has heard.
    """
    need_sample(SAMPLE / "clips", remedy="clone the repository and run `dance demo` in it")
    from dancing_utils import dancers
    from dancing_utils.data.extract import extract
    from dancing_utils.generate import describe, generate

    clip, song, video = DEMO_CLIP, DEMO_SONG, output / f"{DEMO_SONG.stem}.mp4"
    print(f"1/2  {clip.name} -> landmarks, MFCC and frames in {output / 'ada_01.h5'}")
    report = extract([clip], output / "ada_01.h5", overwrite=force)
    _print_extract(report, output / "ada_01.h5")
    if report.failed:
        raise typer.Exit(1)
    print(f"2/2  {song.name} -> MFCC -> poses -> pictures -> {video}")
    if video.exists() and not force:
        print(f"  {video} is there already (dance demo --force makes it again)")
    else:
        her = dancers.find("ada", dancers.SHIPPED_DANCERS).folder
        print(describe(generate(song, video, vae=SHIPPED["vae"], gan=her, seed=DEMO_SEED, force=force)))
    print(f"Watch it: {video.resolve()}")
    print("With a film of your own: dance learn FILM --name me, then dance generate SONG --dancer me")


app.command("check")(cli_dancers.check)
app.command("learn")(cli_dancers.learn)


@app.command()
def extract(
    paths: Annotated[list[Path], typer.Argument(help="Videos, or folders of videos.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The HDF5 file to write or add to.")],
    fit: Annotated[
        str, typer.Option(help="letterbox (all of it, black bars), crop (fill the frame) or person (around her).")
    ] = "letterbox",
    at: At = None,
    smooth_hz: Annotated[float | None, typer.Option(help="Smooth landmarks below this frequency; 6 is mild.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Start the output anew.")] = False,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    quiet: Quiet = False,
):
    """Get sound features, poses and pictures out of videos.

    A stopped run goes on; a bad video is reported and left out. A minute of video takes 0.2 to 0.6 GB.
    """
    from dancing_utils.data.extract import extract as run

    settings = {"fit": fit, "at": place(at), "smooth_hz": smooth_hz, "overwrite": overwrite}
    report = run(paths, output, **settings, workers=workers, scheduler=scheduler, progress=not quiet)
    _print_extract(report, output)
    if report.failed:
        raise typer.Exit(1)


def _print_extract(report, output: Path) -> None:
    for path, reason in report.failed:
        print(f"  failed: {path.name}: {reason}", file=sys.stderr)
    for path, remark in report.remarks:
        print(f"  {path} {remark}")
    skipped = f", {len(report.skipped)} there already" if report.skipped else ""
    failed = f", {len(report.failed)} failed" if report.failed else ""
    groups = "group" if report.n_groups == 1 else "groups"
    counts = f"{len(report.done)} extracted{skipped}{failed}; {report.n_groups} {groups}"
    print(f"  {output}: {counts}; {report.seconds:.1f} s")


@train_app.command("vae")
def train_vae(
    data: Annotated[list[Path], typer.Option("--data", "-d", help="HDF5 file with MFCC and poses; may be repeated.")],
    run_dir: RunDir = Path("runs/vae"), epochs: Epochs = None, fresh: Fresh = False,
    songs: Annotated[int | None, typer.Option(min=1, help="Train on so many songs only.")] = None, quiet: Quiet = False,
):  # fmt: skip
    """Train the LSTM-VAE: sound -> poses."""
    from dancing_utils.motion import lstm_vae, vae_training

    settings = lstm_vae.LSTMVAESettings(**({"epochs": epochs} if epochs else {}))
    start = time.perf_counter()
    _, history = vae_training.train(data, run_dir, settings, resume=not fresh, progress=not quiet, n_songs=songs)
    _print_training(history, start, run_dir / lstm_vae.FILE_NAME)


@train_app.command("prior")
def train_prior(
    data: Annotated[list[Path], typer.Option("--data", "-d", help="HDF5 file with MFCC and poses; may be repeated.")],
    start_from: Vae = SHIPPED["vae"], run_dir: RunDir = Path("runs/prior"), epochs: Epochs = None,
    fresh: Fresh = False, quiet: Quiet = False,
):  # fmt: skip
    """Let a song model learn on how one move follows another: its prior alone, minutes."""
    from dancing_utils.motion import lstm_vae, prior_training

    settings = prior_training.PriorSettings(**({"epochs": epochs} if epochs else {}))
    start = time.perf_counter()
    _, history = prior_training.train(data, start_from, run_dir, settings, resume=not fresh, progress=not quiet)
    _print_training(history, start, run_dir / lstm_vae.FILE_NAME)


@train_app.command("gan")
def train_gan(
    data: Annotated[Path | None, typer.Option("--data", "-d", help="The HDF5 file of `dance extract`.")] = None,
    dancer: Annotated[
        str | None, typer.Option("--dancer", help="Train what mends this dancer's pictures, after learn --train.")
    ] = None,
    folder: Dancers = None, fresh: Fresh = False,
    run_dir: Annotated[
        Path | None,
        typer.Option(help="Where checkpoints and the trained model go.", show_default="runs/gan or runs/baseline_gan"),
    ] = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="The 64 x 64 GAN of notebook 06.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Only the first two sizes, up to 160 x 96.")] = False,
    start_from: Annotated[Path | None, typer.Option(help="Go on from another dancer's Pose GAN file.")] = None,
    pictures: Annotated[int | None, typer.Option(min=2, help="Learn from so many frames at most.")] = None,
    precision: Annotated[str, typer.Option(help="mixed_bfloat16 is faster on newer processors and GPUs.")] = "float32",
    quiet: Quiet = False,
):  # fmt: skip
    """Train the Pose GAN: poses -> pictures, from 80 x 48 to 640 x 384. Or, with --dancer, a dancer's repair.

    The repair is a small network that mends what warping leaves wrong in her pictures; about ten minutes.
    """
    if (data is None) == (dancer is None):
        hint = "--data, --dancer"
        raise typer.BadParameter("give the data of a Pose GAN, or a dancer who was learned", param_hint=hint)
    if dancer is not None:
        if run_dir or baseline or quick or start_from or pictures or precision != "float32":
            raise typer.BadParameter("goes with --dancers, --fresh and --quiet alone", param_hint="--dancer")
        return cli_dancers.train_repair(dancer, folder, fresh=fresh, progress=not quiet)
    from dataclasses import replace

    from dancing_utils.images import baseline_gan, gan_training, pose_gan

    start, options = time.perf_counter(), {"resume": not fresh, "progress": not quiet}
    run_dir = run_dir or Path("runs/baseline_gan" if baseline else "runs/gan")
    if baseline:
        if quick or start_from or pictures or precision != "float32":
            raise typer.BadParameter("goes with --data, --run-dir, --fresh and --quiet alone", param_hint="--baseline")
        _, history = baseline_gan.train(data, run_dir, **options)
        return _print_training(history, start, run_dir / baseline_gan.FILE_NAME)
    settings = pose_gan.QUICK if quick else pose_gan.TRANSFER if start_from else pose_gan.GANSettings()
    settings = replace(settings, pictures=pictures or settings.pictures, precision=precision)
    _, history = gan_training.train(data, run_dir, settings, start_from=start_from, **options)
    _print_training(history, start, run_dir / pose_gan.FILE_NAME)


def _print_training(history: list[dict], start: float, path: Path) -> None:
    terms = ", ".join(f"{name} {value:.4g}" for name, value in history[-1].items())
    print(f"{path}: after {len(history)} epochs, lower is better: {terms}; {time.perf_counter() - start:.0f} s")


@evaluate_app.command("motion")
def evaluate_motion(
    corpus: Annotated[Path, typer.Option(help="`python -m data_sample.studio corpus -o FILE.h5`, or `dance extract`.")],
    vae: Vae = SHIPPED["vae"],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the table.")] = Path("outputs/evaluation"),
    quiet: Quiet = False,
):
    """Measure dances to the corpus' held-out songs; prints a table, writes motion.csv and motion.png."""
    from dancing_utils.evaluation import evaluate_motion, tables

    make_folder(output)
    report = evaluate_motion.evaluate(corpus, vae, progress=not quiet)
    evaluate_motion.print_report(report)
    print(", ".join(map(str, tables.save_table(report.table, output, "motion", measures=evaluate_motion.MEASURES))))


@evaluate_app.command("images")
def evaluate_pictures(
    data: Data,
    clips: Annotated[list[Path] | None, typer.Argument(help="Videos; default: the sample's held-out ones.")] = None,
    gan: Gan = SHIPPED["gan"],
    vae: Vae = SHIPPED["vae"],
    baseline: Annotated[Path | None, typer.Option(help="Measure this 64 x 64 GAN too.")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the table.")] = Path("outputs/evaluation"),
    step: Annotated[int, typer.Option(min=1, help="Take every so many frames.")] = 5,
    quiet: Quiet = False,
):
    """Measure pictures of true poses, beside the truth and baselines; about ten minutes.

    Prints a table and writes images.csv, images.png, and two sheets to look at: images_faces_hands.png (frames drawn at
    random, truth beside model) and images_worst.png. --data is the file that the Pose GAN was trained on.
    """
    from dancing_utils.evaluation import evaluate_images

    make_folder(output)
    clips = clips or sorted(need_sample(SAMPLE / "held_out", remedy="give clips").glob("*.mp4"))
    report = evaluate_images.evaluate(
        clips, data=data, gan=gan, vae=vae, baseline=baseline, step=step, progress=not quiet
    )
    evaluate_images.print_report(report)
    print(", ".join(map(str, evaluate_images.write_report(report, output))))


@app.command()
def generate(
    song: Annotated[
        Path | None, typer.Argument(help="Any file with sound: MP3, WAV, M4A, OGG, a video ...", show_default=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The MP4 to write.", show_default="SONG_DANCER.mp4")
    ] = None,
    dancer: Annotated[
        str | None, typer.Option("--dancer", help="Who dances: see `dance dancers`.", show_default="ada")
    ] = None,
    folder: Dancers = None,
    vae: Vae = SHIPPED["vae"],
    gan: Annotated[
        Path | None,
        typer.Option("--gan", help="Paint by this file of `dance train gan` instead of a dancer.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another number, another dance.")] = 0,
    temperature: Annotated[
        float, typer.Option(min=0.0, help="0: greedy, no chance; 1: as varied as learned.")
    ] = TEMPERATURE,
    tempo: Annotated[float | None, typer.Option(metavar="BPM", help="Beats a minute, if it is heard wrongly.")] = None,
    beats: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The beats: a text of seconds that rise, one a line.")
    ] = None,
    poses: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Dance this instead: a file of --save-poses, or a film of somebody's dance."),
    ] = None,
    save_poses: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the dance to this .npz, too.")] = None,
    repair: Annotated[
        bool, typer.Option("--repair/--no-repair", help="Mend the dancer's pictures, if that was trained.")
    ] = True,
    mark: Annotated[bool, typer.Option("--mark", help='Write "synthetic" in the picture.')] = False,
    force: Annotated[bool, typer.Option("--force", help="Make the video anew if it is there.")] = False,
    quiet: Quiet = False,
):
    """Make a dance video for a song, or of a dance that is given.

    Without --output it goes into the current folder, named by the song and the dancer. With --poses a film's own sound
    is heard, unless a song is given.
    """
    from dancing_utils import dancers
    from dancing_utils.audio.hearing import read_beats
    from dancing_utils.generate import describe, name_of
    from dancing_utils.generate import generate as run

    if dancer is not None and gan is not None:
        raise typer.BadParameter("give a dancer or a Pose GAN's file, not both", param_hint="--dancer, --gan")
    if tempo is not None and beats is not None:
        raise typer.BadParameter("give the tempo or the beats, not both", param_hint="--tempo, --beats")
    if song is None and poses is None:
        raise typer.BadParameter("give a song, or a dance by --poses", param_hint="SONG")
    if poses is not None and (tempo is not None or beats is not None):
        raise typer.BadParameter("a dance that is given keeps its own beat", param_hint="--tempo, --beats")
    painted_by = gan or dancers.find(dancer or "ada", folder).folder
    output = output or Path(f"{(song or poses).stem}_{name_of(painted_by)}.mp4")
    known = {"tempo": tempo, "beats": read_beats(beats) if beats else None}
    options = {"seed": seed, "temperature": temperature, "mark": mark, "force": force, "progress": not quiet,
               "poses": poses, "save_poses": save_poses, "repair": repair, **known}  # fmt: skip
    print(describe(run(song, output, vae=vae, gan=painted_by, **options)))


@app.command()
def play(
    host: Annotated[str, typer.Option(help="Where the page is reached; another than 127.0.0.1 opens it to a network.")]
    = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Its port.")] = 8866,
    share: Annotated[bool, typer.Option("--share", help="Offer your own dancers, too, not ada and ben alone.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
):  # fmt: skip
    """Play in the browser: explore, hear, pull, make videos.

    Explore dances, hear what a model hears, pull a person's hands, see two dances to a song side by side. It is one
    page, without Jupyter and without code, on this machine alone, and only who has the token sees it. With --host
    others in the network can, for a workshop.
    """
    from dancing_utils.instruments.server import play as run

    run(host=host, port=port, share=share, browser=not no_browser)


app.command("dancers")(cli_dancers.list_all)
app.command("forget")(cli_dancers.forget)


@app.command(name="doctor")
def check():
    """Check this machine, and say what to mend.

    Python, disk, system libraries, installed packages, and the pose model, which is fetched if missing.
    """
    checks = [*doctor.machine_checks(), *_installed_checks()]
    raise typer.Exit(0 if doctor.report(checks) else 1)


def _installed_checks() -> list[tuple[bool, str, str]]:
    """Do the parts that do the work start?"""
    from importlib import import_module

    results = []
    for name in ("tf", "pose.detector", "data.extract", "motion.lstm_vae", "images.painting"):
        try:
            import_module(f"dancing_utils.{name}")
            results.append((True, f"dancing_utils.{name} loads", ""))
        except ImportError as error:
            results.append((False, f"dancing_utils.{name}: {error}", "install requirements.lock again"))
    try:
        from dancing_utils.pose.model_file import find_model

        results.append((True, f"pose model {find_model()}", ""))
    except (InputError, ImportError) as error:
        results.append((False, "pose model", str(error)))
    return results


def main() -> None:
    """Run the command; an expected error is one line, unless --debug is given."""
    sys.stdout.reconfigure(errors="replace")  # a file's name may have letters that a pipe on Windows has not
    try:
        app()
    except (InputError, OSError) as error:
        if "--debug" in sys.argv:
            raise
        print(f"dance: {error}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as ending:
        if ending.code == 130:  # typer's code for Ctrl-C
            print("\ndance: stopped; extract, learn and train go on when given again", file=sys.stderr)
        raise
