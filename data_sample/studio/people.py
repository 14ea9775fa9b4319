"""Who dances: body, clothes, hair, colours, room and camera of each dancer.

"ada" dances the sample, "ben" is the second dancer; the others are there for training on more than one person, and
are rendered on demand (``python -m data_sample.studio dancers``). Bodies are MakeHuman's phenotypes by the package
anny: 0 to 1 each, gender 0 a man. Numpy only; the baked bodies are in ``dancers/``.
"""

from dataclasses import dataclass, field

import numpy as np

PLAIN, STRIPES, CHECKS, DOTS = 0.0, 1.0, 2.0, 3.0  # what is on a shirt


@dataclass(frozen=True)
class Person:
    """A dancer. Lengths in metres, colours (red, green, blue) as a screen shows them."""

    # Body: shares from MakeHuman's smallest to its largest
    gender: float = 1.0
    age: float = 0.67
    height: float = 0.5
    weight: float = 0.45
    muscle: float = 0.55
    proportions: float = 0.85
    heritage: tuple[float, float, float] = (0.33, 0.33, 0.33)  # African, Asian, European
    # Clothes and hair
    sleeve: float = 0.5  # share of the upper arm that the sleeve covers; beyond 1 it goes on
    hem: float = 0.0  # of the shirt above the hip joint
    cuff: float = 0.03  # of the trousers above the ankle
    hair: float = 0.011  # thickness of short hair
    bob: float = 0.0  # how far hair falls below the middle of the skull; 0: short hair
    # Colours
    skin: tuple[int, int, int] = (214, 164, 136)
    shirt: tuple[int, int, int] = (36, 150, 146)
    stripe: tuple[int, int, int] = (240, 235, 225)
    pattern: float = PLAIN
    trousers: tuple[int, int, int] = (44, 52, 84)
    shoes: tuple[int, int, int] = (70, 66, 70)
    hair_colour: tuple[int, int, int] = (74, 44, 28)
    iris: tuple[int, int, int] = (70, 50, 34)
    # Room and light
    wall: tuple[int, int, int] = (186, 192, 196)
    floor: tuple[int, int, int] = (176, 146, 112)
    skirting: tuple[int, int, int] = (226, 226, 222)
    rug: tuple[int, int, int] = (176, 96, 84)
    accent: tuple[int, int, int] = (226, 150, 60)
    light: tuple[float, float, float] = (0.45, -0.75, 0.75)  # where it comes from
    warmth: tuple[float, float, float] = (1.15, 1.08, 1.0)
    # Camera: to the side, away, above the floor; it looks at the middle of the stage, 1.12 m up
    camera: tuple[float, float, float] = field(default=(0.0, 6.2, 1.35))
    wide: float = 1.82  # metres at the dancer that fill the picture's width: the widest move just fits

    def look(self) -> dict:
        """What the shaders are told: colours in proportion to light."""
        colours = ("skin", "shirt", "stripe", "trousers", "shoes", "iris", "wall", "skirting", "rug", "accent")
        return dict(
            {name: linear(getattr(self, name)) for name in colours},
            hair=linear(self.hair_colour), floor_colour=linear(self.floor), pattern=self.pattern,
            key=np.array(self.light), key_colour=self.warmth, sky=(0.50, 0.54, 0.60), ground=(0.30, 0.27, 0.25),
        )  # fmt: skip


def linear(colour) -> np.ndarray:
    """A colour as a screen shows it -> proportional to light."""
    return (np.array(colour) / 255) ** 2.2


