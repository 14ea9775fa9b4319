"""The Dancing Project: from a dance video to a new dance video.

Audio MFCC -> LSTM-VAE -> 33 pose landmarks -> Pose GAN -> pictures of a dancing person.

Each module imports only from those before it:

    ground      ``quiet``, ``doctor``, ``course``, ``landmarks``, ``cut_off``, ``media``, ``npz``, ``truth``
    extraction  ``audio``, ``pose_model``, ``pose``, ``hdf5_file``, ``dataset``, ``films``, ``extract``
    training    ``retarget``, ``training``, ``batches``
    motion      ``baseline_vae``, ``song_data``, ``lstm_vae``
    pictures    ``perceptual``, ``baseline_gan``, ``pose_gan``, ``fast_painter``, ``pose_correction``, ``gan_training``
    the whole   ``generate``
    measuring   ``metrics``, ``dancers``, ``evaluate``, ``image_metrics``, ``contact_sheets``, ``painters``,
                ``evaluate_images``
    looking     ``plots``, ``widgets``, ``cli``

The numbers below are the ones all of them agree on.
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
