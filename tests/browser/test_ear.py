"""The ear in JupyterLab: the song is played, tapped to, and heard as its coefficients keep it."""

import statistics

import pytest


@pytest.fixture
def ear(in_lab):
    shown = in_lab("ear")
    shown.page.wait_for_function("document.querySelector('.dance').dataset.kept", timeout=240_000)
    return shown


def test_it_shows(ear):
    ear.page.wait_for_timeout(500)
    ear.picture("wide")


def test_who_taps_on_the_heard_beats_scores_high(ear):
    ear.root.get_by_role("button", name="Play", exact=True).click()
    ear.page.evaluate("""async () => {
      // Tap as a person does, 10 ms late, to a metronome that has the song's own beats.
      const audio = document.querySelector('.dance audio'), beats = [];
      const root = document.querySelector('.dance'), button = root.querySelector('.dance-tap');
      const period = 60 / +root.dataset.tempo, first = +root.dataset.beat;
      for (let next = first + 2 * period; next < first + 9 * period; next += period) {
        while (audio.currentTime < next + 0.01) await new Promise((done) => setTimeout(done, 4));
        button.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
      }
    }""")
    ear.page.wait_for_function("+document.querySelector('.dance').dataset.f > 0", timeout=10_000)
    ear.page.wait_for_timeout(300)
    ear.picture("taps")
    ear.root.get_by_role("button", name="Pause", exact=True).click()
    assert float(ear.root.get_attribute("data-own")) > 0.8  # a busy machine taps late


def test_what_coefficients_keep_is_heard_at_the_same_time_of_the_song(ear):
    ear.root.get_by_role("button", name="Play", exact=True).click()
    ear.page.wait_for_function("document.querySelector('.dance audio').currentTime > 1", timeout=20_000)
    slider = ear.root.get_by_role("slider", name="Number of MFCC kept")
    slider.focus()
    took = []
    for _ in range(4):
        before = ear.root.get_attribute("data-kept")
        ear.page.keyboard.press("ArrowLeft")
        ear.page.wait_for_function(f"document.querySelector('.dance').dataset.kept !== '{before}'", timeout=10_000)
        took.append(float(ear.root.get_attribute("data-took")))
    assert ear.root.get_attribute("data-kept") == "4"
    assert ear.root.get_by_role("radio", name="coefficients").is_checked()
    ear.page.wait_for_timeout(700)
    off = ear.page.evaluate("""async () => {
      const audio = document.querySelector('.dance audio'), stage = document.querySelector('.dance-stage'), off = [];
      for (let k = 0; k < 60; k++) {
        await new Promise(requestAnimationFrame);
        off.push(Math.abs(stage.dataset.time - audio.currentTime));
      }
      return [...off, audio.paused ? 99 : 0];
    }""")
    ear.picture("kept")
    ear.root.get_by_role("button", name="Pause", exact=True).click()
    apart = f"sound and picture {1000 * max(off):.0f} ms apart at most"
    print(f"coefficients to sound: {statistics.median(took):.0f} ms; {apart}")
    assert sorted(off)[-3] < 0.05
    assert ear.page.evaluate("document.querySelector('.dance audio').currentTime") > 1.5


def test_a_tap_without_music_says_so(ear):
    ear.root.focus()
    ear.root.locator(".dance-lanes").focus()
    ear.page.keyboard.press("t")
    assert "Play the song first" in ear.root.locator(".dance-score").inner_text()


def test_on_a_phone_nothing_is_cut_off(ear):
    root = "document.querySelector('.dance')"
    width = ear.page.evaluate(f"({root}.style.width = '360px', {root}.scrollWidth)")
    ear.page.wait_for_timeout(400)
    ear.picture("phone")
    ear.page.evaluate(f"{root}.style.width = ''")
    assert width <= 361
