"""Arms without what they lay before when they were filmed: clothes under a hand, hair and wall beside a raised arm.

Two things tell a pixel of an arm from one of the clothes under it. What lies under it is known from other frames
(``without_what_is_under``); and which colours arms have, and which clothes, is counted over all frames, most where a
part lies clear of others (``PartColours``: a histogram each, Bayes' rule). An arm that is mostly clothes is worth
little.

Reference: Jones and Rehg, Statistical Color Models with Application to Skin Detection, 2002.

Notebook: 07a_new_pose.ipynb
"""

from dataclasses import replace

import cv2
import numpy as np

from dancing_utils.images.body_parts import NUMBER, PARTS
from dancing_utils.images.cutting import Sprite, along_bone

BARE = np.flatnonzero([part.name.endswith(("lower_arm", "hand")) for part in PARTS])
UPPER_ARMS = [NUMBER[f"{side}_upper_arm"] for side in ("left", "right")]
ALIKE = 24  # grey levels by which a colour must be nearer to one of two to be surely that
KEPT = 0.35  # share of an arm or hand that must differ from what is under it, or the two cannot be told apart
BINS = (8, 16, 16)  # of lightness and of the two axes of colour, CIELAB
CLEAR = 75  # percentile of worth from which an arm's sprite teaches its colours
RARE = 1e-6  # frequency of a bin below which it tells nothing
SURELY = (0.1, 0.3)  # probability of being an arm: below the first a pixel is gone, above the second it stays
SOLID = 128  # alpha of pixels that are counted


def without_what_is_under(sprite: Sprite, under: np.ndarray) -> Sprite:
    """An arm's sprite, transparent where it is more like ``under`` than like its bone.

    ``under`` : (rows, columns, 4) uint8, premultiplied, what lies under the sprite's box.
    """
    here, there = (_colours(rgba) for rgba in (sprite.rgba, under))
    bone = along_bone(here, sprite.points - sprite.corner)  # (5, 3) colours that are surely the arm's
    from_bone = np.min([np.abs(here - colour).max(-1) for colour in bone], axis=0)
    nearer = np.clip((np.abs(here - there).max(-1) - from_bone) / ALIKE + 0.5, 0, 1)
    keep = cv2.GaussianBlur(np.where(under[..., 3] > 127, nearer, 1).astype(np.float32), (0, 0), 1)
    alpha = sprite.rgba[..., 3]
    if (keep * alpha).sum() < KEPT * alpha.sum():
        return sprite  # of the colour of what is under it
    return _faded(sprite, keep)


def _colours(rgba: np.ndarray) -> np.ndarray:
    """Colours (rows, columns, 3) that are no longer multiplied by alpha."""
    return rgba[..., :3] / np.maximum(rgba[..., 3:] / 255, 0.05)


def _faded(sprite: Sprite, keep: np.ndarray) -> Sprite:
    return replace(sprite, rgba=(sprite.rgba * keep[..., None]).round().astype(np.uint8))


class PartColours:
    """How likely a colour is a part's own, and not one of what was filmed beside or under it."""

    def __init__(self, own: list[Sprite], others: list[list[Sprite]]):
        """``own`` : a kind of part in all key frames, whose clearest teach; ``others`` : other kinds of things."""
        least = np.percentile([one.worth for one in own], CLEAR) if own else 0
        mine = _histogram([one for one in own if one.worth >= least])
        other = np.max([_histogram(kind) for kind in others], axis=0)
        self.probability = (mine + RARE) / (mine + other + 2 * RARE)  # of BINS, where both are as frequent

    def alone(self, sprite: Sprite, where: np.ndarray | bool = True) -> Sprite:
        """A sprite without pixels of other things' colours; what it is worth falls with what is lost.

        ``where`` : (rows, columns) bool, the others stay.
        """
        keep = np.clip((self.probability[_bins(sprite.rgba)] - SURELY[0]) / (SURELY[1] - SURELY[0]), 0, 1)
        keep = cv2.medianBlur(np.where(where, keep, 1).astype(np.float32), 3)
        keep = cv2.GaussianBlur(keep, (0, 0), 0.7)
        alpha = sprite.rgba[..., 3].astype(float)
        share = (keep * alpha).sum() / max(alpha.sum(), 1)
        return replace(_faded(sprite, keep), worth=sprite.worth * share**2)


def less_in_the_shade(sprites: list[Sprite]) -> list[Sprite]:
    """Sprites of one kind; one that is darker than usual, since her own shadow fell on it, is worth less."""
    light = [sprite.rgba[..., :3].sum() / max(float(sprite.rgba[..., 3].sum()), 1.0) for sprite in sprites]
    usual = np.median(light) if light else 1.0
    return [replace(s, worth=s.worth * min(1.0, one / usual) ** 2) for s, one in zip(sprites, light, strict=True)]


def _bins(rgba: np.ndarray) -> tuple[np.ndarray, ...]:
    """Numbers of each pixel's bins, three of (rows, columns)."""
    lab = cv2.cvtColor(np.clip(_colours(rgba), 0, 255).astype(np.uint8), cv2.COLOR_RGB2Lab)
    return tuple(lab[..., c].astype(int) * BINS[c] // 256 for c in range(3))


def _histogram(sprites: list[Sprite]) -> np.ndarray:
    """Frequencies (BINS) of the colours of solid pixels, each sprite weighed by its worth, slightly blurred."""
    counts = np.zeros(BINS)
    for sprite in sprites:
        solid = sprite.rgba[..., 3] >= SOLID
        np.add.at(counts, tuple(b[solid] for b in _bins(sprite.rgba)), sprite.worth)
    counts = 0.5 * counts + sum(np.roll(counts, step, axis) for axis in range(3) for step in (-1, 1)) / 12
    return counts / max(counts.sum(), 1e-9)
