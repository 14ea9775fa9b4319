"""The ear in JupyterLab: tapped to, and heard as its coefficients keep it."""

import pytest

from conftest import in_words


@pytest.fixture
def ear(in_lab):
    shown = in_lab("ear")
    shown.wait("root.dataset.kept", timeout=240_000)
    return shown


def test_who_taps_on_the_heard_beats_scores_high(ear):
    ear.press("Play")
    ear.js("""(async () => {
      // Tap as a person does, 10 ms late, to a metronome that has the song's own beats.
      const audio = root.querySelector('audio'), button = root.querySelector('.dance-tap');
      const period = 60 / +root.dataset.tempo, first = +root.dataset.beat;
      for (let next = first + 2 * period; next < first + 9 * period; next += period) {
        while (audio.currentTime < next + 0.01) await new Promise((done) => setTimeout(done, 4));
        button.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
      }
    })()""")
    ear.wait("+root.dataset.f > 0")
    ear.picture("taps")
    ear.press("Pause")
    assert float(ear.root.get_attribute("data-own")) > 0.8  # a busy machine taps late


def test_what_coefficients_keep_is_heard_at_the_same_time_of_the_song(ear):
    ear.press("Play")
    ear.wait("root.querySelector('audio').currentTime > 1")
    ear.root.get_by_role("slider", name="Number of MFCC kept").focus()
    took = []
    for key in ["ArrowLeft"] * 4 + ["ArrowRight", "ArrowLeft"] * 8:
        before = ear.root.get_attribute("data-kept")
        ear.page.keyboard.press(key)
        ear.wait(f"root.dataset.kept !== '{before}'")
        took.append(float(ear.root.get_attribute("data-took")))
    assert ear.root.get_attribute("data-kept") == "4"
    assert ear.root.get_by_role("radio", name="coefficients").is_checked()
    ear.press("Pause")
    apart, _ = ear.play(frames=60)
    print(f"\nslider to sound: {in_words(took)}; {1000 * max(apart):.0f} ms apart at most")
    assert sorted(apart)[-3] < 0.05
    assert ear.js("root.querySelector('audio').currentTime") > 1.5


def test_twenty_fast_moves_of_the_slider_end_at_the_last_one(ear):
    heard = ear.js("""(async () => {
      const slider = root.querySelector('input[aria-label="Number of MFCC kept"]'), heard = new Set();
      const wait = (ms) => new Promise((done) => setTimeout(done, ms));
      for (let k = 0; k < 20; k++) {
        slider.value = k % 13;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await wait(5);
        heard.add(root.dataset.kept);
      }
      for (let k = 0; k < 500 && (root.dataset.busy === 'true' || root.dataset.kept !== '10'); k++) await wait(10);
      return [...heard, root.dataset.kept];
    })()""")
    assert heard[-1] == "10"  # the seventh step
    assert len(heard) < 10, "those that were overtaken were computed, too"


def test_a_tap_without_music_says_so(ear):
    ear.root.locator(".dance-lanes").focus()
    ear.page.keyboard.press("t")
    assert "Play the song first" in ear.root.locator(".dance-score").inner_text()
