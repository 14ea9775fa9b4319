"""From a song to a video."""

import numpy as np
import pytest

from dancing_utils import InputError, cli, fast_painter, generate, lstm_vae, media, pose_gan, training


@pytest.fixture(scope="module")
def tiny_models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    settings = lstm_vae.LSTMVAESettings(units=4, decoder_units=4, latent_dim=2)
    dancer = lstm_vae.LSTMVAE(settings)
    dancer.longest_limbs.assign(np.full(18, 100.0))
    training.save_weights(dancer, folder / "vae.npz", settings)
    settings = pose_gan.GANSettings(widths=(4, 4, 4, 4, 4), half_width=4)
    training.save_weights(pose_gan.PoseGAN(settings), folder / "gan.npz", settings)
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


def test_the_int8_model_paints_where_there_is_one(tiny_models):
    assert isinstance(generate.open_painter(cli.SHIPPED["gan"]), fast_painter.FastPainter)
    assert isinstance(generate.open_painter(tiny_models["gan"]), generate.KerasPainter)


def test_a_dance_is_fitted_only_to_another_body(tmp_path):
    """The shipped models learned the same dancer; with limbs of other lengths the dance is fitted."""
    poses = np.random.default_rng(0).uniform(0.3, 0.7, (4, 33, 2)).astype(np.float32)
    same, fitted = generate.fit_to_subject(poses, cli.SHIPPED["vae"], cli.SHIPPED["gan"])
    assert not fitted and same is poses
    with np.load(cli.SHIPPED["gan"]) as stored:
        arrays = dict(stored)
    arrays["body"] = arrays["body"] * 0.8
    np.savez(tmp_path / "small.npz", **arrays)
    assert generate.fit_to_subject(poses, cli.SHIPPED["vae"], tmp_path / "small.npz")[1]


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
