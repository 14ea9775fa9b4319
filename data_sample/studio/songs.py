"""Dance songs in code: a score is composed from a seed, then played by synthesisers made of sines, saws and noise.

A song has sections (intro, verse, chorus, break) that differ in instruments and energy, four beats a bar, a chord a
bar, and accents where everybody hits at once. The first beat of each bar carries a low note, a new chord and a
cymbal, so that a listener, and 13 MFCC, can tell where "one" is. Beat 0 is at 0 s and the tempo is constant.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .synth import SAMPLE_RATE, bass, chord, crash, hat, kick, master, note, snare, tom

STYLES = ("house", "hip hop", "funk", "disco", "synth pop", "ballad")
SECTION_KINDS = ("intro", "verse", "chorus", "break")
SLOWEST, FASTEST = 90, 140  # beats a minute
_TEMPO = {"house": (118, 128), "hip hop": (90, 100), "funk": (100, 112), "disco": (114, 124), "synth pop": (126, 138),
          "ballad": (90, 96)}  # fmt: skip
_SWING = {"house": 0.0, "hip hop": 0.22, "funk": 0.10, "disco": 0.0, "synth pop": 0.0, "ballad": 0.05}
_SHORT = (("intro", "verse", "chorus"), ("verse", "chorus", "break"), ("verse", "break", "chorus"),
          ("intro", "chorus", "break"))  # fmt: skip
_LONG = ("intro", "verse", "chorus", "break", "verse", "chorus", "break", "chorus")
_ENERGY = {"intro": 0.35, "verse": 0.6, "chorus": 0.95, "break": 0.4}
_PROGRESSIONS = ((0, 5, 3, 4), (0, 3, 5, 4), (5, 3, 0, 4), (0, 4, 5, 3), (0, 5, 1, 4), (0, 2, 3, 4))  # scale degrees
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)  # semitones
# Sixteen steps of a bar; a digit is the loudness of a hit.
_DRUMS = {
    "house": ("9000900090009000", "0000700000007000", "0040004000400040"),
    "hip hop": ("9000003090300000", "0000900000009002", "5030503050305030"),
    "funk": ("9003000300900030", "0000900201009001", "6353635363536353"),
    "disco": ("9000900090009000", "0000800000008000", "5373537353735373"),
    "synth pop": ("9000000090900000", "0000900000009000", "4040404040404040"),
    "ballad": ("9000000030600000", "0000600000006000", "3020302030203020"),
}
_BASS = {"house": "0050500500500550", "hip hop": "9000005000700000", "funk": "9050070300500705",
         "disco": "7070707070707070", "synth pop": "7676767676767676", "ballad": "9000000000600000"}  # fmt: skip
_CHORD = {"house": "0009009000900900", "hip hop": "9000000000000000", "funk": "0000500600005060",
          "disco": "0090009000900090", "synth pop": "9000000000000000", "ballad": "9000000000000000"}  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A part of a song: its kind, its first bar, how many bars, its energy (0 to 1)."""

    kind: str
    start_bar: int
    n_bars: int
    energy: float


@dataclass(frozen=True)
class Song:
    """A score. Times of ``accents`` are in beats from the start; ``tempo`` in beats a minute."""

    seed: int
    style: str
    tempo: float
    sections: tuple[Section, ...]
    accents: tuple[float, ...]
    swing: float
    variation: bool

    @property
    def n_bars(self) -> int:
        return sum(section.n_bars for section in self.sections)

    @property
    def n_beats(self) -> int:
        return 4 * self.n_bars

    @property
    def seconds(self) -> float:
        return self.n_beats * 60 / self.tempo

    @property
    def beats(self) -> np.ndarray:
        """Times of all beats (n_beats,) in seconds."""
        return np.arange(self.n_beats) * 60 / self.tempo

    @property
    def downbeats(self) -> np.ndarray:
        """Times of the first beat of each bar (n_bars,) in seconds."""
        return self.beats[::4]

    def section_at(self, beat: float) -> Section:
        """The section that sounds at a beat; the first before the song, the last after it."""
        return [s for s in self.sections if 4 * s.start_bar <= max(beat, 0)][-1]

    def energy_at(self, beat: float) -> float:
        return self.section_at(beat).energy


def compose(
    seed: int, *, style: str | None = None, tempo: float | None = None, seconds: float = 20.0, variation: bool = False
) -> Song:
    """Write the score of a song of about ``seconds`` (whole bars), drawn from ``seed``.

    Parameters
    ----------
    style : one of ``STYLES``; None: drawn.
    tempo : 90 to 140 beats a minute; None: drawn from the style's range.
    variation : play it later with the variety of real recordings (timbres, timing, room, equaliser, noise, level).

    Raises
    ------
    ValueError : an unknown style, a tempo out of range, or fewer than four bars.
    """
    if style is not None and style not in STYLES:
        raise ValueError(f"style={style!r} is not known: choose one of {', '.join(STYLES)}")
    if tempo is not None and not SLOWEST <= tempo <= FASTEST:
        raise ValueError(f"tempo={tempo} beats a minute is outside {SLOWEST} to {FASTEST}")
    rng = np.random.default_rng([seed, 1])
    style = style or str(rng.choice(STYLES))
    low, high = _TEMPO[style]
    drawn = float(np.clip(rng.uniform(low, high) + variation * rng.normal(0, 5), SLOWEST, FASTEST))
    tempo = tempo or round(drawn, 1)
    n_bars = round(seconds * tempo / 240)
    if n_bars < 4:
        raise ValueError(f"seconds={seconds} is {n_bars} bars at {tempo} beats a minute: a song needs at least 4")
    sections = _layout(n_bars, rng)
    accents = [4.0 * s.start_bar for s in sections[1:]] + [4.0 * (s.start_bar + s.n_bars) - 1 for s in sections[:-1]]
    swing = _SWING[style] * (rng.uniform(0.4, 1.3) if variation else 1.0)
    return Song(seed, style, tempo, sections, tuple(sorted(accents)), swing, variation)


