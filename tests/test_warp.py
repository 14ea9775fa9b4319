"""The warp on a person drawn from coloured capsules: which part's colour lands where is known."""

import dataclasses

import numpy as np
import pytest
from drawn_person import COLOURS, FLAT, SEEN, draw, pose_of, units, wall

from dancing_utils import HEIGHT, WIDTH, InputError
from dancing_utils.images import bare_arms, body_parts, cutting, key_frames, overlay, stains, warp
from dancing_utils.images.body_parts import NUMBER, PARTS, points_of
from dancing_utils.pose.landmarks import INDEX

STORE = [  # angles of the left and the right arm in the key frames
    ((20, 20), (20, 20)), ((60, 60), (30, 10)), ((90, 90), (90, 90)), ((150, 150), (130, 160)), ((30, -60), (90, 0)),
]  # fmt: skip


def _key_frames(poses, *, pictures=None, depth=None, visibility=None, sharpness=None):
    """Key frames of drawn persons; depth, visibility (K, 33) and sharpness (K, 15) if they are not the usual ones."""
    made = [draw(pose, wall()) for pose in poses]
    poses, n = np.stack(poses), len(poses)
    masks = [mask for _, mask in made]
    figure = body_parts.measure_figure(poses, masks, poses)
    pictures = [picture for picture, _ in made] if pictures is None else pictures
    cuts = [key_frames.cut_out(*one, np.eye(2, 3)) for one in zip(pictures, masks, poses, strict=True)]
    pictures, masks, matrices = zip(*cuts, strict=True)
    return key_frames.KeyFrames(
        list(pictures), list(masks), np.stack(matrices), poses.astype(np.float32),
        np.tile(SEEN, (n, 1)) if visibility is None else visibility, np.tile(FLAT, (n, 1)) if depth is None else depth,
        np.ones((n, len(PARTS)), np.float32) if sharpness is None else sharpness, figure,
    )  # fmt: skip


@pytest.fixture(scope="module")
def warper():
    return warp.Warper(_key_frames([pose_of(left=left, right=right) for left, right in STORE]), wall())


def _colour_at(picture, place):
    x, y = np.round(place).astype(int)
    return picture[y, x].astype(int)


def _is_part(picture, place, name):
    return np.abs(_colour_at(picture, place) - COLOURS[name]).max() < 40


def _count(picture, name):
    """Pixels of a part's colour."""
    return (np.abs(picture[..., :3].astype(int) - COLOURS[name]).max(-1) < 40).sum()


def _missing(picture, pose, names=tuple(COLOURS)):
    """Parts whose colour is not found at a quarter, half and three quarters of their bone, as far as in the picture."""
    out = []
    for part in PARTS:
        a, b = points_of(part, pose)[:2]
        places = [a + t * (b - a) for t in ((0.25,) if part.name in ("head", "neck") else (0.3, 0.5, 0.7))]
        inside = [p for p in places if (p > 1).all() and (p < (WIDTH - 2, HEIGHT - 2)).all()]
        if part.name in names and not all(_is_part(picture, place, part.name) for place in inside):
            out.append(part.name)
    return out


NEW = [pose_of(left=(120, 170), right=(45, 80)), pose_of(left=(10, 5), right=(60, 100), x=160), pose_of(x=120)]
LIMBS = tuple(name for name in COLOURS if name not in ("trunk", "neck"))


@pytest.mark.parametrize("pose", NEW)
def test_every_part_lands_where_it_is_wanted(warper, pose):
    (picture,) = warper.paint([units(pose)])
    assert picture.shape == (HEIGHT, WIDTH, 3) and picture.dtype == np.uint8
    assert not _missing(picture, pose)


def test_a_pose_of_the_film_gives_its_picture(warper):
    pose = pose_of(left=STORE[3][0], right=STORE[3][1])
    (picture,) = warper.paint([units(pose)])
    true, mask = draw(pose, wall())
    assert np.abs(picture.astype(int) - true)[mask > 0].mean() < 6
    assert (picture == wall())[mask == 0].mean() > 0.98  # not a pixel of the room is touched elsewhere


