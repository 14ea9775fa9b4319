"""A drawing says what the model is: its shapes and its numbers, every layer, nothing cut off, and in words as well."""

from xml.etree import ElementTree

import pytest

from dancing_utils import InputError
from dancing_utils.images import adversarial, baseline_gan, pose_gan
from dancing_utils.motion import baseline_vae, lstm_vae
from dancing_utils.show import blocks, cell, drawings, svg
from dancing_utils.tf import keras, layers

NAMES = sorted(drawings.ALL)


@pytest.fixture(scope="module")
def made():
    return {name: make() for name, make in drawings.ALL.items()}


def words_in(drawing):
    """(x of the left end, base line, width, words, font size) of each line of words."""
    found = []
    for node in ElementTree.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}text"):
        size, words = int(node.get("font-size")), node.text
        width = svg.width_of(words, size=size, bold=node.get("font-weight") == "bold")
        x = float(node.get("x")) - width * {"start": 0, "middle": 0.5, "end": 1}[node.get("text-anchor")]
        found.append((x, float(node.get("y")), width, words.replace("\u00a0", " "), size))
    return found


def said_by(drawing):
    return " ".join(words for *_, words, _ in words_in(drawing))


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_is_whole_legible_and_has_a_text_alternative(made, name):
    root = ElementTree.fromstring(made[name].svg)
    width, height = float(root.get("width")), float(root.get("height"))
    lines = words_in(made[name])
    assert all(size >= 14 for *_, size in lines)  # 14 CSS pixels are 10.5 points
    assert all(x >= 10 and x + w <= width - 10 and 0 < y < height - 8 for x, y, w, *_ in lines)
    for i, (x, y, w, words, size) in enumerate(lines):
        for other_x, other_y, other_w, other, _ in lines[i + 1 :]:
            apart = abs(y - other_y) >= size or x + w <= other_x or other_x + other_w <= x
            assert apart, f"{words!r} lies on {other!r}"
    text = root.find("{http://www.w3.org/2000/svg}desc").text
    assert text == repr(made[name]) and root.find("{http://www.w3.org/2000/svg}title").text
    assert root.get("role") == "img" and made[name]._repr_svg_() == made[name].svg


@pytest.mark.parametrize("name", NAMES)
def test_words_stay_inside_their_boxes(made, name):
    root = ElementTree.fromstring(made[name].svg)
    boxes = [[float(node.get(key)) for key in ("x", "y", "width", "height")] for node in root.iter() if node.get("x")
             and node.tag.endswith("rect") and float(node.get("width")) > 30]  # fmt: skip
    inside = 0
    for x, y, width, words, _ in words_in(made[name]):
        for left, top, box_width, box_height in boxes:
            if left <= x + width / 2 <= left + box_width and top < y < top + box_height:
                assert left < x and x + width < left + box_width, words
                inside += 1
    assert inside > 20
    for i, (x, y, w, h) in enumerate(boxes):
        assert not any(x < a + c and a < x + w and y < b + d and b < y + h for a, b, c, d in boxes[i + 1 :])


def test_numbers_are_the_models_own(made):
    vae, gan, dancer = baseline_vae.BaselineVAE(), baseline_gan.BaselineGAN(), lstm_vae.LSTMVAE()
    painter, judges = pose_gan.PoseGAN(), [adversarial.build_discriminator(n) for n in (28, 3)]
    totals = {
        "baseline_vae": [vae.encoder, vae.decoder],
        "lstm_vae": [dancer.ear, dancer.posterior, dancer.decoder],
        "baseline_gan": [gan.generator, baseline_gan.build_discriminator()],
        "pose_gan": [painter],
        "discriminators": judges,
    }
    for name, models in totals.items():
        for model in models:
            assert f"{blocks.trained(model):,} parameters" in said_by(made[name]), name
    prior = blocks.trained(dancer.prior) + blocks.trained(dancer.prior_head)
    assert f"{prior:,} parameters" in said_by(made["lstm_vae"])
    parts = (dancer.ear, dancer.posterior, dancer.decoder)
    assert blocks.trained(dancer) == prior + sum(map(blocks.trained, parts))  # nothing is left undrawn
    for model in totals["baseline_vae"] + totals["baseline_gan"]:
        for layer in model.layers:
            if layer.trainable_weights and not isinstance(layer, layers.BatchNormalization):
                shape = " × ".join(f"{n:,}" for n in layer.output.shape[1:])
                everywhere = said_by(made["baseline_vae"]) + said_by(made["baseline_gan"])
                assert f"→ {shape} " in everywhere or shape == "65,536", layer.name


