"""Typical wrong answers to the exercises of 06 to 09, as learners write them, not as the checks compute them."""

import numpy as np


def judge_without_a_minus(real, fake):
    return 0.5 * (np.log(real).mean() + np.log(1 - fake).mean())


def judge_without_a_half(real, fake):
    return -np.log(real).mean() - np.log(1 - fake).mean()


def judge_who_says_yes(real, fake):
    return -(np.log(real) + np.log(fake)).mean() / 2


def judge_the_wrong_way(real, fake):
    return -(np.log(fake) + np.log(1 - real)).mean() / 2


def judge_by_a_sum(real, fake):
    return -(np.log(real) + np.log(1 - fake)).sum() / 2


def painter_without_poses(d, poses, painted, true):
    return -np.log(d(painted, np.zeros_like(poses))).mean() + 100 * abs(true - painted).mean()


def painter_of_the_truth(d, poses, painted, true):
    return -np.log(d(true, poses)).mean() + 100 * abs(true - painted).mean()


def painter_without_a_minus(d, poses, painted, true):
    return np.log(d(painted, poses)).mean() + 100 * abs(true - painted).mean()


def painter_of_few_pixels(d, poses, painted, true):
    return -np.log(d(painted, poses)).mean() + abs(true - painted).mean()


def painter_of_squares(d, poses, painted, true):
    return -np.log(d(painted, poses)).mean() + 100 * ((true - painted) ** 2).mean()


def painter_who_saturates(d, poses, painted, true):
    return np.log(1 - d(painted, poses)).mean() + 100 * abs(true - painted).mean()


def limb_without_ends(a, b, place):
    along = (b - a) / np.linalg.norm(b - a)
    return np.exp(-(((place - a) @ [-along[1], along[0]]) ** 2) / 8)


def limb_as_a_spot(a, b, place):
    return np.exp(-np.sum((place - a / 2 - b / 2) ** 2) / 8)


def limb_as_two_spots(a, b, place):
    return np.exp(-min(np.sum((place - a) ** 2), np.sum((place - b) ** 2)) / 8)


def distance_to_limb(a, b, place):
    many = a + np.linspace(0, 1, 100_001)[:, None] * (b - a)
    return np.linalg.norm(many - place, axis=1).min()


def limb_too_thin(a, b, place):
    return np.exp(-(distance_to_limb(a, b, place) ** 2) / 4)


def limb_not_squared(a, b, place):
    return np.exp(-distance_to_limb(a, b, place) / 8)


def turned(step, before, after):
    """A step (2,) turned as the way before (2,) is turned to the way after."""
    angle = np.arctan2(after[1], after[0]) - np.arctan2(before[1], before[0])
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ step


def larger(before, after):
    return np.linalg.norm(after) / np.linalg.norm(before)


def from_forward(place, filmed, wanted):
    ways = filmed[1] - filmed[0], wanted[1] - wanted[0]
    return wanted[0] + larger(*ways) * turned(place - filmed[0], *ways)


def from_moved_only(place, filmed, wanted):
    return filmed[0] + place - wanted[0]


def from_not_stretched(place, filmed, wanted):
    return filmed[0] + turned(place - wanted[0], wanted[1] - wanted[0], filmed[1] - filmed[0])


def from_not_turned(place, filmed, wanted):
    return filmed[0] + larger(wanted[1] - wanted[0], filmed[1] - filmed[0]) * (place - wanted[0])


def from_the_elbow(place, filmed, wanted):
    ways = wanted[1] - wanted[0], filmed[1] - filmed[0]
    return larger(*ways) * turned(place - wanted[0], *ways)


def laid_by_fours(numbers, places):
    """The four numbers of a pixel, each to its (row, column) in the square."""
    result = np.zeros((2 * numbers.shape[0], 2 * numbers.shape[1]))
    for k, (i, j) in enumerate(places):
        result[i::2, j::2] = numbers[..., k]
    return result


def shuffle_by_reshape(numbers):
    return numbers.reshape(2 * len(numbers), -1)


def shuffle_down_first(numbers):
    return laid_by_fours(numbers, [(0, 0), (1, 0), (0, 1), (1, 1)])


def shuffle_in_quarters(numbers):
    above, below = (np.hstack([numbers[..., k], numbers[..., k + 1]]) for k in (0, 2))
    return np.vstack([above, below])


def shuffle_by_repeating(numbers):
    return np.kron(numbers[..., 0], np.ones((2, 2)))


def shuffle_by_means(numbers):
    return np.kron(numbers.mean(-1), np.ones((2, 2)))


def mask_of(made):
    return 1 / (1 + np.exp(-1 - made[..., 3:]))


def blend_without_the_one(made, plate):
    mask = 1 / (1 + np.exp(-made[..., 3:]))
    return mask * np.tanh(made[..., :3]) + (1 - mask) * plate


def blend_inside_out(made, plate):
    return mask_of(made) * plate + (1 - mask_of(made)) * np.tanh(made[..., :3])


def blend_without_sigmoid(made, plate):
    mask = made[..., 3:] + 1
    return mask * np.tanh(made[..., :3]) + (1 - mask) * plate


def blend_without_tanh(made, plate):
    return plate + mask_of(made) * (made[..., :3] - plate)


def blend_by_adding(made, plate):
    return plate + mask_of(made) * np.tanh(made[..., :3])


def boredom_by_speed(poses):
    return np.abs(np.diff(poses, axis=0)).mean()


def boredom_by_slowness(poses):
    return -np.abs(np.diff(poses, axis=0)).mean()


def boredom_of_places(poses):
    return poses.mean() - 10 * poses.std(0).mean()