def test_joints_leave_no_gap_and_no_second_limb(warper):
    pose = pose_of(left=(120, 20), right=(45, 130))
    (layer,) = warper.layers([units(pose)])
    for joint in ("left_elbow", "right_elbow", "left_knee", "right_wrist", "left_shoulder", "right_hip"):
        x, y = pose[INDEX[joint]].round().astype(int)
        assert layer[y - 2 : y + 3, x - 2 : x + 3, 3].min() > 215, joint
    for name in ("left_lower_arm", "right_lower_arm", "left_hand"):  # as many pixels of its colour as were drawn
        drawn, painted = (_count(picture, name) for picture in (draw(pose, wall())[0], layer))
        assert 0.75 < painted / drawn < 1.25, name


def test_the_alpha_is_what_the_person_covers_and_gives_the_picture_with_the_plate(warper):
    pose = NEW[0]
    (layer,), (picture,) = warper.layers([units(pose)]), warper.paint([units(pose)])
    mask = draw(pose, wall())[1] > 0
    assert layer.shape == (HEIGHT, WIDTH, 4) and layer.dtype == np.uint8
    covered = layer[..., 3] > 127
    assert (covered & mask).sum() / (covered | mask).sum() > 0.88
    alpha = layer[..., 3:] / 255
    np.testing.assert_allclose(picture, layer[..., :3] + (1 - alpha) * wall(), atol=1.01)
    assert (layer[..., :3] <= layer[..., 3:].astype(int) + 1).all()  # premultiplied


def test_a_trunk_that_an_arm_crossed_is_filled_in():
    crossed = pose_of(left=(20, -75), right=(100, 100))
    frames = _key_frames([crossed, pose_of(left=(90, 90), right=(90, 90))])
    painted = warp.Warper(frames, wall())
    hand = frames.poses[0][INDEX["left_wrist"]]  # it lies before the trunk
    trunk = painted.sprites[0][NUMBER["trunk"]]
    assert trunk.worth < 0.97
    x, y = (hand - trunk.corner).round().astype(int)
    assert np.abs(trunk.rgba[y, x].astype(int) - [*COLOURS["trunk"], 255]).max() < 40
    (picture,) = painted.paint([units(pose_of(left=(100, 100), right=(100, 100)))])
    true = draw(pose_of(left=(100, 100), right=(100, 100)), wall())[0]
    assert _count(picture, "left_lower_arm") < 1.3 * _count(true, "left_lower_arm")


def test_wall_that_a_mask_took_for_the_person_is_left_out():
    """The mask closes the gap between head and raised arm; a shirt of the wall's colour within the mask stays."""
    room, mask = wall(), np.zeros((640, 360), np.uint8)
    picture = room.copy()
    mask[100:300, 100:200] = 255
    picture[100:300, 100:160] = (200, 30, 30)  # the person; beside it wall, up to the mask's edge
    picture[200:240, 110:150] = room[200:240, 110:150]
    kept = cutting.without_wall(picture, mask, room, reach=60)
    assert kept[:, 165:].max() == 0 and kept[110:190, 105:155].min() == 255 and kept[205:235, 115:145].min() == 255
    assert cutting.without_wall(picture, mask, room, reach=10)[150, 175] == 255
    assert (cutting.without_wall(np.full_like(room, 200), mask, room, reach=60) == mask).all()


def test_a_turned_head_is_not_seen_twice():
    """Neck and head of two frames: the neck's frame, in which the head was elsewhere, brings none of it along."""
    aside = pose_of()
    aside[:11] += (28, -4)  # the face moved to one side, and the ears with it
    frames = _key_frames([pose_of(), aside])
    painter = warp.Warper(frames, wall())
    head, neck = (NUMBER[name] for name in ("head", "neck"))
    for sprites in painter.sprites:
        alpha, corner = sprites[neck].rgba[..., 3], sprites[neck].corner
        ears, shoulders = sprites[neck].points[1], sprites[neck].points[0]
        top = corner[1] + np.flatnonzero(alpha.max(1) > 127)[0]
        assert top > ears[1] + 0.15 * (shoulders[1] - ears[1])
        low = sprites[head].corner[1] + np.flatnonzero(sprites[head].rgba[..., 3].max(1) > 127)[-1]
        assert low < shoulders[1] - 0.15 * (shoulders[1] - ears[1])


