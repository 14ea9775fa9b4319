"""Typical wrong answers to the exercises of 01 to 05, as learners write them, not as the checks compute them."""

import numpy as np


def frame_before(stamps, k):
    last = 0
    for i, stamp in enumerate(stamps):
        if stamp - stamps[0] <= k / 30 + 1e-9:
            last = i
    return last


def frame_from_zero(stamps, k):
    return int(abs(stamps - k / 30).argmin())


def frame_by_counting(stamps, k):
    return min(k, len(stamps) - 1)


def frame_as_time(stamps, k):
    return stamps[np.argmin(abs(stamps - stamps[0] - k / 30))]


def windows_without_rest(n_frames, steps):
    return [i * steps for i in range(n_frames // steps)]


def windows_beyond_the_end(n_frames, steps):
    return np.arange(0, n_frames, steps)


def windows_last_twice(n_frames, steps):
    return windows_without_rest(n_frames, steps) + [n_frames - steps]


def windows_one_too_near(n_frames, steps):
    return [min(start, n_frames - steps) for start in range(0, n_frames, steps - 1)]


def mfcc_at_the_edges(levels, k):
    n = len(levels)
    return np.sqrt(2 / n) * sum(levels[i] * np.cos(np.pi * k * i / n) for i in range(n))


def mfcc_by_whole_turns(levels, k):
    n = len(levels)
    return np.sqrt(2 / n) * sum(levels[i] * np.cos(2 * np.pi * k * (i + 0.5) / n) for i in range(n))


def mfcc_as_a_mean(levels, k):
    places = (np.arange(len(levels)) + 0.5) / len(levels)
    return np.sqrt(2 / len(levels)) * (levels * np.cos(np.pi * k * places)).mean()


def mfcc_without_the_root(levels, k):
    places = (np.arange(len(levels)) + 0.5) / len(levels)
    return levels @ np.cos(np.pi * k * places)


def fits_of(activation, shifts):
    return [sum(a * b for a, b in zip(activation[shift:], activation, strict=False)) / 300 for shift in shifts]


def usual_shifts(rate):
    return [shift for shift in range(1, 200) if 70 <= 60 * rate / shift <= 180]


def tempo_in_steps(activation, rate):
    shifts = usual_shifts(rate)
    return shifts[np.argmax(fits_of(activation, shifts))]


def tempo_in_seconds(activation, rate):
    return tempo_in_steps(activation, rate) / rate


def tempo_a_second(activation, rate):
    return rate / tempo_in_steps(activation, rate)


def tempo_of_any_shift(activation, rate):
    shifts = range(1, 100)
    return 60 * rate / shifts[np.argmax(fits_of(activation, shifts))]


def tempo_by_place(activation, rate):
    return 60 * rate / np.argmax(fits_of(activation, usual_shifts(rate)))


def kl_with_a_plus(z_mean, z_log_var):
    return (z_mean**2 + np.exp(z_log_var) + z_log_var - 1).sum(1) / 2


def kl_as_a_mean(z_mean, z_log_var):
    return (z_mean**2 + np.exp(z_log_var) - z_log_var - 1).mean(1) / 2


def kl_twice(z_mean, z_log_var):
    return (z_mean**2 + np.exp(z_log_var) - z_log_var - 1).sum(1)


def kl_without_the_one(z_mean, z_log_var):
    return (z_mean**2 + np.exp(z_log_var) - z_log_var).sum(1) / 2


def kl_of_the_deviation(z_mean, z_log_var):
    return (z_mean**2 + np.exp(z_log_var / 2) - z_log_var - 1).sum(1) / 2


def kl_of_the_batch(z_mean, z_log_var):
    return (z_mean**2 + np.exp(z_log_var) - z_log_var - 1).sum() / 2


def z_by_the_variance(z_mean, z_log_var, noise):
    return z_mean + np.exp(z_log_var) * noise


def z_by_half_the_variance(z_mean, z_log_var, noise):
    return z_mean + 0.5 * np.exp(z_log_var) * noise


def z_by_the_logarithm(z_mean, z_log_var, noise):
    return z_mean + z_log_var * noise


def z_by_a_second_logarithm(z_mean, z_log_var, noise):
    with np.errstate(invalid="ignore"):
        return z_mean + np.sqrt(np.exp(np.log(z_log_var))) * noise


def z_without_the_mean(z_mean, z_log_var, noise):
    return noise * np.sqrt(np.exp(z_log_var))


def z_with_a_minus(z_mean, z_log_var, noise):
    return z_mean + noise / np.sqrt(np.exp(z_log_var))


def z_by_plain_noise(z_mean, z_log_var, noise):
    return z_mean + noise


def alignment_of_the_dance(beats, moved):
    return np.mean([np.exp(-(min(abs(beats - t)) ** 2) / 0.005) for t in moved])


def alignment_as_a_sum(beats, moved):
    return sum(np.exp(-(min(abs(moved - t)) ** 2) / 0.005) for t in beats)


def alignment_too_strict(beats, moved):
    return np.mean([np.exp(-(min(abs(moved - t)) ** 2) / 0.0025) for t in beats])


def alignment_not_squared(beats, moved):
    return np.mean([np.exp(-min(abs(moved - t)) / 0.005) for t in beats])


def alignment_in_seconds(beats, moved):
    return np.mean([min(abs(moved - t)) for t in beats])


def next_with_all_gumbel(logits, means, log_vars, gumbel, gaussian, temperature):
    best = (logits + gumbel).argmax()
    return means[best] + temperature * np.sqrt(np.exp(log_vars[best])) * gaussian


def next_with_all_gaussian(logits, means, log_vars, gumbel, gaussian, temperature):
    best = (logits + temperature * gumbel).argmax()
    return means[best] + np.sqrt(np.exp(log_vars[best])) * gaussian


def next_of_the_likeliest(logits, means, log_vars, gumbel, gaussian, temperature):
    best = logits.argmax()
    return means[best] + temperature * np.sqrt(np.exp(log_vars[best])) * gaussian


def next_by_the_variance(logits, means, log_vars, gumbel, gaussian, temperature):
    best = (logits + temperature * gumbel).argmax()
    return means[best] + temperature * np.exp(log_vars[best]) * gaussian


def next_as_a_mean(logits, means, log_vars, gumbel, gaussian, temperature):
    weights = np.exp(logits)[:, None]
    return (weights * means).sum(0) + temperature * (weights * np.exp(log_vars / 2)).sum(0) * gaussian


def way_straight(a, b, share):
    return a + share * (b - a)


def way_uneven(a, b, share):
    return way_straight(a, b, share) / np.sqrt(np.sum(way_straight(a, b, share) ** 2))


def way_backward(a, b, share):
    angle = np.arccos(a @ b)
    return (np.sin(share * angle) * a + np.sin((1 - share) * angle) * b) / np.sin(angle)


def way_undivided(a, b, share):
    angle = np.arccos(a @ b)
    return np.sin((1 - share) * angle) * a + np.sin(share * angle) * b


def way_in_degrees(a, b, share):
    angle = np.arccos(a @ b) * 180 / np.pi
    return (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)


def axis_upward_only(z, height):
    return np.argmax([np.corrcoef(axis, height)[0, 1] for axis in z.T])


def axis_by_covariance(z, height):
    return np.argmax([abs(np.cov(axis, height)[0, 1]) for axis in z.T])


def axis_from_one(z, height):
    return 1 + np.argmax([abs(np.corrcoef(axis, height)[0, 1]) for axis in z.T])


def axis_as_correlation(z, height):
    return max(abs(np.corrcoef(axis, height)[0, 1]) for axis in z.T)


def axis_that_varies(z, height):
    return z.std(0).argmax()


WRONG = {  # exercise -> what is typically written
    "frame_at": (frame_before, frame_from_zero, frame_by_counting, frame_as_time),
    "window_starts": (windows_without_rest, windows_beyond_the_end, windows_last_twice, windows_one_too_near),
    "one_mfcc": (mfcc_at_the_edges, mfcc_by_whole_turns, mfcc_as_a_mean, mfcc_without_the_root),
    "tempo_of": (tempo_in_steps, tempo_in_seconds, tempo_a_second, tempo_of_any_shift, tempo_by_place),
    "kl_term": (
        kl_with_a_plus, kl_as_a_mean, kl_twice, kl_without_the_one, kl_of_the_deviation, kl_of_the_batch,
    ),
    "draw_z": (
        z_by_the_variance, z_by_half_the_variance, z_by_the_logarithm, z_by_a_second_logarithm, z_without_the_mean,
        z_with_a_minus, z_by_plain_noise,
    ),
    "alignment": (
        alignment_of_the_dance, alignment_as_a_sum, alignment_too_strict, alignment_not_squared, alignment_in_seconds,
    ),
    "draw_next": (
        next_with_all_gumbel, next_with_all_gaussian, next_of_the_likeliest, next_by_the_variance, next_as_a_mean,
    ),
    "on_sphere": (
        way_straight, way_uneven, way_backward, way_undivided, way_in_degrees,
    ),
    "arm_axis": (
        axis_upward_only, axis_by_covariance, axis_from_one, axis_as_correlation, axis_that_varies,
    ),
}  # fmt: skip