PEOPLE = {
    "ada": Person(height=0.5, weight=0.42, proportions=0.9, bob=0.15),
    "ben": Person(
        gender=0.0, height=0.55, weight=0.5, muscle=0.6, proportions=0.8, sleeve=0.55, hem=-0.01, pattern=STRIPES,
        skin=(150, 100, 74), shirt=(226, 190, 70), stripe=(40, 60, 80), trousers=(60, 58, 60), shoes=(200, 60, 50),
        hair_colour=(34, 26, 22), iris=(50, 34, 24), wall=(196, 180, 166), floor=(128, 112, 100),
        skirting=(110, 98, 90), rug=(70, 96, 104), accent=(200, 90, 70), light=(-0.55, -0.7, 0.7),
        warmth=(1.2, 1.05, 0.9), camera=(1.1, 6.6, 1.45), wide=2.02),
    "cleo": Person(
        height=0.62, weight=0.38, heritage=(0.9, 0.05, 0.05), sleeve=0.12, hem=0.03, hair=0.028, skin=(112, 72, 52),
        shirt=(214, 84, 60), trousers=(232, 226, 214), shoes=(238, 236, 230), hair_colour=(24, 18, 16),
        iris=(40, 26, 18), wall=(206, 198, 170), floor=(150, 118, 86), rug=(62, 104, 92), accent=(206, 90, 60),
        camera=(-0.9, 6.0, 1.2), wide=1.98),
    "dan": Person(
        gender=0.0, height=0.48, weight=0.66, muscle=0.45, heritage=(0.05, 0.05, 0.9), sleeve=1.85,
        skin=(226, 180, 156), shirt=(92, 40, 48), stripe=(190, 176, 160), pattern=CHECKS, trousers=(56, 74, 110),
        shoes=(96, 66, 44), hair_colour=(150, 96, 48), iris=(70, 104, 130), wall=(150, 166, 156), floor=(166, 150, 130),
        rug=(88, 84, 120), accent=(236, 206, 120), light=(0.2, -0.8, 0.9), camera=(0.5, 5.4, 1.6), wide=2.06),
    "eve": Person(
        height=0.40, weight=0.55, heritage=(0.05, 0.9, 0.05), sleeve=0.5, bob=0.22, skin=(226, 182, 150),
        shirt=(244, 232, 240), stripe=(190, 60, 110), pattern=DOTS, trousers=(52, 50, 54), shoes=(190, 60, 110),
        hair_colour=(26, 20, 20), iris=(46, 30, 22), wall=(214, 196, 200), floor=(120, 96, 80),
        skirting=(240, 236, 232), rug=(120, 110, 140), accent=(96, 150, 170), light=(-0.3, -0.75, 0.8),
        camera=(0.0, 7.0, 1.1)),
    "finn": Person(
        gender=0.0, height=0.72, weight=0.36, muscle=0.5, heritage=(0.0, 0.0, 1.0), sleeve=0.45, cuff=0.40,
        skin=(232, 190, 170), shirt=(236, 236, 232), trousers=(150, 130, 92), shoes=(60, 110, 90),
        hair_colour=(206, 164, 96), iris=(80, 120, 90), wall=(120, 140, 164), floor=(190, 168, 138),
        rug=(214, 190, 140), accent=(240, 200, 90), warmth=(1.05, 1.08, 1.12), camera=(-1.4, 6.4, 1.5), wide=2.28),
    "gia": Person(
        height=0.50, weight=0.72, muscle=0.4, heritage=(0.4, 0.1, 0.5), sleeve=1.85, hem=-0.04, bob=0.10,
        skin=(176, 124, 96), shirt=(70, 60, 130), trousers=(36, 36, 40), shoes=(230, 190, 60),
        hair_colour=(96, 34, 26), iris=(60, 40, 26), wall=(226, 214, 184), floor=(140, 120, 96), rug=(150, 60, 70),
        accent=(70, 60, 130), light=(0.6, -0.6, 0.7), camera=(1.3, 5.8, 1.35), wide=1.85),
    "hugo": Person(
        gender=0.0, age=0.85, height=0.55, weight=0.6, heritage=(0.8, 0.1, 0.1), sleeve=0.6, hair=0.004,
        skin=(96, 62, 46), shirt=(60, 130, 84), stripe=(236, 230, 200), pattern=STRIPES, trousers=(110, 100, 84),
        shoes=(236, 236, 236), hair_colour=(120, 116, 112), iris=(36, 24, 18), wall=(176, 160, 176),
        floor=(104, 84, 66), skirting=(84, 70, 60), rug=(196, 160, 96), accent=(60, 130, 84), camera=(0.0, 5.6, 0.95),
        wide=2.0),
    "ines": Person(
        age=0.80, height=0.44, weight=0.48, heritage=(0.15, 0.15, 0.7), sleeve=1.0, cuff=0.22, bob=0.13,
        skin=(208, 156, 126), shirt=(240, 170, 60), trousers=(90, 120, 150), shoes=(246, 240, 226),
        hair_colour=(170, 168, 166), iris=(80, 96, 110), wall=(164, 190, 190), floor=(184, 160, 130),
        rug=(84, 120, 150), accent=(230, 110, 90), light=(-0.6, -0.6, 0.8), camera=(-0.6, 6.8, 1.7), wide=1.78),
    "jon": Person(
        gender=0.0, height=0.46, weight=0.42, muscle=0.7, heritage=(0.1, 0.8, 0.1), sleeve=0.12, cuff=0.34,
        hair=0.022, skin=(200, 148, 112), shirt=(40, 42, 48), trousers=(190, 60, 52), shoes=(40, 42, 48),
        hair_colour=(22, 20, 22), iris=(36, 26, 20), wall=(208, 204, 196), floor=(116, 122, 126), skirting=(70, 74, 80),
        rug=(52, 56, 64), accent=(210, 70, 60), warmth=(1.0, 1.05, 1.2), camera=(0.9, 7.2, 1.25), wide=1.84),
}  # fmt: skip
