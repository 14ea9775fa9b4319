"""The stage, in JupyterLab and on the page: a wrong file, two videos in step, a job that is cancelled."""

import statistics
import time

import pytest

from dancing_utils import SAMPLE_RATE
from dancing_utils.data import media
from dancing_utils.files import SAMPLE
from dancing_utils.instruments.instrument import wav

SECONDS = 3  # of the song that is uploaded


def test_a_wrong_file_is_answered_by_a_sentence(show, tmp_path):
    stage = show("stage")
    (tmp_path / "noise.mp3").write_bytes(bytes(range(256)) * 40)
    stage.root.get_by_label("Upload a song").set_input_files(tmp_path / "noise.mp3")
    stage.root.locator(".dance-status").get_by_text("the file").wait_for(timeout=120_000)
    stage.picture("wrong_file")
    assert "Traceback" not in stage.page.content()
    assert stage.root.get_by_label("Upload a song").is_enabled()


def test_of_an_uploaded_song_two_videos_are_made_and_play_in_step(show, tmp_path):
    stage = show("stage")
    sound = media.read_audio(SAMPLE / "songs" / "held_out_1.mp3")[: SECONDS * SAMPLE_RATE]
    (tmp_path / "my song.wav").write_bytes(wav(sound))
    stage.root.get_by_label("Upload a song").set_input_files(tmp_path / "my song.wav")
    stage.root.locator(".dance-status").get_by_text("my song is there").wait_for(timeout=120_000)
    stage.root.get_by_label("Dancer", exact=True).select_option("ben")
    slots = stage.root.locator(".dance-slots")
    before = slots.bounding_box()["height"]
    begun = time.monotonic()
    stage.press("Make both videos")
    stage.wait("root.querySelector('.dance-slot progress').value >= 0.2", timeout=240_000)
    skeleton = time.monotonic() - begun
    stage.picture("painting")
    stage.wait("[...root.querySelectorAll('.dance-slot video')].every((one) => one.src)", timeout=240_000)
    videos = time.monotonic() - begun
    print(f"\na skeleton dances after {skeleton:.1f} s, two videos of {SECONDS} s are there after {videos:.0f} s")
    stage.press("Play both")
    apart = stage.js("""(async () => {
      const [a, b] = root.querySelectorAll('.dance-slot video'), apart = [];
      while (apart.length < 60 && !a.ended) {
        await new Promise(requestAnimationFrame);
        if (a.currentTime > 1) apart.push(Math.abs(a.currentTime - b.currentTime));
      }
      if (!a.ended) root.querySelector('.dance-play').click();
      return apart;
    })()""")
    stage.picture("videos")
    stage.wait("[...root.querySelectorAll('.dance-slot video')].every((one) => one.paused)")
    print(f"\ntwo videos: {1000 * statistics.median(apart):.0f} ms apart, at most {1000 * max(apart):.0f}")
    assert statistics.median(apart) < 0.05
    assert stage.root.locator(".dance-save").first.get_attribute("download") == "my song_ben_0.mp4"
    assert slots.bounding_box()["height"] == pytest.approx(before, abs=30)  # the name of the file may take a line more


def test_cancel_works(show):
    stage = show("stage")
    stage.root.get_by_label("Song", exact=True).select_option("held out 2")
    stage.press("Make both videos")
    stage.wait("root.querySelector('.dance-slot progress').value >= 0.2", timeout=240_000)
    stage.press("Cancel")
    stage.root.locator(".dance-status").get_by_text("Cancelled.").wait_for(timeout=60_000)
    assert stage.root.get_by_role("button", name="Make both videos").is_enabled()
