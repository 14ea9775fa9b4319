"""The instruments as one page for people without Jupyter; ``server`` serves it.

Each visitor has a kernel of their own, in which ``show`` runs. An instrument is built when its tab is first opened.

Notebook: 08_song_to_video.ipynb
"""

import os
from html import escape
from pathlib import Path

import ipywidgets

from dancing_utils import SAMPLE_RATE, InputError, dancers, generate
from dancing_utils.audio.hearing import hear
from dancing_utils.data import media
from dancing_utils.files import SAMPLE, SHIPPED, need_sample
from dancing_utils.instruments.ear import Ear
from dancing_utils.instruments.explorer import Explorer, SongFile, map_of_choices
from dancing_utils.instruments.instrument import STATIC
from dancing_utils.instruments.puppet import Puppet
from dancing_utils.instruments.server import SHARE
from dancing_utils.instruments.stage import Stage
from dancing_utils.motion import lstm_vae

WORDS = {
    "Explore": "What a song does not say, the model chooses: eight numbers a beat. Drag them, and see what they say.",
    "Hear": "What the model hears of a song: far less than you do. Listen to what is left, and tap along.",
    "Pull": "Nobody filmed this pose: it is put together from pieces of a film. Pull a hand, and watch the seams.",
    "Stage": "A song, a person, two seeds: the same music, two dances.",
}
FIRST_SECONDS = 20.0  # of the song that the ear takes


def offered() -> list[dancers.Dancer]:
    """The dancers of the page: ada and ben; the host's own only where that is asked for."""
    found = dancers.list_dancers()
    return found if os.environ.get(SHARE) else [one for one in found if one.name in dancers.RESERVED]


def songs() -> list[Path]:
    """The sample's songs."""
    need_sample(SAMPLE / "songs")
    return sorted((SAMPLE / "songs").glob("*.mp3"))


class Page:
    """What the tabs show: each instrument by a method of its name."""

    def __init__(self):
        self.model = lstm_vae.load(SHIPPED["vae"])
        self.songs = songs()

    def explore(self) -> Explorer:
        """The explorer, on a map of what the prior chooses."""
        return Explorer(self.model, self.songs, map_of_choices(self.model, SongFile(self.songs[0]).features))

    def hear(self) -> Ear:
        """The ear, with the first song and a dance to it."""
        sound = media.read_audio(self.songs[-1])[: round(FIRST_SECONDS * SAMPLE_RATE)]
        heard = hear(sound)
        return Ear(sound, heard, generate.song_to_dance(self.model, heard.features).poses)

    def pull(self) -> Puppet:
        """The puppet, with the dancers that are offered, in poses of a dance."""
        painters = {one.name: generate.open_painter(one.folder) for one in offered()[::-1]}  # ben has layers
        dance = self.model.dance(SongFile(self.songs[0]).features[:300])
        return Puppet(painters, dance[::50])

    def stage(self) -> Stage:
        """The stage, with the dancers that are offered."""
        return Stage(self.model, self.songs, offered())


def show() -> ipywidgets.VBox:
    """The page, in a visitor's kernel."""
    page, boxes = Page(), [ipywidgets.VBox([ipywidgets.HTML(f"<p>{words}</p>")]) for words in WORDS.values()]
    tabs = ipywidgets.Tab(boxes, titles=list(WORDS))

    def open_tab(change) -> None:
        k = change["new"]
        if k is None or len(boxes[k].children) > 1:
            return
        waiting = ipywidgets.HTML("<p role='status'>One moment …</p>")
        boxes[k].children = (*boxes[k].children, waiting)
        try:
            made = getattr(page, list(WORDS)[k].lower())()
        except InputError as error:
            made = ipywidgets.HTML(f"<p role='alert'>{escape(str(error))}</p>")
        boxes[k].children = (boxes[k].children[0], made)

    tabs.observe(open_tab, names="selected_index")
    open_tab({"new": 0})
    look = ipywidgets.HTML(f"<style>{(STATIC / 'page.css').read_text('utf-8')}</style>")
    return ipywidgets.VBox([look, ipywidgets.HTML("<h1>Play with a dancer</h1>"), tabs]).add_class("dance-page")
