"""From a song to poses of any length, and to a video."""

import numpy as np
import pytest

from dancing_utils import InputError, generate, lstm_vae, media, pose_gan, training


class WindowNumbers:
    """Stands in for the LSTM-VAE: every pose of a window shows the mean of its z."""

    settings = lstm_vae.LSTMVAESettings(latent_dim=1)

    def encode(self, mfcc):
        mean = mfcc.mean((1, 2))[:, None].astype(np.float32)
        return mean, np.zeros_like(mean)

    def decode(self, z):
        import tensorflow as tf

        return tf.convert_to_tensor(np.tile(np.asarray(z)[:, :, None, None], (1, 149, 33, 2)).astype(np.float32))


@pytest.mark.parametrize("n", [1, 10, 148, 149, 150, 298, 1000])
def test_any_length_gives_a_pose_a_frame(n):
    assert generate.song_to_poses(WindowNumbers(), np.zeros((n, 13), np.float32)).shape == (n, 33, 2)


def test_blending_has_no_jump():
    """Windows at 0 and 1 by turns: the blend goes from one to the other in even steps, never in a leap."""
    windows = np.tile((np.arange(6) % 2).astype(np.float32)[:, None, None], (1, 149, 1))
    blended = generate.blend(windows, 74)[:, 0]
    assert len(blended) == 5 * 74 + 149
    assert blended.min() == 0 and blended.max() == 1 and np.abs(np.diff(blended)).max() < 0.03


def test_blending_what_agrees_changes_nothing():
    line = np.linspace(0, 1, 74 * 3 + 149, dtype=np.float32)[:, None]
    windows = np.stack([line[start : start + 149] for start in range(0, 74 * 3 + 1, 74)])
    np.testing.assert_allclose(generate.blend(windows, 74), line, atol=1e-6)


def test_seed_and_temperature():
    mfcc = np.random.default_rng(0).normal(size=(300, 13)).astype(np.float32)

    def dance(**key):
        return generate.song_to_poses(WindowNumbers(), mfcc, **key)

    np.testing.assert_array_equal(dance(seed=1), dance(seed=1))
    assert np.abs(dance(seed=1) - dance(seed=2)).max() > 0.1
    np.testing.assert_array_equal(dance(seed=1, temperature=0), dance(seed=2, temperature=0))
    with pytest.raises(InputError, match="temperature=-1"):
        dance(temperature=-1)


@pytest.fixture(scope="module")
def tiny_models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    settings = lstm_vae.LSTMVAESettings(units=4, latent_dim=2)
    training.save_weights(lstm_vae.LSTMVAE(settings), folder / "vae.npz", settings)
    settings = pose_gan.GANSettings(widths=(4, 4, 4, 4, 4))
    training.save_weights(pose_gan._shipped(pose_gan.PoseGAN(settings)), folder / "gan.npz", settings)
    return {"vae": folder / "vae.npz", "gan": folder / "gan.npz"}


def test_song_becomes_a_video_with_that_song(tmp_path, tiny_models, sample_clip):
    """A clip serves as the song; its 19.8 s become 595 frames with the same sound, sample for sample in time."""
    report = generate.generate(sample_clip, tmp_path / "out.mp4", **tiny_models, progress=False)
    info = media.probe(report.path)
    assert report.n_frames == 595 and (info.width, info.height, info.fps, info.codec) == (360, 640, 30, "h264")
    song, heard = media.read_audio(sample_clip), media.read_audio(report.path)
    n = min(len(song), len(heard), 200_000)
    assert np.corrcoef(song[:n], heard[:n])[0, 1] > 0.95
    assert "19.8 s, 360 x 640" in generate.describe(report)


def test_bad_songs_and_outputs(tmp_path, tiny_models, sample_clip):
    (tmp_path / "text.mp3").write_text("no music")
    (tmp_path / "file").touch()
    for song, output, words in (
        (tmp_path / "text.mp3", "o.mp4", "text.mp3"), (tmp_path / "none.mp3", "o.mp4", "does not exist"),
        (sample_clip, "o.avi", "must end in .mp4"), (sample_clip, "file/o.mp4", "cannot write"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            generate.generate(song, tmp_path / output, **tiny_models, progress=False)
    assert not (tmp_path / "o.mp4").exists()