def test_a_waist_that_an_arm_covers_in_every_frame_has_the_shirts_colour():
    crossed = pose_of(left=(20, -75), right=(100, 100))
    painted = warp.Warper(_key_frames([crossed]), wall())
    trunk = painted.sprites[0][NUMBER["trunk"]]
    x, y = ((0.6 * crossed[13] + 0.4 * crossed[15]) - trunk.corner).round().astype(int)  # before the waist
    assert trunk.hole[y, x] and np.abs(trunk.rgba[y, x].astype(int) - [*COLOURS["trunk"], 255]).max() < 40
    x, y = (crossed[11] + (0, 20) - trunk.corner).round().astype(int)  # a sleeve is not painted in
    assert not trunk.hole[y, x] or trunk.rgba[y, x, 3] < 128


def test_a_flap_of_a_sleeve_is_cut_off_a_trunk_where_other_frames_show_wall(monkeypatch):
    """The frame with a hanging arm has a flap beside the trunk; the frames with raised arms show the wall there."""
    hanging = pose_of(left=(30, 30), right=(90, 90))
    frames = _key_frames([hanging, *(pose_of(left=(a, a), right=(a, a)) for a in (95, 110, 130))])
    flap = (0.6 * hanging[11] + 0.4 * hanging[23] + (14, 0)).round().astype(int)
    x, y = flap - frames.to_plate[0][:, 2].astype(int)
    frames.pictures[0][y - 6 : y + 7, x - 12 : x + 5] = COLOURS["trunk"]
    frames.masks[0][y - 6 : y + 7, x - 12 : x + 5] = 255

    def solid():
        trunk = warp.Warper(frames, wall()).sprites[0][NUMBER["trunk"]]
        return [trunk.rgba[y, x, 3] for x, y in (place - trunk.corner.astype(int) for place in (flap, flap - (40, 0)))]

    assert solid()[0] < 60 and solid()[1] > 250
    monkeypatch.setattr(warp, "without_flaps", lambda trunk, surely: trunk)
    assert solid()[0] > 120


def test_a_fringe_of_wall_is_taken_off_a_mask():
    """A red person whose mask reaches a pixel into a blue wall, with a mixture of both at her edge."""
    room = np.full((60, 80, 3), (20, 30, 200), np.uint8)
    picture, mask = room.copy(), np.zeros((60, 80), np.uint8)
    picture[:, 20:60] = (210, 40, 30)
    picture[:, 60] = (115, 35, 115)
    mask[:, 20:62] = 255
    cleaned, kept = cutting.without_rim(picture, mask, room)
    assert kept[30, 61:].max() < 10 and 100 < kept[30, 60] < 155 and kept[30, 22:59].min() > 240
    assert np.abs(cleaned[30, 60].astype(int) - (210, 40, 30)).max() < 15  # the person's own colour, not the mixture
    same = cutting.without_rim(room, mask, room)
    assert (same[1] == mask).all()  # a person of the wall's colour cannot be told from it


def test_a_trunk_seen_from_the_side_is_not_flat():
    corners = np.array([[50.0, 0], [50, 130], [90, 0], [10, 0], [25, 130], [75, 130]])
    aside = corners * [0.02, 1] + [49, 0]
    flat, deep = (warp.part_transform(corners, aside, size=1.0, stiffness=1.0, narrowest=n) for n in (0, 0.55))
    assert abs(flat[0, 0]) < 0.05 and deep[0, 0] == pytest.approx(0.55)
    np.testing.assert_allclose(corners.mean(0) @ deep[:, :2].T + deep[:, 2], aside.mean(0), atol=1e-6)


