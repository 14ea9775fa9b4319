"""What each training says it learned from, to its checkpoint and to its model file."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from dancing_utils import training
from dancing_utils.data import dataset
from dancing_utils.images import baseline_gan, gan_training, pose_gan
from dancing_utils.motion import baseline_vae, lstm_vae, vae_training


def a_file(path, *, films=2, shift=0.0):
    """A file of small films by the real writer: a window of 149 frames each, of which five have a person."""
    with h5py.File(path, "w") as file:
        for i in range(films):
            rng = np.random.default_rng(i)
            poses = rng.uniform(0.3, 0.7, (1, 33, 2)) + 0.002 * np.arange(149)[:, None, None] + shift
            group = dataset.create_group(file, f"Dataset{i + 1}")
            dataset.write_sequences(
                group, mfcc=rng.normal(size=(149, 13)), poses=poses, source=f"film {i}", start_time=0.0,
                detected=np.arange(149) < 5, onset_strength=rng.uniform(size=149), content=f"content {i}",
            )  # fmt: skip
            for k in range(5):
                frame = rng.integers(0, 256, (40, 24, 1)).repeat(16, 0).repeat(15, 1).repeat(3, 2).astype(np.uint8)
                dataset.write_frame(group, k, dataset.compress_frame(frame))
    return path


SMALL_VAE = lstm_vae.LSTMVAESettings(units=4, decoder_units=4, latent_dim=2, components=2)
SMALL_GAN = pose_gan.GANSettings(
    widths=(4, 4, 4, 4, 4), half_width=4, pictures=40, batches_an_epoch=1, fade_epochs=0, correct_every=0,
    validation_share=0.0, pose_noise=0.0, stages=((1, 4),),
)  # fmt: skip


@pytest.fixture
def handed_over(monkeypatch):
    """Runs a training without its epochs; gives what it says of its data, and what its model file says."""

    def run(module, data, folder, settings, **options):
        told = {}

        def no_epochs(model, batches, *, trained_on, keep_best=lambda: None, after_epoch=lambda *_: None, **_):
            told.update(trained_on)
            keep_best()
            if module is baseline_gan:
                after_epoch(1, {})
            return []

        monkeypatch.setattr(module, "run_epochs", no_epochs)
        module.train(data, folder, settings, progress=False, **options)
        return told, training.read_seen(Path(folder) / module.FILE_NAME)

    return run


def changed(told, other):
    assert told.keys() == other.keys()
    return {name for name in told if told[name] != other[name]}


@pytest.mark.slow
def test_the_lstm_vae_says_what_it_learned_from(tmp_path, handed_over):
    data = a_file(tmp_path / "a.h5", films=4)
    told, seen = handed_over(vae_training, data, tmp_path / "run", SMALL_VAE)
    assert told["songs"] == 3 and seen == {f"content {i}" for i in range(4)}  # the fourth is for validation
    again = data.rename(tmp_path / "b.h5")
    assert not changed(told, handed_over(vae_training, [again], tmp_path / "run", SMALL_VAE)[0])
    fewer, seen = handed_over(vae_training, again, tmp_path / "run", SMALL_VAE, n_songs=1)
    assert changed(told, fewer) == {"songs"} and fewer["songs"] == 1 and len(seen) == 2
    moved = a_file(tmp_path / "c.h5", films=4, shift=0.001)
    assert changed(told, handed_over(vae_training, moved, tmp_path / "run", SMALL_VAE)[0]) == {"data", "validation"}


def test_the_baseline_vae_says_what_it_learned_from(tmp_path, handed_over):
    settings = baseline_vae.BaselineSettings(units=4, latent_dim=2)
    told, seen = handed_over(baseline_vae, a_file(tmp_path / "a.h5"), tmp_path, settings)
    assert told["windows"] == 2 and seen == {"content 0", "content 1"}
    moved = handed_over(baseline_vae, a_file(tmp_path / "b.h5", shift=0.001), tmp_path, settings)[0]
    more = handed_over(baseline_vae, a_file(tmp_path / "c.h5", films=3), tmp_path, settings)[0]
    assert changed(told, moved) == {"data"} and changed(told, more) == {"data", "windows"}


@pytest.mark.slow
def test_the_gans_say_what_they_learned_from(tmp_path, handed_over):
    data, moved = a_file(tmp_path / "a.h5"), a_file(tmp_path / "b.h5", shift=0.001)
    settings = baseline_gan.BaselineGANSettings(frame_step=2)
    told, seen = handed_over(baseline_gan, data, tmp_path, settings)
    assert told["pictures"] == 6 and seen == {"content 0", "content 1"}
    assert changed(told, handed_over(baseline_gan, moved, tmp_path, settings)[0]) == {"data"}

    told, seen = handed_over(gan_training, data, tmp_path / "1", SMALL_GAN)
    assert told["pairs"] == 8 and told["start_from"] == "nothing" and seen == {"content 0", "content 1"}
    assert changed(told, handed_over(gan_training, moved, tmp_path / "2", SMALL_GAN)[0]) == {"data"}
    one = a_file(tmp_path / "c.h5", films=1)
    first = tmp_path / "1" / pose_gan.FILE_NAME
    second, seen = handed_over(gan_training, one, tmp_path / "3", SMALL_GAN, start_from=first)
    assert changed(told, second) == {"data", "pairs", "start_from"} and seen == {"content 0", "content 1"}
