"""A song, a dancer, two seeds: two videos side by side, made while one watches how far they are.

Notebook: 08_song_to_video.ipynb
"""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import numpy as np
from PIL import Image

from dancing_utils import FPS, SAMPLE_RATE, InputError, generate
from dancing_utils.audio.hearing import hear
from dancing_utils.dancers import PORTRAIT, Dancer
from dancing_utils.data import media
from dancing_utils.instruments.instrument import Answer, Instrument, module, poses_bytes, style
from dancing_utils.instruments.server import FOLDER
from dancing_utils.instruments.uploads import KINDS, LARGEST, Upload
from dancing_utils.motion.lstm_vae import LSTMVAE
from dancing_utils.pose.dances import Dance

LENGTHS = (10, 30, 0)  # seconds of the song that are danced; 0: all of it
MOST_SONGS = 16  # in a session, the sample's and those that are uploaded
SHARE_LISTENED, SHARE_DANCED = 0.15, 0.2  # of the progress bar: most of the time is spent painting
WORDS_EVERY = 10  # pictures, after which progress is told


class Cancelled(Exception):
    """Somebody pressed Cancel."""


@dataclass(frozen=True)
class Wish:
    """What is to be made: number of the song, name of the dancer, seed, temperature, seconds (0: the whole song)."""

    song: int
    dancer: str
    seed: int
    temperature: float
    seconds: float


def read_wish(what: dict, *, n_songs: int, dancers: list[str]) -> Wish:
    """The wish that a message holds.

    Raises
    ------
    InputError
        If a value is none, or out of its range.
    """
    try:
        wish = Wish(int(what["song"]), str(what["dancer"]), int(what["seed"]), float(what["temperature"]),
                    float(what["seconds"]))  # fmt: skip
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"the controls say what cannot be read ({error}): load the page again") from error
    wrong = {
        f"there is no song number {wish.song}": not 0 <= wish.song < n_songs,
        f"there is no dancer {wish.dancer!r}": wish.dancer not in dancers,
        f"seed={wish.seed} must be 0 or more": wish.seed < 0,
        f"temperature={wish.temperature} must lie between 0 and 2": not 0 <= wish.temperature <= 2,
        f"seconds={wish.seconds} must be one of {LENGTHS}": wish.seconds not in LENGTHS,
    }
    for words, is_so in wrong.items():
        if is_so:
            raise InputError(f"{words}: choose again")
    return wish


def counted(pictures: Iterator, tell: Callable[[int], None], stop: Event) -> Iterator:
    """The same pictures; their number is told now and then, and ``Cancelled`` raised once ``stop`` is set."""
    for k, picture in enumerate(pictures):
        if stop.is_set():
            raise Cancelled
        if k % WORDS_EVERY == 0:
            tell(k)
        yield picture


