"""What all instruments share: an anywidget whose browser side asks, and whose Python side answers.

A question is a message {"kind", "what", "number", "asker"}; the answer has the same kind, number and asker, what is to
be told in JSON, and arrays as binary buffers. The browser has one question of a kind on its way and keeps of those that
wait only the newest, so nothing queues. What goes wrong is answered by a sentence.

A page without a kernel shows a picture in place of the instrument: its ``still``, with words for who cannot see it.

Notebook: 05_latent_space.ipynb
"""

import base64
import io
import json
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import anywidget
import numpy as np

from dancing_utils import FPS, HEIGHT, SAMPLE_RATE, WIDTH, InputError
from dancing_utils.pose.landmarks import CONNECTIONS
from dancing_utils.show.plots import side_of

STATIC = Path(__file__).parent / "static"
COURSE = {"fps": FPS, "width": WIDTH, "height": HEIGHT, "bones": [(a, b, side_of(a, b)) for a, b in CONNECTIONS]}
Answer = tuple[dict, list[bytes]]  # what is told, and arrays


def module(*names: str) -> str:
    """The JavaScript module of an instrument's files with what all share before: nothing is built, nothing fetched."""
    files = [(STATIC / f"{part}.js").read_text("utf-8") for part in ("common", "player", *names)]
    return "\n".join([f"const COURSE = {json.dumps(COURSE)};", *files])


def style() -> str:
    """The instruments' style sheet."""
    return (STATIC / "instruments.css").read_text("utf-8")


def wav(waveform: np.ndarray, *, sample_rate: int = SAMPLE_RATE) -> bytes:
    """A mono sound (n,) in [-1, 1] as a WAV file of 16 bits: exact in time, which files with packets are not."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.round(np.clip(waveform, -1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def poses_bytes(poses: np.ndarray) -> bytes:
    """Poses (T, 33, 2) as the player reads them: T times 66 float32."""
    return np.ascontiguousarray(poses, "<f4").tobytes()


def replies(answers: dict[str, Callable], message: dict, buffers: list) -> Iterator[Answer]:
    """What is answered to a question by the function of its kind; an error as a sentence, never a trace.

    Where the function is a generator, what it yields are answers marked "more", and what it returns is the last one.
    """
    marks = {name: message.get(name) for name in ("kind", "number", "asker")}
    try:
        answer = answers[message["kind"]](message["what"], buffers)
        while not isinstance(answer, tuple):
            try:
                told, arrays = next(answer)
                yield {**told, **marks, "more": True}, arrays
            except StopIteration as end:
                answer = end.value or ({}, [])
        yield {**answer[0], **marks}, answer[1]
    except InputError as error:
        yield {"error": str(error), **marks}, []
    except Exception as error:  # whatever it is: the browser waits for an answer
        yield {"error": f"That went wrong ({type(error).__name__}: {error}): try another setting.", **marks}, []


class Instrument(anywidget.AnyWidget):
    """An instrument: ``answers`` gives the function of each kind of question; ``words`` and ``still`` stand for it."""

    words = "An instrument that needs a running kernel."

    long: tuple[str, ...] = ()  # kinds of questions that are answered in a thread of their own, for they take seconds

    def __init__(self, **traits):
        super().__init__(**traits)
        self.on_msg(self._asked)

    def _asked(self, _, message: dict, buffers: list) -> None:
        if message.get("kind") in self.long:
            Thread(target=self._answer, args=(message, buffers), daemon=True).start()
        else:
            self._answer(message, buffers)

    def _answer(self, message: dict, buffers: list) -> None:
        for told, arrays in replies(self.answers, message, buffers):
            self.send(told, arrays)

    @property
    def answers(self) -> dict[str, Callable]:
        """Kind of question -> function of what is asked and its buffers; it gives an answer, or generates several."""
        return {}

    def still(self) -> bytes | None:
        """A PNG of the instrument for pages without a kernel; None for none."""
        return None

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = self.words
        if (png := self.still()) is not None:
            data["image/png"] = base64.b64encode(png).decode()
            metadata = {**metadata, "image/png": {"alt": self.words}}
        return data, metadata
