"""From a song to a video."""

import re
import time
from itertools import islice

import numpy as np
import pytest

from dancing_utils import InputError, cli, generate, training
from dancing_utils.audio import hearing
from dancing_utils.data import media
from dancing_utils.evaluation import motion_metrics, truth
from dancing_utils.images import pose_gan
from dancing_utils.motion import lstm_vae, sway
from dancing_utils.pose import dances
from dancing_utils.pose.body import Body
from dancing_utils.pose.landmarks import limb_lengths, to_pixels, torso_length


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


@pytest.fixture(scope="module")
def song(tmp_path_factory, sample_clip):
    """The first three seconds of a clip's sound, as the sound of a small black video."""
    path = tmp_path_factory.mktemp("song") / "a song ♫.mp4"
    sound = media.read_audio(sample_clip, sample_rate=44_100)
    with media.VideoWriter(path, size=(64, 64), audio=sound, sample_rate=44_100) as writer:
        for _ in range(90):
            writer.write(np.zeros((64, 64, 3), np.uint8))
    return path


@pytest.mark.slow
def test_song_becomes_a_video_with_that_song(tmp_path, tiny_models, song, capsys):
    """Three seconds become 90 frames with the same sound, sample for sample in time."""
    (tmp_path / "out.mp4").write_text("an older video")
    report = generate.generate(song, tmp_path / "out.mp4", **tiny_models, force=True)
    said = capsys.readouterr().out
    assert said.startswith("Listening to a song ♫.mp4 (the first sound on a machine takes up to 40 s)\n")
    assert re.search(r"^painting 90 pictures at [0-9.]+ a second: about (\d+ min )?\d+ s$", said, flags=re.M)
    info = media.probe(report.path)
    assert report.n_frames == 90 and (info.width, info.height, info.fps, info.codec) == (360, 640, 30, "h264")
    played, heard = media.read_audio(song), media.read_audio(report.path)
    n = min(len(played), len(heard))
    assert n > 2.9 * 22_050 and np.corrcoef(played[:n], heard[:n])[0, 1] > 0.95
    assert "3.0 s, 360 x 640" in generate.describe(report)


def test_a_painter_knows_the_body_that_its_file_keeps(tiny_models):
    known, unknown = generate.open_painter(cli.SHIPPED["gan"]), generate.open_painter(tiny_models["gan"])
    assert known.body.torso > 100 and unknown.body is None  # which was not kept


def test_a_dance_is_fitted_only_to_another_body():
    """The shipped models learned the same dancer; with limbs of other lengths the dance is fitted."""
    poses = np.random.default_rng(0).uniform(0.3, 0.7, (4, 33, 2)).astype(np.float32)
    danced, painted = lstm_vae.load(cli.SHIPPED["vae"]).body, pose_gan.load(cli.SHIPPED["gan"]).body
    same, fitted = generate.fit_to_subject(poses, danced, painted)
    assert not fitted and same is poses
    smaller = Body.from_array(painted.to_array() * 0.8)
    assert generate.fit_to_subject(poses, danced, smaller)[1]
    assert generate.fit_to_subject(poses, None, painted) == (poses, False)  # of a file that does not know its body


def test_where_no_beat_is_heard_the_dancer_stands_and_sways():
    """Her feet stay, her shoulders go 0.3 torso lengths to either side in five seconds, nothing moves up or down."""
    dance = np.random.default_rng(0).normal(0, 0.02, (150, 33, 2)) + standing()
    poses = sway.stand_and_sway(dance)
    assert poses.shape == (150, 33, 2) and np.ptp(poses[..., 1], axis=0).max() == 0
    assert np.ptp(poses[:, sway.STANDING, 0], axis=0).max() == 0
    pixels, torso = to_pixels(poses), torso_length(dance).mean()
    assert np.ptp(pixels[:, 11:13, 0].mean(1)) / torso == pytest.approx(0.6, rel=0.01)
    assert 0 < motion_metrics.mean_speed(poses) < 0.3


def standing():
    """A pose (33, 2) on its feet."""
    pose = np.full((33, 2), 0.5)
    pose[:11, 1], pose[11:23, 1], pose[23:25, 1], pose[25:27, 1], pose[27:, 1] = 0.2, 0.3, 0.5, 0.7, 0.9
    return pose


