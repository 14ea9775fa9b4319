"""The course's models drawn as boxes, by reading the models themselves: ``drawings.draw(model)`` in a cell shows one.

    python -m dancing_utils.show.drawings [FOLDER]

writes all of them as SVG (without FOLDER: into docs/drawings). A drawing's text form says the same in words; it is also
the text alternative inside the SVG. Beside the two baselines stands what was first drawn on paper, from which they were
built: plain lists of boxes, since not all of it can be built as it stands.

Notebook: 03_train_lstm_vae.ipynb
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path

from dancing_utils import FPS, HEIGHT, WIDTH, InputError, files
from dancing_utils.images import adversarial, baseline_gan, gan_training, pose_gan
from dancing_utils.motion import baseline_vae, lstm_vae, musical_time, pose_vectors
from dancing_utils.pose.landmarks import N_LANDMARKS
from dancing_utils.show import layout
from dancing_utils.show.blocks import Block, Flow, Part, levels, read
from dancing_utils.tf import keras, layers

FOLDER = files.ROOT / "docs" / "drawings"


@dataclass(frozen=True)
class Drawing:
    """A picture of a model: notebooks show ``svg``, and where there are no pictures ``text``."""

    svg: str
    text: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return self.text


def _draw_columns(title: str, *grid: list[Part], key: str = layout.KEY) -> Drawing:
    text = in_words(title, [part for row in grid for part in row])
    return Drawing(layout.columns(list(grid), title=title, description=text, key=key), text)


def in_words(title: str, parts: list[Part]) -> str:
    """Parts as text, a line a block."""
    lines = [title]
    for part in parts:
        count = f", {part.parameters:,} parameters" if part.known else ""
        lines.append(f"{part.title}{count}" + (f" ({part.remark})" if part.remark else ""))
        lines += [f"  in: {flow.name} {flow.shape}" for flow in part.inputs]
        lines += [_block_in_words(block, part.known) for block in part.blocks]
        lines += [f"  out: {flow.name} {flow.shape}" for flow in part.outputs]
    return "\n".join(lines)


def _block_in_words(block: Block, known: bool = True) -> str:
    count = f", {block.parameters:,} parameters" if block.parameters and known else ""
    return f"  {'; '.join(block.lines)} → {block.shape}{count}"


# --- each model -----------------------------------------------------------------------------------------------------


@singledispatch
def draw(model: keras.Model, *more: keras.Model, title: str = "") -> Drawing:
    """A model of the course, or any functional models beside each other.

    Raises
    ------
    InputError
        If it is neither.
    """
    models = (model, *more)
    for one in models:
        if not getattr(one, "operations", None):
            raise InputError(f"{type(one).__name__} is no functional model: give its parts, as draw(encoder, decoder)")
    parts = [read(one) for one in models]
    return _draw_columns(title or ", ".join(part.title for part in parts), parts)


@draw.register
def _(model: baseline_vae.BaselineVAE) -> Drawing:
    drawn = "z = z_mean + exp(z_log_var / 2) · noise"
    encoder = read(model.encoder, title="Encoder, as built", inputs=("MFCC",))
    decoder = read(model.decoder, title="Decoder, as built", outputs=("poses",), remark=drawn)
    first_encoder = _first(
        "Encoder, on paper", Flow("MFCC", "T × 13"),
        [("LSTM, 128 units", "T × 128", "recurrent"), ("LSTM, 128 units", "128", "recurrent")],
        [("Dense", "d", "dense"), ("Dense", "d", "dense")], ("z_mean", "z_log_var"),
    )  # fmt: skip
    first_decoder = _first(
        "Decoder, on paper", Flow("z", "d"),
        [("Dense, 128 units", "128", "dense"), ("Repeat T times", "T × 128", "plain"),
         ("LSTM, 128 units", "T × 128", "recurrent")],
        [("Dense, at each step", "T × 33 × 2", "dense")], ("poses",),
    )  # fmt: skip
    first_encoder.remark = "it leaves T steps and d latents open"
    title = "The baseline LSTM-VAE: 5 seconds of sound in, 5 of poses out"
    return _draw_columns(title, [first_encoder, encoder, first_decoder, decoder])


def _first(title: str, given: Flow, chain: list[tuple], last: list[tuple], outputs: tuple[str, ...]) -> Part:
    """A part as it was drawn on paper: boxes (words, shape, kind) one after the other, the last ones side by side."""
    blocks = []
    for words, shape, kind in chain:
        blocks.append(Block([words], shape, 0, kind, [blocks[-1] if blocks else given]))
    ends = [Block([words], shape, 0, kind, [blocks[-1]]) for words, shape, kind in last]
    flows = [Flow(name, end.shape, end) for name, end in zip(outputs, ends, strict=True)]
    return Part(title, [given], [*blocks, *ends], flows, known=False)


@draw.register
def _(model: baseline_gan.BaselineGAN) -> Drawing:
    if model.settings.conditional:
        return _draw_fair_gan(model)
    generator = read(model.generator, title="Generator, as built", inputs=("pose",), outputs=("picture",))
    judge = read(
        baseline_gan.build_discriminator(), title="Discriminator, as built", inputs=("picture",), outputs=("real?",)
    )
    first_generator = _first(
        "Generator, on paper", Flow("pose", "33 × 2"),
        [("Dense, 256 units, ReLU", "256", "dense"), ("Reshape", "16 × 16 × 256", "plain"),
         ("Transposed conv 3 × 3, batch norm, ReLU", "? × ? × 128", "convolution"),
         ("Transposed conv 3 × 3, batch norm, ReLU", "? × ? × 64", "convolution")],
        [("Transposed conv 3 × 3, tanh", "? × ? × 3", "convolution")], ("picture",),
    )  # fmt: skip
    first_judge = _first(
        "Discriminator, on paper", Flow("picture", "? × ? × 3"),
        [("Conv 3 × 3, leaky ReLU", "? × ? × 64", "convolution"),
         ("Conv 3 × 3, leaky ReLU", "? × ? × 128", "convolution"), ("Flatten", "?", "plain")],
        [("Dense, 1 unit, sigmoid", "1", "dense")], ("real?",),
    )  # fmt: skip
    first_generator.remark = "256 numbers do not fill 16 × 16 × 256; strides are left open (?)"
    generator.remark = "a second Dense makes the 65,536 numbers"
    title = "The baseline GAN: from a pose to a picture of 64 × 64"
    return _draw_columns(title, [first_generator, generator, first_judge, judge])


def _draw_fair_gan(model: baseline_gan.BaselineGAN) -> Drawing:
    """Beside the drawing of the other one nothing is new but what the discriminator sees."""
    generator = read(
        model.generator, title="Generator", inputs=("pose",), outputs=("picture",), remark="the same as before"
    )
    judge = read(
        baseline_gan.build_discriminator(conditional=True), title="Discriminator", inputs=("picture", "pose"),
        outputs=("real?",), remark="the pose is a fourth channel beside red, green, blue",
    )  # fmt: skip
    return _draw_columns("The fair baseline: a discriminator that sees the pose", [generator, judge])


@draw.register
def _(model: lstm_vae.LSTMVAE) -> Drawing:
    settings = model.settings
    frames, d = settings.time_steps, settings.latent_dim
    steps, n = frames // settings.frames_a_step, frames // settings.frames_a_latent
    units, poses = settings.units, settings.frames_a_step * pose_vectors.N_POSE
    sound, ticks = model.ear.inputs[0].shape[-1], "ticks" if settings.counts_beats else "frames"
    ear = read(
        model.ear, title="Audio encoder (ear)", inputs=("sound",), outputs=("local", "context"),
        lengths=[(steps, sound)], remark=f"two {ticks} side by side; local: the timing, context: the part of the song",
    )  # fmt: skip
    posterior = read(
        model.posterior, title="Posterior", inputs=("local", "context", "true poses"),
        outputs=("means, log variances",), lengths=[(steps, units), (n, 2 * units), (steps, poses)],
        remark="reads z off the true dance; in training only",
    )  # fmt: skip
    prior = read(
        _prior(model, n), title="Prior", outputs=("mixture of the next z",),
        remark=f"draws z, one after the other; {settings.components} weights, means and log variances each",
    )  # fmt: skip
    decoder = read(
        model.decoder, title="Decoder", inputs=("local", "context", "z"), outputs=("control points",),
        lengths=[(steps, units), (steps, 2 * units), (steps, d)],
        remark=f"context and z in straight lines to {steps} steps; a spline through the points gives {frames} poses",
    )  # fmt: skip
    long = f"{frames / musical_time.TICKS:g} beats" if settings.counts_beats else f"{frames / FPS:g} s"
    title = f"The LSTM-VAE that dances: {long}, {frames} {ticks}, of any song"
    return _draw_columns(title, [ear, posterior], [prior, decoder])


def _prior(model: lstm_vae.LSTMVAE, n: int) -> keras.Model:
    """The prior as a functional model, joined as ``LSTMVAE.expect`` does it."""
    before = keras.Input((n, model.settings.latent_dim), name="z before")
    context = keras.Input((n, 2 * model.settings.units), name="context")
    x = model.prior(layers.Concatenate()([context, before]))
    return keras.Model([before, context], model.prior_head(layers.Concatenate()([x, context])))


@draw.register
def _(model: pose_gan.PoseGAN) -> Drawing:
    maps = keras.Input((*pose_gan.MAPS, len(pose_gan.DRAWN_LIMBS)))
    unet = keras.Model(maps, model.generator.call(maps))
    blocks = levels(unet, model.generator.paint)
    size = f"{HEIGHT} × {WIDTH} × 3"
    ends = {
        "pose": Flow("pose", f"{N_LANDMARKS} × 2"),
        "drawn": Flow("limb maps, drawn", " × ".join(map(str, maps.shape[1:]))),
        "picture": Flow("mask · colour + (1\u00a0−\u00a0mask) · background", size),
    }
    count = sum(block.parameters for block in blocks.values())
    title = f"The generator of the Pose GAN: {count:,} parameters"
    remark = (
        "Down to where a pixel sees the whole body, and up again; dashed arrows hand over what the way down saw. Each "
        "picture is the smaller one, enlarged, plus what its own size adds: colour and mask."
    )
    names = {"down": "way down", "up": "way up", "paint": "painted"}
    text = "\n".join([
        title, remark, *(f"  in: {ends[name].name} {ends[name].shape}" for name in ("pose", "drawn")),
        *(f"  {names[way]}, {rows} rows:{_block_in_words(block)}" for (way, rows), block in blocks.items()),
        f"  out: {ends['picture'].name} {size}",
    ])  # fmt: skip
    return Drawing(layout.u_net(blocks, ends, title=title, remark=remark, description=text), text)


def draw_discriminators() -> Drawing:
    """The three discriminators of the Pose GAN, each with what it sees at the largest size."""
    maps, side = 3 + len(pose_gan.DRAWN_LIMBS), gan_training.DETAIL
    rows, columns = pose_gan.SIZES[gan_training.LARGEST_WHOLE]
    seen = {
        "Whole": ("picture and limb maps", (rows, columns, maps)),
        "Whole, half size": ("picture and limb maps", (rows // 2, columns // 2, maps)),
        "Face and hands": ("cut out, full size", (side, side, 3)),
    }
    parts = []
    for title, (name, shape) in seen.items():
        model = adversarial.build_discriminator(shape[-1])
        part = read(model, title=title, inputs=(name,), outputs=("a mark a patch", *"abc"), lengths=[shape])
        part.outputs = part.outputs[:1]  # the features inside are compared, too
        parts.append(part)
    return _draw_columns("The discriminators of the Pose GAN: is each patch real?", parts)


# --- all of them ----------------------------------------------------------------------------------------------------


ALL: dict[str, Callable[[], Drawing]] = {
    "baseline_vae": lambda: draw(baseline_vae.BaselineVAE()),
    "lstm_vae": lambda: draw(lstm_vae.LSTMVAE()),
    "baseline_gan": lambda: draw(baseline_gan.BaselineGAN()),
    "fair_gan": lambda: draw(baseline_gan.BaselineGAN(baseline_gan.FAIR)),
    "pose_gan": lambda: draw(pose_gan.PoseGAN()),
    "discriminators": draw_discriminators,
}


def write_all(folder: str | Path = FOLDER) -> None:
    """Write every drawing as FOLDER/NAME.svg."""
    folder = files.make_folder(Path(folder))
    for name, make in ALL.items():
        with files.whole_file(folder / f"{name}.svg") as temporary:
            temporary.write_text(make().svg, encoding="utf-8")


if __name__ == "__main__":
    write_all(*sys.argv[1:])
