"""Mending warped pictures, on a person drawn from coloured capsules: what is kept stays bit for bit."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_person import COLOURS, draw, pose_of, units, wall
from test_dancers import here, make, person  # noqa: F401
from typer.testing import CliRunner

from dancing_utils import InputError, cli, dancers, generate, learn
from dancing_utils.images import boxes, film_frames, repair_gan, repair_painting, repair_training, warp
from dancing_utils.images.body_parts import NUMBER
from dancing_utils.images.pixels import from_bytes, to_bytes
from dancing_utils.images.repair_gan import RepairGAN, RepairSettings
from dancing_utils.pose.landmarks import to_pixels
from dancing_utils.tf import keras, tf
from dancing_utils.training import save_weights

TINY = RepairSettings(widths=(2, 2, 2, 2, 2), crop=(96, 64), batch=2, epochs=3, batches_an_epoch=2)
BYTES = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(3, -1)


def biased(mask: float, keep: float) -> RepairGAN:
    """A network whose last convolution says the same everywhere: a white picture, this mask, this keep."""
    model = RepairGAN(TINY)
    model.colours.bias.assign(np.full(12, 5.0))
    model.masks.bias.assign(np.tile([mask, keep], 4))
    return model


def film_of(warper, n=60):
    """Frames of a drawn person who raises one arm; each eighth is a key frame."""
    poses = np.stack([pose_of(left=(2 * k, 2 * k), right=(20, 20)) for k in range(n)])
    shape = boxes.box_shape(poses)
    pictures, corners = film_frames.cut(
        (draw(pose, wall())[0] for pose in poses), np.tile(np.eye(2, 3, dtype=np.float32), (n, 1, 1)), units(poses),
        np.arange(n), shape, warper.plate,
    )  # fmt: skip
    return film_frames.FilmFrames(pictures, corners, units(poses), np.zeros((n, 33)), np.arange(n), 8 * np.arange(8))


@pytest.fixture(scope="module")
def warper(person):  # noqa: F811
    return warp.Warper(person.frames, person.plate.picture)


@pytest.fixture(scope="module")
def pairs(warper):
    return film_frames.make_pairs(film_of(warper), warper, progress=False)


# --- the blend -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask, keep, whose", [(9, 9, "warp"), (-9, -9, "plate"), (9, -9, "white"), (-9, 9, "warp")])
def test_of_each_level_the_warp_the_plate_or_the_networks_own_stays(mask, keep, whose):
    warped, plate = BYTES, BYTES[:, ::-1]
    made = [np.full((1, 16, 16, n), value, np.float32) for n, value in ((3, 9), (1, mask), (1, keep))]
    picture = to_bytes(repair_gan.compose(made, from_bytes(warped), from_bytes(plate)))
    np.testing.assert_array_equal(picture, {"warp": warped, "plate": plate, "white": 0 * plate + 255}[whose])


def test_a_network_that_keeps_all_gives_the_warp_bit_for_bit(warper):
    poses = units(np.stack([pose_of(left=(30 + 9 * k, 40), right=(20, 60)) for k in range(6)]))  # not by fours
    made = list(repair_painting.RepairPainter(biased(9, 9), warper).paint(poses))
    np.testing.assert_array_equal(made, list(warper.paint(poses)))


def test_nothing_is_left_of_what_changes_with_every_second_pixel():
    """The four channels that become four neighbours may differ: dots, stripes and a plain grey are alike then."""
    y, x = np.mgrid[:8, :8]
    for pattern in (y % 2 * (x % 2), y % 2, (y + x) % 2):
        values = np.float32(pattern)[None, ..., None]
        np.testing.assert_allclose(repair_gan.smoothed(tf.constant(values)), values.mean() + 0 * values, atol=1e-6)
        np.testing.assert_allclose(repair_painting._evened(values[0, ..., 0]), values.mean() + 0 * values[0, ..., 0])


def test_what_is_painted_beside_the_person_goes_over_into_the_room(warper):
    pose = units(pose_of(left=(30, 40)))[None]
    made = next(repair_painting.RepairPainter(biased(9, -9), warper).paint(pose)).astype(int)  # all white
    steps = np.abs(np.diff(made, axis=1)).max(-1)
    old = np.abs(np.diff(warper.plate.astype(int), axis=1)).max(-1)
    assert (made == 255).all(-1).sum() > 1000
    assert (steps - old).max() < 2 * 255 / repair_painting.FADING


def test_the_rounded_network_paints_as_the_float_one_does(warper):
    keras.utils.set_random_seed(3)
    model = RepairGAN(replace(TINY, widths=(8, 8, 8, 8, 8)))
    for head in (model.colours, model.masks):
        head.kernel.assign(tf.random.normal(head.kernel.shape, stddev=0.3))
    poses = units(np.stack([pose_of(left=(30, 40), right=(20, 60)), pose_of(left=(80, 40), right=(50, 60))]))
    painter = repair_painting.RepairPainter(model, warper)
    made, layers, points = list(painter.paint(poses)), list(warper.layers(poses)), to_pixels(poses)
    corners = boxes.corners_of(points, painter.shape)
    for picture, layer, point, (row, column) in zip(made, layers, points, corners, strict=True):
        box = slice(row, row + painter.shape[0]), slice(column, column + painter.shape[1])
        near = boxes.boxed(layer, (row, column), painter.shape, warper.plate)[None]
        plate, inside = warper.plate[box][None], (point - (column, row)).astype(np.float32)[None]
        seen = model.look(from_bytes(near[..., :3]), tf.constant(near[..., 3:] / np.float32(255)), inside)
        warped, more = from_bytes(near[..., :3]), repair_painting.MORE
        wanted = np.asarray(to_bytes(repair_gan.compose(seen, warped, from_bytes(plate), more=more)))[0].astype(int)
        shown = repair_painting._nearness(layer[box]) == 1
        assert np.abs(near[0, ..., :3] - wanted)[shown].mean() > 5
        assert np.abs(picture[box] - wanted)[shown].mean() < 2


def test_a_painter_is_made_ready_anew_for_poses_that_need_more_room(warper):
    painter = repair_painting.RepairPainter(biased(9, 9), warper)
    small, large = (units(pose_of(left=(up, up), right=(up, up)))[None] for up in (0, 90))
    shapes = []
    for pose in (small, large, small):
        np.testing.assert_array_equal(list(painter.paint(pose)), list(warper.paint(pose)))
        shapes.append(painter.shape)
    assert shapes[0] != shapes[1] == shapes[2]


def test_far_from_the_person_the_room_stays_even_if_the_network_would_paint_it(warper):
    pose = units(pose_of(left=(30, 40)))[None]
    covered = next(warper.layers(pose))[..., 3] > 0
    made = next(repair_painting.RepairPainter(biased(9, -9), warper).paint(pose))  # all white
    y, x = np.nonzero(covered)
    far = np.ones_like(covered)
    far[y.min() - 25 : y.max() + 26, x.min() - 25 : x.max() + 26] = False
    np.testing.assert_array_equal(made[far], warper.plate[far])
    assert (made[covered] == 255).all()


def test_a_network_that_paints_nothing_leaves_the_empty_room(warper):
    pose = units(pose_of(left=(30, 40)))[None]
    made = next(repair_painting.RepairPainter(biased(-9, -9), warper).paint(pose))
    shape = boxes.box_shape(to_pixels(pose))
    (row, column), *_ = boxes.corners_of(to_pixels(pose), shape)
    np.testing.assert_array_equal(made[row : row + shape[0], column : column + shape[1]],
                                  warper.plate[row : row + shape[0], column : column + shape[1]])  # fmt: skip


@pytest.mark.parametrize("idea", ["residual", "attention"])
def test_an_idea_is_switched_on_by_its_setting(idea):
    plain, other = (RepairGAN(replace(TINY, widths=(4,) * 5, **on)) for on in ({}, {idea: True}))
    box = tf.random.uniform((1, 64, 96, 3)), tf.ones((1, 64, 96, 1)), tf.random.uniform((1, 33, 2), maxval=64.0)
    for model in (plain, other):
        assert [one.shape for one in model.look(*box)] == [(1, 64, 96, n) for n in (3, 1, 1)]
    gammas = [float(block.second.layers[1].gamma[0]) for block in (plain.network.enter[0], other.network.enter[0])]
    assert gammas == [1.0, 0.0 if idea == "residual" else 1.0]
    assert (len(other.weights) > len(plain.weights)) == (idea == "attention")


def test_where_nothing_is_painted_no_picture_comes(warper):
    assert list(repair_painting.RepairPainter(biased(9, 9), warper).paint(np.zeros((0, 33, 2)))) == []


def test_a_box_holds_the_person_and_stays_in_the_picture():
    poses = np.stack([pose_of(left=(90, 90), right=(90, 90), x=x) for x in (60, 180, 330)])
    shape = boxes.box_shape(poses)
    assert shape == (512, 352)  # 405 rows of landmarks and 91 of room; of columns no more than there are
    corners = boxes.corners_of(poses, shape)
    assert (corners >= 0).all() and (corners + shape <= (640, 360)).all()
    assert boxes.box_shape(3 * poses) == (640, 352)


# --- pairs ---------------------------------------------------------------------------------------------------------


def test_a_key_frame_that_is_left_out_is_not_used(warper):
    pose, left_out = warper.poses[3], np.zeros((1, len(warper.poses)), bool)
    arm = NUMBER["left_upper_arm"]
    assert warper.sources.choose(pose)[arm] % len(warper.poses) == 3
    left_out[0, 3] = True
    assert warper.sources.choose(pose, left_out=left_out[0])[arm] % len(warper.poses) != 3
    (layer,) = warper.layers([units(pose)], left_out=left_out)
    assert not np.array_equal(layer, next(warper.layers([units(pose)])))


def test_no_picture_is_made_of_its_neighbours_and_the_last_tenth_is_held_out(warper, monkeypatch):
    asked = {}
    layers = warper.layers
    monkeypatch.setattr(warper, "layers", lambda poses, **known: asked.update(known) or layers(poses, **known))
    made = film_frames.make_pairs(film_of(warper), warper, progress=False)
    near = np.abs(np.arange(60)[:, None] - 8 * np.arange(8)) < 21  # 0.7 s
    np.testing.assert_array_equal(asked["left_out"], near)
    assert made.held_out.nonzero()[0].tolist() == list(range(54, 60))
    assert made.trained.nonzero()[0].tolist() == list(range(33))


def test_a_pair_shows_the_same_place(pairs):
    for k in (0, 40):
        x, y = pairs.points[k][[11, 12]].mean(0).astype(int)  # the breast, in the trunk's colour
        for picture in (pairs.reals[k], pairs.warps[k][..., :3]):
            assert np.abs(picture[y + 30, x].astype(int) - COLOURS["trunk"]).max() < 40
        assert pairs.warps[k][y + 30, x, 3] == 255 and pairs.warps[k][2, 2, 3] == 0


def test_pairs_of_two_dancers_keep_their_places(pairs):
    rows, columns = (n - 32 for n in pairs.reals.shape[1:3])
    smaller = replace(pairs, warps=pairs.warps[:, 16:-16, 16:-16], reals=pairs.reals[:, 16:-16, 16:-16],
                      corners=pairs.corners + 16, points=pairs.points - 16)  # fmt: skip
    assert smaller.reals.shape[1:3] == (rows, columns)
    both = film_frames.together([pairs, smaller])
    n = len(pairs.points)
    there = pairs.points + pairs.corners[:, None, ::-1]
    np.testing.assert_allclose(both.points[n:] + both.corners[n:, None, ::-1], there)
    assert both.which.tolist() == [0] * n + [1] * n and both.reals.shape[1:3] == pairs.reals.shape[1:3]
    rng = np.random.default_rng(0)
    warps, reals, plates, points = repair_training.crop_batch(both, np.array([5, n + 5]), (96, 64), rng)
    assert warps.shape == (2, 96, 64, 4) and plates.shape == reals.shape == (2, 96, 64, 3)
    empty = warps[..., 3] == 0
    np.testing.assert_array_equal(warps[..., :3][empty], plates[empty])  # what is not covered is the plate


def test_kept_frames_are_read_again_and_a_damaged_file_is_said(warper, tmp_path):
    frames, path = film_of(warper), tmp_path / "frames.npz"
    film_frames.save(path, frames)
    again = film_frames.load(path)
    assert np.abs(again.pictures.astype(int) - frames.pictures).mean() < 2
    np.testing.assert_array_equal(again.key_numbers, frames.key_numbers)
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(InputError, match=r"frames.npz is damaged or of another kind .*: learn the film again"):
        film_frames.load(path)


def test_too_short_a_film_is_said(warper):
    few = film_of(warper, n=20)
    with pytest.raises(InputError, match="20 frames show her well, 30 are needed"):
        film_frames.make_pairs(few, warper, progress=False)
    with pytest.raises(InputError, match="no frame to train on|0 frames to train on"):
        made = film_frames.make_pairs(film_of(warper, n=30), warper, progress=False)
        repair_training.train(replace(made, trained=made.trained & False), "none", TINY, progress=False)


def test_detail_counts_edges_not_colours():
    flat = tf.fill((1, 32, 32, 3), 0.4)
    assert float(tf.reduce_max(repair_training.detail(flat))) == 0
    stripes = np.zeros((1, 32, 32, 3), np.float32)
    stripes[:, ::2] = 0.5  # every row differs from the one above by 0.5
    np.testing.assert_allclose(repair_training.detail(stripes), 0.5, atol=1e-6)
    np.testing.assert_allclose(repair_training.detail(np.roll(stripes, 1, 1)), 0.5, atol=1e-6)  # wherever they lie
    blurred = (stripes + np.roll(stripes, 1, 1)) / 2
    assert float(tf.reduce_max(repair_training.detail(blurred))) == 0


# --- training ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_stopped_training_goes_on_as_if_it_had_not_been_stopped(pairs, tmp_path, monkeypatch):
    def weights(run_dir):
        made, history = repair_training.train(pairs, tmp_path / run_dir, TINY, progress=False)
        assert len(history) == 3
        return np.concatenate([np.ravel(weight) for weight in made.weights])

    def stop(*_):
        raise KeyboardInterrupt

    whole = weights("whole")
    assert (tmp_path / "whole" / "samples.png").is_file()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(repair_training, "write_png", stop)  # after the first epoch
        weights("stopped")
    np.testing.assert_allclose(weights("stopped"), whole, atol=1e-5)
    other = replace(pairs, points=pairs.points + 1)
    with pytest.raises(InputError, match="trained on something else"):
        repair_training.train(other, tmp_path / "whole", TINY, progress=False)
    with pytest.raises(InputError, match="another network"):
        base = tmp_path / "whole" / repair_gan.FILE_NAME
        repair_training.train(pairs, tmp_path / "new", replace(TINY, residual=True), start_from=base, progress=False)


@pytest.mark.slow
def test_a_network_learns_to_paint_what_the_warp_lacks(pairs, tmp_path):
    """The left arm is taken out of every warped picture."""
    warps, arm = pairs.warps.copy(), pairs.reals.astype(int)
    gone = np.zeros(pairs.reals.shape[:3], bool)
    for name in ("left_upper_arm", "left_lower_arm", "left_hand"):
        gone |= np.abs(arm - COLOURS[name]).max(-1) < 60
    plates = np.stack([pairs.plates[0][r : r + gone.shape[1], c : c + gone.shape[2]] for r, c in pairs.corners])
    warps[gone] = np.concatenate([plates, 0 * plates[..., :1]], -1)[gone]
    settings = RepairSettings(widths=(8, 8, 8, 8, 8), crop=(192, 128), epochs=3, batches_an_epoch=20,
                              adversarial_weight=0.0, learning_rate=3e-3)  # fmt: skip
    _, history = repair_training.train(replace(pairs, warps=warps), tmp_path, settings, progress=False)
    assert history[-1]["own"] < 0.8 * history[0]["own"] and history[-1]["validation"] < history[0]["validation"]


# --- the dancer ----------------------------------------------------------------------------------------------------


def trained(folder, made_for):
    save_weights(biased(9, -9), folder / repair_gan.FILE_NAME, TINY, made_for=made_for)


def test_a_dancer_is_mended_by_what_was_trained_for_her_and_by_nothing_else(here, person):  # noqa: F811
    her = make(here / "dancers" / "me", person)
    pose = person.poses[:1]
    warped = next(generate.open_painter(her).paint(pose))
    trained(her, dancers.fingerprint(her))
    x, y = to_pixels(pose)[0][[11, 12, 23, 24]].mean(0).astype(int)
    assert next(generate.open_painter(her).paint(pose))[y, x].tolist() == [255] * 3  # the network's white
    np.testing.assert_array_equal(next(generate.open_painter(her, repair=False).paint(pose)), warped)
    trained(her, "another")
    with pytest.raises(InputError, match="repair.npz was trained for another dancer .* --no-repair"):
        generate.open_painter(her)
    (her / repair_gan.FILE_NAME).write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"repair.npz is damaged or of another kind"):
        generate.open_painter(her)
    assert generate.open_painter(her, repair=False)


def test_without_kept_frames_training_says_how_to_get_them_and_forget_removes_them(here, person):  # noqa: F811
    her = make(here / "dancers" / "me", person)
    with pytest.raises(InputError, match="no frames of the films of me were kept .*--again --train"):
        learn.train_repair("me")
    dancers.film_folder(her).mkdir()
    (dancers.film_folder(her) / film_frames.FILE_NAME).write_bytes(b"frames of her")
    assert len(dancers.forget("me")) == 2 and not list((here / "dancers").iterdir())


@pytest.mark.slow
def test_the_command_trains_what_generate_then_uses(here, person, monkeypatch):  # noqa: F811
    her = make(here / "dancers" / "me", person)
    frames = film_of(warp.Warper(person.frames, person.plate.picture))
    film_frames.save(dancers.film_folder(her) / film_frames.FILE_NAME, frames)
    monkeypatch.setattr(repair_training, "RepairSettings", lambda: TINY)
    monkeypatch.setattr(learn, "REPAIR_BASE", here / "none.npz")
    said = CliRunner().invoke(cli.app, ["train", "gan", "--dancer", "me", "--quiet"])
    assert said.exit_code == 0 and "MB: frames of her films, to train on" in said.output, said
    assert generate.open_painter(her).paint(person.poses[:1]) is not None


@pytest.mark.parametrize("options", [[], ["--data", "a.h5", "--dancer", "me"], ["--dancer", "me", "--quick"]])
def test_what_does_not_go_together_is_refused(options):
    said = CliRunner().invoke(cli.app, ["train", "gan", *options])
    assert said.exit_code == 2
