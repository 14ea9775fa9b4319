"""The Dancing Project: from a dance video to a new dance video.

Audio MFCC -> LSTM-VAE -> 33 pose landmarks -> Pose GAN -> pictures of a dancing person.

One module a stage, in the order data flows: ``media``, ``audio``, ``pose``, ``dataset``, ``extract``,
``baseline_vae``, ``song_data``, ``lstm_vae``, ``baseline_gan``, ``pose_gan``, ``fast_painter``, ``gan_training``,
``generate``; and to measure, ``metrics``, ``evaluate``, ``image_metrics``, ``painters``, ``evaluate_images``. The
numbers below are the ones all of them agree on.
"""

from importlib.metadata import PackageNotFoundError, version

FPS = 30  # video frames, and so time steps, a second
HEIGHT, WIDTH = 640, 360  # rows and columns of a stored picture: portrait, as phones film it
SAMPLE_RATE = 22_050  # samples a second of the sound; 735 of them to a video frame, with nothing left over
N_MFCC = 13  # mel-frequency cepstral coefficients a frame
TIME_STEPS = 149  # frames in one window of the dataset: 4.97 s

try:
    __version__ = version("dancing-project")
except PackageNotFoundError:  # read from a checkout that was not installed
    __version__ = "0+unknown"


class InputError(ValueError):
    """Bad input from outside; the message is one sentence for a person.

    It says what is wrong, with the value, and what to do. Command line and notebooks print it without a traceback.
    """

    def _render_traceback_(self) -> list[str]:  # what IPython shows in place of a page of calls
        return [f"InputError: {self}"]