class Model:
    """Dances wildly to anything."""

    body = None

    def dance_in_depth(self, features, **_):
        return np.random.default_rng(0).uniform(0, 1, (len(features), 33, 2)).astype(np.float32), np.ones((90, 33))


def test_a_song_is_danced_to_and_silence_is_not():
    mfcc, onsets = np.zeros((90, 13), np.float32), np.zeros(90, np.float32)
    song, silence = (hearing.Heard(mfcc, onsets, beats, 0, 0) for beats in (np.arange(0, 3, 0.5), np.zeros(0)))
    wild = Model().dance_in_depth(mfcc)[0]
    danced, swayed = (generate.song_to_dance(Model(), heard.features) for heard in (song, silence))
    assert (danced.poses == wild).all() and danced.depth.all() and swayed.depth is None
    assert motion_metrics.mean_speed(swayed.poses) < 1 and motion_metrics.mean_speed(wild) > 20


def test_what_was_danced_to_is_said():
    beats = np.arange(0, 3, 0.5)
    heard = hearing.Heard(np.zeros((90, 13)), np.zeros(90), beats, 120.2, 0.3)
    assert generate.in_beats(heard, told=False) == "120 beats a minute, as heard."
    assert generate.in_beats(heard, told=True) == "120 beats a minute, as given."
    silent = hearing.Heard(np.zeros((90, 13)), np.zeros(90), beats[:0], 0.0, 0.01)
    assert generate.in_beats(silent, told=False).startswith("No beat was heard, so the dancer stands and sways;")


class Painter:
    """Paints nothing and keeps the poses that it was given."""

    def paint(self, poses, *, depth=None):
        self.poses = poses
        return iter(np.zeros((len(poses), 640, 360, 3), np.uint8))


@pytest.mark.slow
def test_a_video_of_another_body_shows_that_bodys_limbs(tmp_path, tiny_models, song, monkeypatch):
    """The image model's dancer is half as large as the song model's: the same dance with limbs half as long."""
    measures, models = np.random.default_rng(0).uniform(40, 80, 24), {}
    for name, size in (("vae", 1.0), ("gan", 0.5)):
        with np.load(tiny_models[name]) as stored:
            body = np.append(measures[:22] * size, (180, 320))  # hips in the middle: no hand leaves the picture
            np.savez(tmp_path / f"{name}.npz", **dict(stored) | {"body": body})
        models[name] = tmp_path / f"{name}.npz"
    painter = Painter()
    painter.body = pose_gan.load(models["gan"]).body
    monkeypatch.setattr(generate, "open_painter", lambda _, **__: painter)
    report = generate.generate(song, tmp_path / "out.mp4", **models, progress=False)
    danced = generate.song_to_dance(lstm_vae.load(models["vae"]), hearing.hear(media.read_audio(song)).features)
    np.testing.assert_allclose(limb_lengths(painter.poses), limb_lengths(danced.poses) / 2, rtol=1e-3, atol=0.01)
    assert report.fitted and "fitted to the body of the image model's dancer" in generate.describe(report)


@pytest.mark.slow
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


def test_a_file_that_is_there_is_refused_before_any_work(tmp_path, tiny_models, sample_clip, monkeypatch):
    monkeypatch.setattr(media, "read_audio", lambda *_, **__: pytest.fail("the song was read"))
    output = tmp_path / "mine.mp4"
    output.write_text("dear to someone")
    with pytest.raises(InputError, match=r"mine\.mp4 is there already: .* --force"):
        generate.generate(sample_clip, output, **tiny_models)
    with pytest.raises(InputError, match="is the song itself"):
        generate.generate(output, tmp_path / "." / "mine.mp4", **tiny_models, force=True)
    with pytest.raises(InputError, match="is the dance itself"):
        generate.generate(None, output, poses=output, **tiny_models, force=True)
    assert output.read_text() == "dear to someone"


def test_the_time_to_paint_is_told_by_the_pictures_after_those_that_compile(monkeypatch):
    """The first eight pictures take a minute, the others 0.02 s each: 50 a second, so 5400 take 108 s."""
    now, said, told_at = [0.0], [], []
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def paint():
        for k in range(5400):
            now[0] += 60 if k < 8 else 0.02
            yield k

    def say(words):
        said.append(words)
        told_at.append(now[0] - 8 * 60)

    pictures = generate.saying_how_long(paint(), 5400, say)
    assert list(pictures) == list(range(5400))
    assert said == ["painting 5400 pictures at 50 a second: about 1 min 48 s"]
    assert told_at == [pytest.approx(17 * 0.02)]