def _layout(n_bars: int, rng) -> tuple[Section, ...]:
    """Sections of two bars or more: three for a short song, four to eight for a long one."""
    if n_bars < 16:
        kinds = _SHORT[rng.integers(len(_SHORT))] if n_bars >= 6 else ("verse", "chorus")
    else:
        kinds = _LONG[: int(np.clip(n_bars // 4, 4, len(_LONG)))]
    bars = [2] * len(kinds)
    weights = [2 if kind in ("verse", "chorus") else 1 for kind in kinds]
    while sum(bars) < n_bars:
        neediest = int(np.argmin([b / w for b, w in zip(bars, weights, strict=True)]))
        bars[neediest] += min(2, n_bars - sum(bars))
    starts = np.cumsum([0, *bars[:-1]])
    return tuple(
        Section(kind, int(start), n, round(float(np.clip(_ENERGY[kind] + rng.normal(0, 0.05), 0.2, 1.0)), 2))
        for kind, start, n in zip(kinds, starts, bars, strict=True)
    )


@lru_cache(maxsize=4)
def synthesise(song: Song) -> np.ndarray:
    """Play the score: mono float32 (n,) in [-1, 1] at 44,100 samples a second, the same for the same song."""
    return _Band(song).play()


class _Band:
    """Everybody who plays: draws the timbres from the seed, then writes each part into the mix."""

    def __init__(self, song: Song):
        self.song, self.rng = song, np.random.default_rng([song.seed, 2])
        self.step = 15 / song.tempo  # seconds in a sixteenth
        self.mix = np.zeros(round(song.seconds * SAMPLE_RATE) + 4 * SAMPLE_RATE)
        self.room = np.zeros_like(self.mix)  # what is sent to the reverb
        self.scale = _MINOR if self.rng.random() < (0.75 if song.style != "disco" else 0.4) else _MAJOR
        self.key = int(self.rng.integers(40, 52))  # MIDI number of the bass' tonic, E2 to D#3
        self.progression = _PROGRESSIONS[self.rng.integers(len(_PROGRESSIONS))]
        self.spread = self.rng.uniform(-1, 1, 12) * (1.0 if song.variation else 0.25)  # of timbres, a number each
        self.motifs = {kind: self._motif() for kind in SECTION_KINDS}
        # Hand drums: where in the bar they play is the song's own; real bands are seldom as sparse as a drum machine.
        self.congas = self.rng.random(16) < self.rng.uniform(0, 0.9) if song.variation else np.zeros(16, bool)
        self.cache: dict = {}

    def play(self) -> np.ndarray:
        for section in self.song.sections:
            for bar in range(section.start_bar, section.start_bar + section.n_bars):
                last = bar == section.start_bar + section.n_bars - 1 and section is not self.song.sections[-1]
                self._drums(section, bar, last)
                self._harmony(section, bar)
                self._lead(section, bar)
        for accent in self.song.accents:
            self._accent(accent)
        n = round(self.song.seconds * SAMPLE_RATE)
        return master(self.mix, self.room, n, self.rng, self.song.variation)

    def _put(self, sound, step: float, gain: float, room: float = 0.15):
        """Add a sound at a sixteenth counted from the start; off-beat eighths swing, and people are not exact."""
        late = self.song.swing * 2 if round(step * 2) % 4 in (2, 3) and self.song.swing else 0
        at = (step + late) * self.step
        if self.song.variation:
            at, gain = at + self.rng.normal(0, 0.004), gain * self.rng.uniform(0.8, 1.1)
        i = max(0, round(at * SAMPLE_RATE))
        sound = sound[: len(self.mix) - i]
        self.mix[i : i + len(sound)] += gain * sound
        self.room[i : i + len(sound)] += gain * room * sound

    def _sound(self, make, *args):
        """A sound is made once and played again."""
        if (make, args) not in self.cache:
            self.cache[make, args] = make(*args, np.random.default_rng([self.song.seed, 3]))
        return self.cache[make, args]

    def _degree(self, degree: int, octave: int = 0) -> int:
        return self.key + 12 * (octave + degree // 7) + self.scale[degree % 7]

    def _drums(self, section: Section, bar: int, last: bool):
        s, t, kind = self.spread, 16 * bar, section.kind
        kicks, snares, hats = _DRUMS[self.song.style]
        loud = 0.55 + 0.45 * section.energy
        drum = self._sound(kick, 48 * (1 + 0.2 * s[0]), 9 * (1 + 0.4 * s[1]))
        clap = self._sound(snare, 190 * (1 + 0.25 * s[2]), 16 * (1 + 0.4 * s[3]), self.song.style == "ballad")
        for k in range(16):
            if kind in ("verse", "chorus") or k == 0 or (kind == "intro" and k == 8):
                self._put(drum, t + k, 0.085 * int(kicks[k]) * loud, 0.03)
            if kind in ("verse", "chorus") and not (last and k >= 12):
                self._put(clap, t + k, 0.05 * int(snares[k]) * loud)
            if kind != "break" and int(hats[k]):
                opened = kind == "chorus" and k % 4 == 2 and self.song.style in ("house", "disco", "funk")
                ticks = self._sound(hat, opened, 1 + 0.3 * s[4])
                self._put(ticks, t + k, 0.016 * int(hats[k]) * (0.5 + 0.5 * (kind == "chorus")), 0.05)
            if self.congas[k] and kind != "intro":
                self._put(self._sound(tom, (260 if k % 4 else 200) * (1 + 0.3 * s[11])), t + k, 0.32 * loud, 0.3)
        mark = self._sound(crash, 0.9 if bar == section.start_bar else 0.35, 1 + 0.3 * s[5])
        self._put(mark, t, 0.30 if bar == section.start_bar else 0.17, 0.2)
        if last:
            for k, pitch in zip((12, 13, 14, 15), (210, 180, 150, 120), strict=True):
                self._put(self._sound(tom, pitch * (1 + 0.2 * s[6])), t + k, 0.30 * loud)

    def _harmony(self, section: Section, bar: int):
        degree, t, kind, s = self.progression[bar % 4], 16 * bar, section.kind, self.spread
        low = self._sound(bass, self._degree(degree) - 12, 15 * self.step, 400 * (1 + 0.5 * s[7]))
        self._put(low, t, 0.30, 0.02)  # the note that says "one"
        if kind in ("verse", "chorus"):
            for k, level in enumerate(_BASS[self.song.style]):
                if int(level) and k:
                    octave = 12 if self.song.style in ("disco", "synth pop") and k % 4 == 2 else 0
                    pitch = self._degree(degree) - 12 + octave
                    length = self.step * 1.7
                    self._put(self._sound(bass, pitch, length, 900 * (1 + 0.5 * s[7])), t + k, 0.035 * int(level), 0.02)
        voicing = tuple(self._degree(degree + d, 1) for d in (0, 2, 4))
        bright = {"intro": 700, "verse": 1100, "chorus": 3200, "break": 1600}[kind] * (1 + 0.4 * s[8])
        if kind == "verse" or kind == "chorus":
            for k, level in enumerate(_CHORD[self.song.style]):
                if int(level):
                    long = 15 if _CHORD[self.song.style].count("0") == 15 else 1.6
                    self._put(self._sound(chord, voicing, long * self.step, bright), t + k, 0.016 * int(level), 0.4)
        else:
            self._put(self._sound(chord, voicing, 15.5 * self.step, bright), t, 0.20, 0.6)

    def _motif(self) -> list[tuple[int, int, int]]:
        """A phrase of one bar: (sixteenth, scale degree, length), pentatonic, repeated with small changes."""
        steps = sorted(self.rng.choice(np.arange(0, 16, 2), size=int(self.rng.integers(4, 7)), replace=False))
        lengths = np.diff([*steps, 16])
        return [(int(k), int(self.rng.choice((0, 1, 2, 4, 5, 7))), int(n)) for k, n in zip(steps, lengths, strict=True)]

    def _lead(self, section: Section, bar: int):
        kind, t = section.kind, 16 * bar
        if kind == "intro" or (kind == "verse" and self.song.style in ("ballad", "house") and bar % 2):
            return
        colour = {"house": 1, "hip hop": 2, "funk": 2, "disco": 1, "synth pop": 0, "ballad": 2}[self.song.style]
        colour = (colour + (kind == "break")) % 3
        for k, degree, length in self.motifs[kind]:
            if bar % 4 == 3 and k >= 8:
                degree += 2
            pitch = self._degree(degree, 2 if kind != "chorus" else 3)
            tone = self._sound(note, pitch, length * self.step, colour, 1 + 0.4 * self.spread[9])
            self._put(tone, t + k, {"verse": 0.08, "chorus": 0.13, "break": 0.14}[kind], 0.5)
            if self.song.variation and self.spread[10] > 0.3:
                self._put(self._sound(note, pitch - 12, length * self.step, 0, 1.0), t + k, 0.05, 0.3)

    def _accent(self, beat: float):
        voicing = tuple(self._degree(d, 1) for d in (0, 2, 4, 7))
        self._put(self._sound(chord, voicing, 2 * self.step, 5000), 4 * beat, 0.22, 0.5)
        self._put(self._sound(crash, 0.7, 1.0), 4 * beat, 0.25, 0.3)
