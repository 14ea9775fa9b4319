"""The page of `dance play`: opened with its token, each tab, a wrong file, a video made and watched, a phone."""

import re
import statistics
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe

from conftest import LONG, Shown, free_port, server


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The page's address with its token, as the command prints it."""
    folder, port = tmp_path_factory.mktemp("page"), free_port()
    command = [sys.executable, "-c", "from dancing_utils.cli import main; main()", "play", f"--port={port}",
               "--no-browser"]  # fmt: skip
    with server(command, f"http://127.0.0.1:{port}/voila/static/voila.js", folder):
        yield re.search(r"http://\S+token=\S+", (folder / "server.log").read_text())[0]


@pytest.fixture(scope="module")
def page(address, chromium):
    page = chromium.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.goto(address, timeout=LONG)
    page.locator(".dance canvas").first.wait_for(timeout=LONG)
    return page


def open_tab(page, name):
    page.locator(".lm-TabBar-tab", has_text=name).click()
    shown = Shown(page, f"page_{name.lower()}")
    label = {"Explore": "Latent explorer", "Hear": "Ear", "Pull": "Puppet", "Stage": "Stage"}[name]
    shown.root = page.locator(f'.dance[aria-label="{label}"]')
    shown.root.locator(".dance-panel").first.wait_for(timeout=LONG)
    page.wait_for_timeout(1500)
    return shown


def test_without_its_token_nobody_gets_in(address, chromium):
    stranger = chromium.new_context().new_page()
    stranger.goto(address.split("?")[0], timeout=LONG)
    assert stranger.locator(".dance, .dance-page").count() == 0
    assert "login" in stranger.url


@pytest.mark.parametrize("name", ["Explore", "Hear", "Pull"])
def test_each_tab_shows_its_instrument_and_no_code(page, name):
    shown = open_tab(page, name)
    shown.picture("wide")
    assert "import" not in page.locator("body").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["Explore", "Hear", "Pull", "Stage"])
def test_no_serious_fault_for_who_cannot_see(page, name, scheme):
    page.emulate_media(color_scheme=scheme)
    open_tab(page, name)
    found = Axe().run(page, context=".dance").response["violations"]
    page.emulate_media(color_scheme="light")
    assert not [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]


def test_a_wrong_file_is_answered_by_a_sentence(page, tmp_path):
    shown = open_tab(page, "Stage")
    (tmp_path / "noise.mp3").write_bytes(bytes(range(256)) * 40)
    shown.root.get_by_label("Upload a song").set_input_files(tmp_path / "noise.mp3")
    status = shown.root.locator(".dance-status")
    status.get_by_text("the file").wait_for(timeout=120_000)
    shown.picture("wrong_file")
    assert "Traceback" not in page.content()


def test_two_videos_are_made_and_play_in_step(page):
    shown = open_tab(page, "Stage")
    shown.root.get_by_label("Dancer", exact=True).select_option("ben")
    shown.root.get_by_role("button", name="Make both videos").click()
    page.wait_for_function("document.querySelector('.dance-slot progress').value > 0.3", timeout=LONG)
    shown.picture("painting")
    page.wait_for_function("[...document.querySelectorAll('.dance-slot video')].every((one) => one.src)", timeout=LONG)
    shown.root.get_by_role("button", name="Play both").click()
    page.wait_for_function("document.querySelector('.dance-slot video').currentTime > 1.5", timeout=60_000)
    apart = page.evaluate("""async () => {
      const [a, b] = document.querySelectorAll('.dance-slot video'), apart = [];
      for (let k = 0; k < 60; k++) {
        await new Promise(requestAnimationFrame);
        apart.push(Math.abs(a.currentTime - b.currentTime));
      }
      return apart;
    }""")
    shown.picture("videos")
    print(f"two videos: {1000 * statistics.median(apart):.0f} ms apart, at most {1000 * max(apart):.0f}")
    assert statistics.median(apart) < 0.05
    assert shown.root.locator(".dance-save").first.get_attribute("download").endswith("_ben_0.mp4")


def test_cancel_works(page):
    shown = open_tab(page, "Stage")
    shown.root.get_by_role("button", name="Make both videos").click()
    page.wait_for_function("document.querySelector('.dance-slot progress').value > 0.2", timeout=LONG)
    shown.root.get_by_role("button", name="Cancel").click()
    shown.root.locator(".dance-status").get_by_text("Cancelled.").wait_for(timeout=60_000)
    assert shown.root.get_by_role("button", name="Make both videos").is_enabled()


def test_on_a_phone_in_the_dark(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    for name in ("Explore", "Hear", "Pull", "Stage"):
        shown = open_tab(page, name)
        shown.picture("phone_dark")
        shown.root.scroll_into_view_if_needed()
        box = shown.root.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 391, name
        end = shown.root.locator(".dance-status")
        end.scroll_into_view_if_needed()
        assert 0 <= end.bounding_box()["y"] < 844, f"{name} cannot be scrolled to its end"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 1000})


def test_a_second_visitor_has_a_kernel_of_their_own(page, address, chromium):
    other = chromium.new_context().new_page()
    other.goto(address, timeout=LONG)
    other.locator(".dance canvas").first.wait_for(timeout=LONG)
    kernels = subprocess.run(["ps", "-eo", "rss,args"], capture_output=True, text=True).stdout
    memory = [int(line.split()[0]) / 1e3 for line in kernels.splitlines() if "ipykernel_launcher" in line]
    print(f"memory of the kernels (MB): {sorted(round(one) for one in memory)}")
    assert len(memory) >= 2
    other.close()