def test_a_song_too_short_to_measure_is_painted_without_a_word():
    assert list(generate.saying_how_long(iter(range(24)), 24, pytest.fail)) == list(range(24))


@pytest.mark.parametrize(
    "n, rate, words",
    [
        (5400, 58.0, "painting 5400 pictures at 58 a second: about 1 min 33 s"),
        (600, 8.8, "painting 600 pictures at 8.8 a second: about 1 min 8 s"),
        (600, 9.97, "painting 600 pictures at 10 a second: about 1 min 0 s"),
        (596, 110.0, "painting 596 pictures at 110 a second: about 5 s"),
        (108_000, 8.78, "painting 108000 pictures at 8.8 a second: about 3 h 25 min"),
    ],
)
def test_estimate(n, rate, words):
    assert generate.estimate(n, rate) == words


def test_a_saved_dance_is_danced_again_to_the_frame(tmp_path, tiny_models, song, monkeypatch):
    """The video of the saved poses is that of the song: the same poses and the same depth reach the painter."""
    painters = [Painter(), Painter(), Painter()]
    for painter in painters:
        painter.body = None
    left = iter(painters)
    monkeypatch.setattr(generate, "open_painter", lambda _, **__: next(left))
    saved = tmp_path / "dance.npz"
    generate.generate(song, tmp_path / "a.mp4", **tiny_models, save_poses=saved, progress=False)
    for number, sound in enumerate((song, None)):
        output = tmp_path / f"b{number}.mp4"
        report = generate.generate(sound, output, **tiny_models, poses=saved, progress=False)
        assert media.probe(output).has_audio == (sound is not None)
        assert ("no sound" in generate.describe(report)) == (sound is None)
        np.testing.assert_array_equal(painters[1 + number].poses, painters[0].poses)
    with pytest.raises(InputError, match=r"dance.npz is there already"):
        generate.generate(song, tmp_path / "c.mp4", **tiny_models, save_poses=saved, progress=False)
    with pytest.raises(InputError, match=r"must end in .npz"):
        generate.generate(song, tmp_path / "c.mp4", **tiny_models, save_poses=tmp_path / "a.txt", progress=False)


@pytest.mark.parametrize("seconds, words, frames", [(2.0, "dance ends with the song", 60), (9.0, "song ends", 90)])
def test_song_and_dance_of_other_lengths_end_together(seconds, words, frames):
    dance = dances.Dance(np.tile(standing(), (90, 1, 1)))
    sound = np.ones(round(seconds * generate.SOUND_RATE))
    heard, danced, remark = generate._together(sound, None, dance)
    assert words in remark and len(danced) == frames and len(heard) == frames * generate.SOUND_RATE // 30
    assert generate._together(np.ones(3 * generate.SOUND_RATE), None, dance)[2] == ""


@pytest.mark.slow
def test_somebody_elses_dance_out_of_a_film(tmp_path, tiny_models, sample_clip, monkeypatch):
    """MediaPipe's poses of two seconds of a clip, in the window around the dancer, with the clip's own sound."""
    film = tmp_path / "somebody.mp4"
    with media.VideoWriter(film, audio=media.read_audio(sample_clip)[: 2 * 22_050]) as writer:
        for frame in islice(media.read_frames(sample_clip), 60):
            writer.write(frame)
    painter = Painter()
    painter.body = None
    monkeypatch.setattr(generate, "open_painter", lambda _, **__: painter)
    report = generate.generate(None, tmp_path / "out.mp4", **tiny_models, poses=film, progress=False)
    assert report.heard is None and len(painter.poses) == 60 and media.probe(tmp_path / "out.mp4").has_audio
    known = truth.landmarks_of(sample_clip)[:60]
    assert motion_metrics.mean_speed(painter.poses) == pytest.approx(motion_metrics.mean_speed(known), rel=0.2)
    (tmp_path / "text.mp4").write_text("no film")
    with pytest.raises(InputError, match="text.mp4"):
        generate.generate(None, tmp_path / "c.mp4", **tiny_models, poses=tmp_path / "text.mp4", progress=False)