def test_a_blurred_hidden_or_too_long_source_is_refused():
    poses = [pose_of(left=(88, 88)), pose_of(left=(94, 94)), pose_of(left=(20, 20))]
    arm = NUMBER["left_lower_arm"]
    wanted = pose_of(left=(89, 89))
    for harm in ("sharpness", "visibility"):
        values = np.ones((3, len(PARTS) if harm == "sharpness" else 33), np.float32)
        values[0, arm if harm == "sharpness" else [13, 15]] = 0.1
        usual, harmed = (warp.Warper(_key_frames(poses, **some), wall()) for some in ({}, {harm: values}))
        assert usual.sources.choose(wanted)[arm] == 0 and harmed.sources.choose(wanted)[arm] == 1
    longer = pose_of(left=(88, 88))
    longer[15] = longer[13] + 1.35 * (longer[15] - longer[13])
    assert warp.Warper(_key_frames([longer, *poses[1:], *poses[2:] * 30]), wall()).sources.choose(wanted)[arm] == 1


def test_a_part_keeps_its_source_until_another_is_clearly_better(warper):
    poses = [pose_of(left=(90, 90)), pose_of(left=(106, 106))]
    sources = warp.Warper(_key_frames(poses), wall()).sources
    arm = NUMBER["left_upper_arm"]
    there = [sources.choose(pose_of(left=(a, a)))[arm] for a in range(90, 107)]
    back = [sources.choose(pose_of(left=(a, a)))[arm] for a in range(106, 89, -1)]
    assert there == sorted(there) and there[0] == 0 and there[-1] == 1  # one change, no flicker
    assert there.index(1) > 17 - back.index(0)  # it comes late on either way


def test_a_still_pose_gives_a_still_picture_and_a_film_the_same_twice(warper):
    first, second = warper.paint([units(NEW[0])] * 2)
    np.testing.assert_array_equal(first, second)
    film = [units(pose) for pose in NEW]
    np.testing.assert_array_equal(list(warper.paint(film)), list(warper.paint(film)))


def test_an_arm_never_seen_is_taken_from_the_other_in_a_mirror():
    poses = [pose_of(left=(0, 0)), pose_of(left=(2, 0))]
    frames = _key_frames(poses)
    for mask, pose, matrix in zip(frames.masks, poses, frames.to_plate, strict=True):  # cut off beside the shoulder
        edge = int(pose[11, 0] + matrix[0, 2] * -1 - 16)
        mask[40:, edge:] = np.where(np.arange(mask.shape[0] - 40)[:, None] > 330, mask[40:, edge:], 0)
    pose = pose_of(left=(60, 60))
    (picture,) = warp.Warper(frames, wall()).paint([units(pose)])
    place = (pose[13] + pose[15]) / 2
    assert _is_part(picture, place, "right_lower_arm")


def test_a_part_that_no_frame_shows_is_left_out():
    frames = _key_frames([pose_of()])
    for mask, matrix in zip(frames.masks, frames.to_plate, strict=True):
        mask[int(400 - matrix[1, 2]) :] = 0  # filmed down to the thighs
    (layer,) = warp.Warper(frames, wall()).layers([units(pose_of())])
    assert not layer[480:].any() and layer[300, 180, 3] == 255


@pytest.mark.parametrize("behind", [False, True])
def test_an_arm_behind_the_back_is_laid_first(warper, behind):
    pose = pose_of(left=(30, -70))
    depth, visibility = np.zeros((1, 33), np.float32), np.ones((1, 33), np.float32)
    depth[0, [13, 15, 17, 19, 21]] = 0.25 if behind else -0.25
    visibility[0, [15, 17, 19, 21]] = 0.1 if behind else 0.95
    (picture,) = warper.paint([units(pose)], depth=depth, visibility=visibility)
    place = 0.3 * pose[13] + 0.7 * pose[15]  # over the trunk
    assert _is_part(picture, place, "trunk" if behind else "left_lower_arm")


