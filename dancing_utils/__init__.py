"""The Dancing Project: from a dance video to a new dance video.

Audio MFCC -> LSTM-VAE -> 33 pose landmarks -> Pose GAN -> pictures of a dancing person.

Rooms, in the order in which data flows; what is in one imports only from those above it (a test sees to it):

    files, stderr       whole files and the project's folders; what C++ libraries print, put away
    tf, mp, doctor      TensorFlow and MediaPipe, quietly; is this machine ready?
    pose/               33 landmarks of a body: found in pictures, smoothed, measured, fitted to another body
    audio/              sound: MFCC, onsets, beats
    data/               films in, data sets out: media files, the HDF5 file, batches
    training            epochs, checkpoints, model files
    motion/             sound -> poses: the models that dance
    images/             poses -> pictures: the models that paint
    dancers             filmed persons in folders, each ready to be painted
    generate            a song -> a video
    learn               films of a person -> a dancer
    evaluation/         how good is it? measures beside the truth, baselines and chance
    show/               plots, drawings, and what the notebooks share
    instruments/        to hear, drag and watch with, in the browser
    cli_dancers, cli    the command `dance`

How a song becomes a video: ``generate.generate`` reads the sound (``data.media``), takes MFCC and onsets of it
(``audio.spectrum``) and beats (``audio.hearing``), lets the LSTM-VAE dance to them (``motion.lstm_vae``), fits the
dance to the body that will be painted (``pose.retarget``), paints it over a still background, from the frames of the
dancer's own film (``dancers``, ``images.warp``) or by a Pose GAN (``images.painting``), and writes the film
(``data.media``).

A loss stands with its model, what all losses share in ``training``. A measure stands in ``evaluation.motion_metrics``
or ``evaluation.image_metrics``; the tables are made by ``evaluation.evaluate_motion`` and ``evaluate_images``.

The numbers below are the ones all of them agree on.
"""

from importlib.metadata import PackageNotFoundError, version

FPS = 30  # video frames, and so time steps, a second
HEIGHT, WIDTH = 640, 360  # rows and columns of a stored picture: portrait, as phones film it
SAMPLE_RATE = 22_050  # samples a second of the sound; 735 of them to a video frame, with nothing left over
N_MFCC = 13  # mel-frequency cepstral coefficients a frame
TEMPERATURE = 0.5  # of a drawn dance: between 0, greedy, and 1, as varied as the model has learned
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