def test_blocks_count_all_that_is_trained():
    model = baseline_gan.build_generator()
    part = blocks.read(model)
    assert part.parameters == blocks.trained(model) == 17_230_851
    assert [block.shape for block in part.blocks][1] == "16 × 16 × 256"
    assert part.blocks[2].lines == ["Transposed conv 3 × 3, stride 2, batch norm, ReLU"]
    assert part.blocks[2].parameters == 3 * 3 * 256 * 128 + 128 + 2 * 128


def small_model(*, more=False):
    given = x = keras.Input((10, 4), name="sound")
    x = layers.Conv1D(6, 3, padding="same", activation="relu")(x)
    x = layers.Conv1D(6, 3, padding="same", activation="relu")(x)
    kept = layers.Dense(5)(x)
    if more:
        x = layers.LayerNormalization()(layers.LSTM(7, return_sequences=True)(x))
    return keras.Model(given, layers.Dense(3)(layers.Concatenate()([x, kept])), name="small")


def test_an_added_layer_appears():
    before, after = (drawings.draw(small_model(more=more)) for more in (False, True))
    assert "LSTM, 7 units" in said_by(after) and "LSTM" not in said_by(before)
    assert "layer normalization" in said_by(after)  # a layer that the drawing knows no words for
    assert f"{small_model(more=True).count_params():,} parameters" in said_by(after)


def test_layers_of_one_kind_are_one_block_and_joins_begin_one():
    part = blocks.read(small_model())
    assert [block.lines for block in part.blocks] == [
        ["Conv 3 steps, ReLU", "Conv 3 steps, ReLU"], ["Dense, 5 units"], ["Concatenate", "Dense, 3 units"],
    ]  # fmt: skip
    assert part.blocks[2].given == part.blocks[:2] and part.inputs[0].name == "sound"


def test_names_are_those_that_were_chosen_whatever_was_made_before():
    given = keras.Input((4, 2))
    drawings_of = [drawings.draw(keras.Model(given, layers.Conv1D(2, 1)(layers.Dense(3)(given)))) for _ in range(2)]
    assert drawings_of[0].svg == drawings_of[1].svg and "input" in said_by(drawings_of[0])
    vae = baseline_vae.BaselineVAE()
    said = said_by(drawings.draw(vae.encoder, vae.decoder))
    assert all(name in said for name in ("encoder, decoder", "mfcc", "z_log_var", "output")) and "_1" not in said


def test_a_switched_off_idea_is_not_drawn(made):
    plain = drawings.draw(pose_gan.PoseGAN(pose_gan.GANSettings(attention=False, residual=False)))
    for words in ("Self-attention", "Residual block"):
        assert words in said_by(made["pose_gan"]) and words not in said_by(plain)


def test_sizes_of_a_u_net_lie_where_they_are_made(made):
    for rows, columns in pose_gan.SIZES:
        assert f"→ {rows} × {columns} × 4" in said_by(made["pose_gan"])
    assert "Pixel shuffle × 2, ReLU" in said_by(made["pose_gan"]) and "10 × 6 × 160" in said_by(made["pose_gan"])


def test_what_is_no_functional_model_is_refused():
    class Own(keras.Model):
        pass

    with pytest.raises(InputError, match="Own is no functional model"):
        drawings.draw(Own())


def test_the_drawings_of_the_page_are_what_the_program_makes_today(made):
    for name, drawing in made.items():
        path = drawings.FOLDER / f"{name}.svg"
        assert path.read_text(encoding="utf-8") == drawing.svg, f"python -m dancing_utils.show.drawings: {path.name}"
    assert {path.stem for path in drawings.FOLDER.glob("*.svg")} == set(made)


def test_all_are_written(tmp_path, monkeypatch, made):
    monkeypatch.setattr(drawings, "ALL", {"one": lambda: made["lstm_vae"]})
    drawings.write_all(tmp_path / "new")
    assert (tmp_path / "new" / "one.svg").read_text(encoding="utf-8") == made["lstm_vae"].svg


def test_the_lstm_cell_is_whole_and_said_in_words():
    drawing = cell.draw_lstm()
    width = float(ElementTree.fromstring(drawing.svg).get("width"))
    for x, _, wide, words, size in words_in(drawing):
        assert x >= 0 and x + wide <= width and size >= 14, words
    for gate in ("forget", "input", "output"):
        assert f"{gate} gate" in drawing.text and gate in said_by(drawing)