class Stage(Instrument):
    """Choose or upload a song, choose dancer, two seeds, temperature; watch both dances in step, and keep them.

    Parameters
    ----------
    model : a trained LSTM-VAE.
    songs : files with sound.
    dancers : who can be chosen, as ``dancers.list_dancers`` gives them.
    """

    _esm, _css = module("stage"), style()
    long = ("make",)
    words = (
        "The stage, as a picture: the dancers among whom one can choose. With a running kernel a song is chosen or "
        "uploaded, two seeds are danced and painted, and both videos play side by side in step."
    )

    def __init__(self, model: LSTMVAE, songs: list[str | Path], dancers: list[Dancer]):
        self.model, self.songs = model, [Path(song) for song in songs]
        self.dancers = {dancer.name: dancer for dancer in dancers}
        # Deleted with the stage; on the page it lies in the server's folder, which goes with that.
        self._folder = tempfile.TemporaryDirectory(prefix="stage_", dir=os.environ.get(FOLDER))
        self._stops: dict[str, Event] = {}
        self._upload: Upload | None = None
        self._painter = lru_cache(2)(lambda name: generate.open_painter(self.dancers[name].folder))
        self._heard = lru_cache(4)(lambda path, n: hear(media.read_audio(path)[:n]))
        super().__init__()

    @property
    def answers(self):
        """Questions of the browser: what there is, a video, to stop making it, and an upload's beginning and pieces."""
        return {"begin": self.begin, "make": self.make, "cancel": self.cancel, "upload": self.upload,
                "piece": self.piece}  # fmt: skip

    def begin(self, what: dict, buffers: list) -> Answer:
        """Names of songs and dancers, lengths, and what may be uploaded."""
        songs = [song.stem.replace("_", " ") for song in self.songs]
        return {"songs": songs, "dancers": list(self.dancers), "lengths": LENGTHS, "kinds": KINDS,
                "largest": LARGEST}, []  # fmt: skip

    def make(self, what: dict, buffers: list) -> Iterator[Answer]:
        """A video for each of the seeds: how far it is, the dance as soon as it is danced, the video at last."""
        wishes = [
            read_wish({**what, "seed": seed}, n_songs=len(self.songs), dancers=list(self.dancers))
            for seed in what.get("seeds", [])
        ]
        stop = self._stop(what)
        try:
            for k, wish in enumerate(wishes):
                yield from self._make_one(k, wish, stop)
        except Cancelled:
            return {"cancelled": True}, []
        finally:
            self._stops.pop(str(what.get("job")), None)
        return {}, []

    def _make_one(self, k: int, wish: Wish, stop: Event) -> Iterator[Answer]:
        path = self.songs[wish.song]
        yield {"video": k, "stage": "listening", "share": 0.02}, []
        n = round(wish.seconds * SAMPLE_RATE) or None
        heard = self._heard(path, n)
        if stop.is_set():
            raise Cancelled
        yield {"video": k, "stage": "dancing", "share": SHARE_LISTENED}, []
        dance = generate.song_to_dance(self.model, heard.features, seed=wish.seed, temperature=wish.temperature)
        painter = self._painter(wish.dancer)
        dance, _ = generate.fit_to_painter(dance, painter)
        yield {"video": k, "stage": "painting", "share": SHARE_DANCED, "dance": True}, [poses_bytes(dance.poses)]
        target = Path(self._folder.name) / f"{path.stem[:40]}_{wish.dancer}_{wish.seed}.mp4"
        sound = media.read_audio(path, sample_rate=generate.SOUND_RATE)
        sound = sound[: round(len(dance) / FPS * generate.SOUND_RATE)]
        yield from self._painted(k, dance, painter, sound, target, generate.synthetic(wish.dancer), stop)
        video = target.read_bytes()
        target.unlink()
        yield {"video": k, "stage": "", "share": 1.0, "name": target.name}, [video]

    def _painted(
        self, k: int, dance: Dance, painter, sound: np.ndarray, target: Path, comment: str, stop: Event
    ) -> Iterator[Answer]:
        """Write the video; yields how far it is. The writer pulls pictures, so it runs beside this generator."""
        told: Queue = Queue()

        def write() -> None:
            try:
                pictures = counted(painter.paint(dance.poses, depth=dance.depth), told.put, stop)
                generate.write_video(target, pictures, sound, comment=comment)
                told.put(None)
            except BaseException as error:  # goes on in the other thread
                told.put(error)

        Thread(target=write, daemon=True).start()
        while (news := told.get()) is not None:
            if isinstance(news, BaseException):
                raise news
            share = SHARE_DANCED + (1 - SHARE_DANCED) * news / max(1, len(dance))
            yield {"video": k, "stage": "painting", "share": share}, []

    def cancel(self, what: dict, buffers: list) -> Answer:
        """Stop a job, also one that has not begun: after the picture that is being painted, or the stage."""
        self._stop(what).set()
        return {}, []

    def _stop(self, what: dict) -> Event:
        return self._stops.setdefault(str(what.get("job")), Event())

    def upload(self, what: dict, buffers: list) -> Answer:
        """A file of a name and size will come in pieces."""
        if len(self.songs) >= MOST_SONGS:
            raise InputError(f"there are {len(self.songs)} songs already: load the page again to upload more")
        if self._upload is not None:
            self._upload.drop()
        self._upload = Upload(str(what.get("name")), int(what.get("size", 0)), Path(self._folder.name))
        return {}, []

    def piece(self, what: dict, buffers: list) -> Answer:
        """The next piece; after the last one the song can be chosen: its number and name."""
        if self._upload is None:
            raise InputError("no upload has begun: choose the file again")
        upload, self._upload = self._upload, None
        try:
            upload.add(bytes(buffers[0]))
            if upload.got < upload.size:
                self._upload = upload
                return {"got": upload.got}, []
            self.songs.append(upload.done())
        except InputError:
            upload.drop()
            raise
        return {"song": len(self.songs) - 1, "name": upload.name}, []

    def still(self) -> bytes | None:
        """The dancers' portraits side by side."""
        paths = [path for one in self.dancers.values() if (path := one.folder / PORTRAIT).is_file()]
        if not paths:
            return None
        portraits = [Image.open(path).convert("RGB").resize((135, 240)) for path in paths]
        row, buffer = Image.new("RGB", (145 * len(portraits) - 10, 240), "white"), io.BytesIO()
        for k, portrait in enumerate(portraits):
            row.paste(portrait, (145 * k, 0))
        row.quantize(128).save(buffer, "PNG", optimize=True)
        return buffer.getvalue()
