"""The stage, in JupyterLab and on the page: a wrong file, two videos in step, a job that is cancelled."""

import statistics

import pytest


def test_a_wrong_file_is_answered_by_a_sentence(show, tmp_path):
    stage = show("stage")
    (tmp_path / "noise.mp3").write_bytes(bytes(range(256)) * 40)
    stage.root.get_by_label("Upload a song").set_input_files(tmp_path / "noise.mp3")
    stage.root.locator(".dance-status").get_by_text("the file").wait_for(timeout=120_000)
    stage.picture("wrong_file")
    assert "Traceback" not in stage.page.content()
    assert stage.root.get_by_label("Upload a song").is_enabled()


def test_two_videos_are_made_and_play_in_step(show):
    stage = show("stage")
    stage.root.get_by_label("Dancer", exact=True).select_option("ben")
    slots = stage.root.locator(".dance-slots")
    before = slots.bounding_box()["height"]
    stage.press("Make both videos")
    stage.wait("root.querySelector('.dance-slot progress').value > 0.3", timeout=240_000)
    stage.picture("painting")
    stage.wait("[...root.querySelectorAll('.dance-slot video')].every((one) => one.src)", timeout=240_000)
    stage.press("Play both")
    stage.wait("root.querySelector('.dance-slot video').currentTime > 1.5", timeout=60_000)
    apart = stage.js("""(async () => {
      const [a, b] = root.querySelectorAll('.dance-slot video'), apart = [];
      for (let k = 0; k < 60; k++) {
        await new Promise(requestAnimationFrame);
        apart.push(Math.abs(a.currentTime - b.currentTime));
      }
      return apart;
    })()""")
    stage.picture("videos")
    stage.press("Pause both")
    print(f"\ntwo videos: {1000 * statistics.median(apart):.0f} ms apart, at most {1000 * max(apart):.0f}")
    assert statistics.median(apart) < 0.05
    assert stage.root.locator(".dance-save").first.get_attribute("download").endswith("_ben_0.mp4")
    assert slots.bounding_box()["height"] == pytest.approx(before, abs=30)  # the name of the file may take a line more


def test_cancel_works(show):
    stage = show("stage")
    stage.press("Make both videos")
    stage.wait("root.querySelector('.dance-slot progress').value > 0.2", timeout=240_000)
    stage.press("Cancel")
    stage.root.locator(".dance-status").get_by_text("Cancelled.").wait_for(timeout=60_000)
    assert stage.root.get_by_role("button", name="Make both videos").is_enabled()