def boredom_in_pictures(poses):
    far = [np.abs(poses[:-30] - pose).mean((1, 2))[: k + 1].min() for k, pose in enumerate(poses[30:])]
    return -np.mean(far)


def chance_without_itself(own, others):
    return sum(other >= own for other in others) / len(others)


def chance_only_better(own, others):
    return (1 + sum(other > own for other in others)) / (len(others) + 1)


def chance_of_worse_or_same(own, others):
    return (1 + sum(other <= own for other in others)) / (len(others) + 1)


def chance_of_worse(own, others):
    return (others < own).mean()


def chance_in_percent(own, others):
    return 100 * (1 + sum(other >= own for other in others)) / (len(others) + 1)


def chance_as_a_count(own, others):
    return 1 + sum(other >= own for other in others)


def film_of_the_best(seconds, pixels, cut_off, moving):
    if seconds >= 8 or pixels >= 300 or cut_off <= 0.2 or not moving:
        return "good"
    return "usable"


def film_never_unusable(seconds, pixels, cut_off, moving):
    if seconds < 8 or pixels < 300 or cut_off > 0.2 or moving:
        return "usable"
    return "unusable" if seconds < 3 or pixels < 120 or cut_off > 0.5 else "good"


def film_at_the_limits(seconds, pixels, cut_off, moving):
    if seconds <= 3 or pixels <= 120 or cut_off >= 0.5:
        return "unusable"
    return "usable" if seconds <= 8 or pixels <= 300 or cut_off >= 0.2 or moving else "good"


def film_by_anyone(seconds, pixels, cut_off, moving):
    if seconds < 3 or pixels < 120 or cut_off > 0.5:
        return "unusable"
    return "usable" if seconds < 8 or pixels < 300 or cut_off > 0.2 else "good"


def film_by_counting(seconds, pixels, cut_off, moving):
    faults = sum([seconds < 3, seconds < 8, pixels < 120, pixels < 300, cut_off > 0.5, cut_off > 0.2, bool(moving)])
    return ["good", "usable", "unusable"][min(2, faults)]


def distance(a, b):
    """Mean distance of the joints of two poses (J, 2)."""
    return np.sqrt(((a - b) ** 2).sum(1)).mean()


def frames_by(score, poses, quality, n):
    """Begin with the best frame; then take the largest score, given a frame's number and those kept."""
    kept = [int(quality.argmax())]
    for _ in range(n - 1):
        kept.append(max(range(len(poses)), key=lambda k: score(k, kept)))
    return kept


def frames_without_quality(poses, quality, n):
    return frames_by(lambda k, kept: min(distance(poses[k], poses[j]) for j in kept), poses, quality, n)


def frames_far_from_the_last(poses, quality, n):
    return frames_by(lambda k, kept: quality[k] * distance(poses[k], poses[kept[-1]]), poses, quality, n)


def frames_far_in_sum(poses, quality, n):
    return frames_by(lambda k, kept: quality[k] * sum(distance(poses[k], poses[j]) for j in kept), poses, quality, n)


def frames_far_from_the_farthest(poses, quality, n):
    return frames_by(lambda k, kept: quality[k] * max(distance(poses[k], poses[j]) for j in kept), poses, quality, n)


def frames_of_best_quality(poses, quality, n):
    return sorted(range(len(poses)), key=lambda k: quality[k], reverse=True)[:n]


def frames_from_the_first(poses, quality, n):
    kept, nearest = [0], np.full(len(poses), np.inf)
    while len(kept) < n:
        nearest = np.minimum(nearest, [distance(pose, poses[kept[-1]]) for pose in poses])
        kept.append(int((nearest * quality).argmax()))
    return kept


def frames_in_the_films_order(poses, quality, n):
    return sorted(
        frames_by(lambda k, kept: quality[k] * min(distance(poses[k], poses[j]) for j in kept), poses, quality, n)
    )


WRONG = {  # exercise -> what is typically written
    "discriminator_loss": (
        judge_without_a_minus, judge_without_a_half, judge_who_says_yes, judge_the_wrong_way, judge_by_a_sum,
    ),
    "generator_loss": (
        painter_without_poses, painter_of_the_truth, painter_without_a_minus, painter_of_few_pixels, painter_of_squares,
        painter_who_saturates,
    ),
    "limb_value": (
        limb_without_ends, limb_as_a_spot, limb_as_two_spots, limb_too_thin, limb_not_squared,
    ),
    "where_from": (
        from_forward, from_moved_only, from_not_stretched, from_not_turned, from_the_elbow,
    ),
    "pixel_shuffle": (
        shuffle_by_reshape, shuffle_down_first, shuffle_in_quarters, shuffle_by_repeating, shuffle_by_means,
    ),
    "blend": (
        blend_without_the_one, blend_inside_out, blend_without_sigmoid, blend_without_tanh, blend_by_adding,
    ),
    "boredom": (
        boredom_by_speed, boredom_by_slowness, boredom_of_places, boredom_in_pictures,
    ),
    "chance_of": (
        chance_without_itself, chance_only_better, chance_of_worse_or_same, chance_of_worse, chance_in_percent,
        chance_as_a_count,
    ),
    "film_verdict": (
        film_of_the_best, film_never_unusable, film_at_the_limits, film_by_anyone, film_by_counting,
    ),
    "choose_frames": (
        frames_without_quality, frames_far_from_the_last, frames_far_in_sum, frames_far_from_the_farthest,
        frames_of_best_quality, frames_from_the_first, frames_in_the_films_order,
    ),
}  # fmt: skip
