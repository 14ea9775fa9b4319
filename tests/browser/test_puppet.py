"""The puppet in JupyterLab: dragged by a hand, seen in layers."""

import json

import pytest


@pytest.fixture
def puppet(in_lab):
    shown = in_lab("puppet")
    shown.page.wait_for_function("document.querySelector('.dance').dataset.shown", timeout=240_000)
    return shown


def test_it_shows(puppet):
    puppet.page.wait_for_timeout(400)
    puppet.picture("wide")


def test_a_hand_is_dragged_and_the_last_place_is_painted(puppet):
    box = puppet.root.locator(".dance-puppet-stage").bounding_box()
    puppet.page.evaluate("document.querySelector('.dance').dataset.rate = 0")
    (x, y) = puppet.page.evaluate("""() => {
      // The handle of the left hand, found by its colour.
      const canvas = document.querySelector('.dance-puppet-stage'), context = canvas.getContext('2d');
      const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height);
      let n = 0, left = 0, top = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i] === 0 && data[i + 1] === 114 && data[i + 2] === 178) {
          const k = i / 4;
          if (!n || Math.floor(k / width) >= 0) { left += k % width; top += Math.floor(k / width); n++; }
          if (n > 60) break;
        }
      }
      const dense = canvas.width / canvas.clientWidth;
      return [left / n / dense, top / n / dense];
    }""")
    puppet.page.mouse.move(box["x"] + x, box["y"] + y)
    puppet.page.mouse.down()
    for k in range(60):
        puppet.page.mouse.move(box["x"] + x + k, box["y"] + y - 2 * k)
        puppet.page.wait_for_timeout(16)
    puppet.page.wait_for_function("document.querySelector('.dance').dataset.busy === 'false'", timeout=5000)
    puppet.picture("dragged")
    puppet.page.mouse.up()
    target = json.loads(puppet.root.get_attribute("data-shown"))
    now = puppet.root.locator(".dance-puppet-stage").bounding_box()  # JupyterLab may have scrolled meanwhile
    mouse = box["x"] + x + 59 - now["x"], box["y"] + y - 118 - now["y"]
    assert target == pytest.approx([mouse[0] / now["width"], mouse[1] / now["height"]], abs=0.02)
    print(f"pictures in the best second: {puppet.root.get_attribute('data-rate')}")


def test_layers_are_shown(puppet):
    for name in ("Empty room", "The parts alone", "Mask"):
        puppet.root.get_by_role("radio", name=name).check()
        puppet.page.wait_for_function("document.querySelector('.dance').dataset.busy === 'false'")
        if name == "Mask":
            puppet.page.wait_for_timeout(300)
            puppet.picture("mask")
    puppet.root.get_by_role("button", name="Reset").click()


def test_the_keyboard_moves_a_joint(puppet):
    puppet.root.get_by_label("Joint", exact=True).select_option("right_knee")
    puppet.root.locator(".dance-puppet-stage").focus()
    before = puppet.root.get_attribute("data-shown")
    puppet.page.keyboard.press("ArrowUp")
    puppet.page.wait_for_function(f"document.querySelector('.dance').dataset.shown !== '{before}'")