def test_depth_or_visibility_alone_hides_no_arm():
    depth, seen = np.zeros(33), np.ones(33)
    far, unseen = depth.copy(), seen.copy()
    far[15], unseen[15] = 0.2, 0.2
    arm = NUMBER["left_lower_arm"]
    assert cutting.behind(far, unseen)[arm]
    assert not cutting.behind(far, seen)[arm] and not cutting.behind(depth, unseen)[arm]


def test_a_hand_before_a_shirt_leaves_the_shirt_behind():
    crossed = pose_of(left=(20, -75))
    painted = warp.Warper(_key_frames([crossed, pose_of(left=(90, 90), right=(90, 90))]), wall())
    hand = painted.sprites[0][NUMBER["left_hand"]]
    shirt = (np.abs(hand.rgba[..., :3].astype(int) - COLOURS["trunk"]).max(-1) < 40) & (hand.rgba[..., 3] > 127)
    white = (np.abs(hand.rgba[..., :3].astype(int) - COLOURS["left_hand"]).max(-1) < 40) & (hand.rgba[..., 3] > 127)
    assert white.sum() > 300 and shirt.sum() < 0.02 * white.sum()  # without the step: a quarter


def _half_painted(sprite, colour):
    """A sprite whose lower half has another colour."""
    rgba = sprite.rgba.copy()
    half = rgba[len(rgba) // 2 :]
    half[..., :3] = np.round(half[..., 3:] / 255 * np.array(colour))
    return dataclasses.replace(sprite, rgba=rgba)


def test_the_colour_of_clothes_is_no_hand_and_such_a_hand_is_worth_less(warper):
    colours = _colours_of_arms(warper.sprites)
    hand = warper.sprites[1][NUMBER["left_hand"]]
    bare, clothed = colours.alone(hand), colours.alone(_half_painted(hand, COLOURS["trunk"]))
    assert bare.worth > 0.9 * hand.worth and clothed.worth < 0.5 * hand.worth
    middle = len(hand.rgba) // 2
    assert clothed.rgba[middle + 3 :, :, 3].max() < 64 and clothed.rgba[: middle - 3, :, 3].max() > 240


def test_an_arm_in_a_sleeve_of_the_shirts_cloth_is_kept(warper):
    sprites = [list(row) for row in warper.sprites]
    for row in sprites:
        for i in bare_arms.BARE:
            row[i] = row[i] and dataclasses.replace(row[i], rgba=_shirt(row[i].rgba))
    arm = sprites[1][NUMBER["left_lower_arm"]]
    assert _colours_of_arms(sprites).alone(arm).worth > 0.9 * arm.worth


def _colours_of_arms(sprites):
    arms, trunks = ([row[i] for row in sprites for i in some if row[i]] for some in (bare_arms.BARE, [cutting.TRUNK]))
    return bare_arms.PartColours(arms, [trunks])


def _shirt(rgba):
    colour = np.round(rgba[..., 3:] / 255 * np.array(COLOURS["trunk"])).astype(np.uint8)
    return np.concatenate([colour, rgba[..., 3:]], axis=-1)


# --- cutting -------------------------------------------------------------------------------------------------------


def test_shreds_at_a_parts_edge_are_dropped_and_its_own_pieces_stay():
    near = np.tile(np.abs(np.linspace(-2, 2, 81)), (60, 1))  # a part whose bone is column 40, its edges 20 and 60
    own = np.zeros((60, 81), bool)
    own[5:25, 30:50] = own[35:55, 30:50] = True  # two pieces of it, between which something lies before it
    pieces = own.copy()
    own[10:20, 66:76] = True  # a shred of something else
    own[24:36, 40] = True  # and a thread
    found = cutting._without_shreds(own, near, 5)
    assert found[~pieces].sum() <= 4 and found[pieces].mean() > 0.95  # a disc is blunt in corners, and has a tip


def test_a_limb_that_lies_before_the_trunk_is_worth_less_than_one_beside_it():
    frames = _key_frames([pose_of(left=(20, -75)), pose_of(left=(60, 60)), pose_of(left=(45, 45))])
    worth = warp.Warper(frames, wall()).worth[:, NUMBER["left_hand"]]
    assert worth[0] < 0.4 < 0.9 < worth[2]


def test_of_two_crossed_legs_the_nearer_hides_the_other():
    depth = np.zeros(33)
    depth[[25, 27]] = -0.2  # the left leg is nearer
    hides = cutting.covers(depth, np.ones(33))
    left, right = NUMBER["left_lower_leg"], NUMBER["right_lower_leg"]
    assert hides[left, right] and not hides[right, left]
    assert hides[NUMBER["left_hand"], NUMBER["trunk"]] and not hides[NUMBER["trunk"], NUMBER["left_hand"]]


# --- transforms, computed by hand ----------------------------------------------------------------------------------


def test_a_bone_is_turned_stretched_and_keeps_its_width():
    source, target = np.array([[10.0, 10], [20, 10]]), np.array([[50.0, 50], [50, 62]])  # right -> down, 1.2 long
    matrix = warp.part_transform(source, target, size=1.0)
    np.testing.assert_allclose(matrix @ [10, 10, 1], [50, 50])
    np.testing.assert_allclose(matrix @ [20, 10, 1], [50, 62])
    np.testing.assert_allclose(matrix @ [15, 13, 1], [47, 56])  # 3 below the middle -> 3 to the left of it


def test_a_bone_is_not_stretched_without_bounds_and_stays_in_the_middle():
    source, target = np.array([[0.0, 0], [10, 0]]), np.array([[0.0, 0], [40, 0]])
    matrix = warp.part_transform(source, target, size=1.0)
    np.testing.assert_allclose(matrix @ [5, 0, 1], [20, 0])
    np.testing.assert_allclose(matrix @ [10, 0, 1], [20 + 5 * warp.STRETCH[1], 0])


def test_a_trunk_is_fitted_to_its_corners_as_far_as_it_is_stiff():
    corners = np.array([[0.0, 0], [100, 0], [100, 130], [0, 130]])
    sheared = corners @ np.array([[1, 0.1], [0.2, 1]])
    loose, stiff = (warp.part_transform(corners, sheared, size=1.0, stiffness=s) for s in (0.01, 1e5))
    np.testing.assert_allclose(corners @ loose[:, :2].T + loose[:, 2], sheared, atol=1e-3)
    singular = np.linalg.svd(stiff[:, :2])[1]
    assert singular[1] == pytest.approx(1, abs=1e-3)


def test_a_head_is_turned_but_never_sheared():
    rng = np.random.default_rng(0)
    face = rng.normal(0, 20, (11, 2))
    turn = np.array([[0, -1], [1, 0]])
    for size, found in ((1.25, 1.3), (1.0, warp.HEAD_SIZE[1])):  # its own size, within bounds around the person's
        matrix = warp.head_transform(face, 1.3 * face @ turn.T + [5, 7], size=size)
        np.testing.assert_allclose(matrix[:, :2], found * turn, atol=1e-9)
        np.testing.assert_allclose(matrix @ [*face.mean(0), 1], 1.3 * turn @ face.mean(0) + [5, 7])


def test_over_is_porter_and_duffs():
    front = np.array([[[100, 0, 50, 128], [0, 0, 0, 0], [9, 8, 7, 255]]], np.uint8)
    back = np.full((1, 3, 3), 200, np.uint8)
    np.testing.assert_allclose(overlay.over(front, back)[0], [[200, 100, 150], [200, 200, 200], [9, 8, 7]], atol=1)


@pytest.mark.parametrize(
    "pose, words",
    [(np.zeros((32, 2)), r"pose 0 has shape \(32, 2\)"), (np.full((33, 2), np.nan), "without NaN"), (3.0, "pose 0")],
)
def test_a_bad_pose_is_refused_in_words(warper, pose, words):
    with pytest.raises(InputError, match=words):
        list(warper.paint([pose]))


def test_a_bad_plate_is_refused_in_words():
    with pytest.raises(InputError, match=r"the plate is \(64, 64, 3\) uint8"):
        warp.Warper(_key_frames([pose_of()]), np.zeros((64, 64, 3), np.uint8))


# --- stains --------------------------------------------------------------------------------------------------------


def _trunk(colour, stain=None, n=40):
    """A square trunk of one colour, a little lighter to the right, with a square of another colour."""
    rgb = np.zeros((n, n, 3)) + colour + np.linspace(0, 8, n)[None, :, None]
    if stain is not None:
        rgb[10:22, 12:26] = stain
    rgba = np.dstack([rgb, np.full((n, n), 255)]).astype(np.uint8)
    return cutting.Sprite(rgba, np.zeros(2), np.zeros((6, 2)), 1.0, np.zeros((n, n), bool))


def _cleaned(trunks):
    return stains.without_stains(trunks, [np.eye(2, 3)] * len(trunks), (40, 40))


def test_a_shadow_that_one_frame_shows_is_painted_over_and_that_frame_is_worth_less():
    shirts = [(20, 150, 140), (22, 148, 141)] * 5
    trunks = [_trunk(shirts[0], stain=(10, 90, 85)), *(_trunk(shirt) for shirt in shirts[1:])]
    first, *others = _cleaned(trunks)
    assert np.abs(first.rgba.astype(int) - _trunk(shirts[0]).rgba).max() <= 4
    assert first.worth < 0.95 and all(one is trunk for one, trunk in zip(others, trunks[1:], strict=True))


def test_where_frames_do_not_agree_and_in_another_light_nothing_is_painted():
    striped = [_trunk((200, 180, 20) if k % 2 else (20, 30, 60)) for k in range(9)]  # stripes that lie anywhere
    striped.append(_trunk((20, 30, 60), stain=(120, 90, 70)))
    assert all(one is trunk for one, trunk in zip(_cleaned(striped), striped, strict=True))
    turned = [*(_trunk((20, 150, 140)) for _ in range(9)), _trunk((10, 90, 85))]  # all of it is dark
    assert _cleaned(turned)[-1] is turned[-1]


def test_hair_and_wall_beside_a_raised_arm_are_not_the_arms(warper):
    sleeve, hair = warper.sprites[1][NUMBER["left_upper_arm"]], (90, 50, 40)
    heads, wall = [_half_painted(warper.sprites[1][NUMBER["head"]], hair)], [warp._as_sprite(warper.plate)]
    colours = bare_arms.PartColours([row[NUMBER["left_upper_arm"]] for row in warper.sprites], [heads, wall])
    middle = len(sleeve.rgba) // 2
    for other in (hair, warper.plate[0, 0]):
        alone = colours.alone(_half_painted(sleeve, other))
        assert alone.rgba[middle + 3 :, :, 3].max() < 64 and alone.rgba[: middle - 3, :, 3].max() > 240
    assert colours.alone(sleeve).worth > 0.9 * sleeve.worth


def test_a_hand_in_the_shade_is_worth_less(warper):
    hand = warper.sprites[1][NUMBER["left_hand"]]
    dark = dataclasses.replace(hand, rgba=(hand.rgba * np.array([0.5, 0.5, 0.5, 1])).astype(np.uint8))
    lit, shaded, _ = bare_arms.less_in_the_shade([hand, dark, hand])
    assert lit.worth == hand.worth and 0.2 < shaded.worth / hand.worth < 0.3


def test_a_head_before_which_an_arm_lies_is_no_source_while_there_is_another():
    across = pose_of(left=(30, 40))
    across[[13, 15, 17, 19, 21]] = across[0] + [[60, 20], [10, 0], [-25, -2], [-30, 0], [-20, -3]]  # over the face
    frames = _key_frames([pose_of(left=(30, 40)), across])
    heads = [row[NUMBER["head"]] for row in warp.Warper(frames, wall()).sprites]
    assert heads[0] is not None and heads[1] is None
    assert warp.Warper(_key_frames([across]), wall()).sprites[0][NUMBER["head"]] is not None
