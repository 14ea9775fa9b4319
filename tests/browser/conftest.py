"""The instruments in a real Chromium, in JupyterLab and on the page: `make test-browser` runs these tests alone.

All four are in one notebook, so that one kernel loads TensorFlow, and once. The tests of an instrument are in a file of
its name, those of all in ``test_instruments``; ``test_without_kernel`` comes last, since it ends the kernels.
$CHROMIUM names another browser than Debian's; $SCREENSHOTS a folder, to look at what was tested.
"""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
TOKEN = "test"
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
LONG = 300_000  # ms: TensorFlow starts, librosa compiles
DESK, PHONE = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}
NAMES = {"explorer": "Latent explorer", "ear": "Ear", "puppet": "Puppet", "stage": "Stage"}
TABS = {"explorer": "Explore", "ear": "Hear", "puppet": "Pull", "stage": "Stage"}
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"  # the next frame is there
FAULTS = (Path(__file__).parent / "faults.js").read_text("utf-8")
BEFORE = """
from dancing_utils import files
from dancing_utils.motion import lstm_vae
model = lstm_vae.load(files.SHIPPED["vae"])
SONGS = [files.SAMPLE / "songs" / f"held_out_{n}.mp3" for n in (1, 2)]
"""
CELLS = {
    "explorer": """
from dancing_utils.instruments import explorer
features = explorer.SongFile(SONGS[0]).features
explorer.Explorer(model, SONGS, explorer.map_of_choices(model, features, seeds=8))
""",
    "ear": """
from dancing_utils.audio import hearing
from dancing_utils.data import media
from dancing_utils.instruments import ear
sound = media.read_audio(SONGS[0])
heard = hearing.hear(sound)
ear.Ear(sound, heard, model.dance(heard.features))
""",
    "puppet": """
from dancing_utils import dancers
from dancing_utils.instruments import puppet
ben = dancers.open_painter(dancers.find("ben").folder)
puppet.Puppet({"ben": ben}, ben.warper.poses[:3] / (360, 640))
""",
    "stage": """
from dancing_utils.instruments import stage
stage.Stage(model, SONGS, [dancers.find("ben")])
""",
}


def in_words(ms):
    """What twenty times in milliseconds are told as."""
    return f"median {statistics.median(ms):.0f} ms, 95th percentile {sorted(ms)[-2]:.0f} ms, {len(ms)} times"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def server(command, address, folder):
    """A program that serves an address, from when it answers until the test is over."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    with open(folder / "server.log", "w") as log:
        program = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(address, timeout=5).close()
                    break
                except OSError:
                    assert program.poll() is None, (folder / "server.log").read_text()[-2000:]
                    time.sleep(0.5)
            yield
        finally:
            program.terminate()
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                program.kill()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The address of a notebook with all instruments, in JupyterLab."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in (BEFORE, *CELLS.values())]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "all.ipynb")
    for plugin, settings in {
        "apputils-extension/notification": '{"fetchNews": "false"}',
        "notebook-extension/tracker": '{"windowingMode": "none"}',  # what is out of sight is there, too
    }.items():
        path = folder / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(settings)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
               f"--IdentityProvider.token={TOKEN}", "--ServerApp.log_level=WARN",
               "--LabApp.expose_app_in_browser=True"]  # fmt: skip
    with server(command, f"http://127.0.0.1:{port}/lab?token={TOKEN}", folder):
        yield f"http://127.0.0.1:{port}/doc/tree/all.ipynb?token={TOKEN}"


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The address of the page of `dance play` with its token, as the command prints it."""
    folder, port = tmp_path_factory.mktemp("page"), free_port()
    command = [sys.executable, "-c", "from dancing_utils.cli import main; main()", "play", f"--port={port}",
               "--no-browser"]  # fmt: skip
    with server(command, f"http://127.0.0.1:{port}/voila/static/voila.js", folder):
        yield re.search(r"http://\S+token=\S+", (folder / "server.log").read_text())[0]


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Shown:
    """An instrument that a page shows."""

    def __init__(self, page, name, place):
        self.page, self.name, self.place = page, name, place
        self.root = page.locator(f'.dance[aria-label="{NAMES[name]}"]')

    def picture(self, name):
        """A screenshot of the instrument, for who looks at it: in $SCREENSHOTS."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.root.screenshot(path=str(Path(folder) / f"{self.place}_{self.name}_{name}.png"))

    def js(self, expression, value=None):
        """What a JavaScript expression of ``root``, the instrument's element, and ``value`` is."""
        return self.root.evaluate(f"async (root, value) => ({expression})", value)

    def wait(self, condition, *, timeout=30_000):
        """Until a JavaScript expression of ``root`` is true."""
        self.page.wait_for_function(f"(root) => {condition}", arg=self.root.element_handle(), timeout=timeout)

    def settle(self):
        """Until nothing is asked any more."""
        self.wait("root.dataset.busy === 'false'")

    def press(self, button):
        self.root.get_by_role("button", name=button, exact=True).click()

    def play(self, *, frames=90):
        """How many seconds sound and picture are apart in each of some frames of play, and frames a second."""
        self.press("Play")
        self.wait("root.querySelector('audio').currentTime > 0.3")
        apart, rate = self.js(
            """(async () => {
          const audio = root.querySelector('audio'), stage = root.querySelector('.dance-stage'), apart = [];
          const begun = performance.now();
          for (let k = 0; k < value; k++) {
            await new Promise(requestAnimationFrame);
            apart.push(Math.abs(stage.dataset.time - audio.currentTime));
          }
          return [apart, 1000 * value / (performance.now() - begun)];
        })()""",
            frames,
        )
        self.picture("playing")
        self.press("Pause")
        return apart, rate

    def faults(self, width):
        """What cannot be right about how it looks at a width in pixels, whoever has which fonts: see ``faults.js``."""
        self.js("root.style.width = value", f"{width}px")
        self.js(DRAWN)
        found = self.root.evaluate(FAULTS)
        self.picture(f"{width}")
        self.js("root.style.width = ''")
        return found


@pytest.fixture(scope="session")
def in_lab(lab, chromium):
    """A function: the name of an instrument -> it, in JupyterLab."""
    page = chromium.new_context(viewport=DESK).new_page()
    page.goto(lab, timeout=LONG)
    page.locator(".jp-Notebook .jp-Cell").nth(len(CELLS)).wait_for(timeout=LONG)
    running = page.locator(".jp-InputPrompt", has_text="[*]").first
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for(state="attached", timeout=LONG)
    for _ in range(20):  # JupyterLab forgets what it is told before its kernel is there
        if running.is_visible():
            break
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_timeout(3000)

    def show(name):
        shown = Shown(page, name, "lab")
        shown.root.locator(".dance-panel").first.wait_for(timeout=LONG)
        page.bring_to_front()
        shown.root.scroll_into_view_if_needed()
        return shown

    return show


@pytest.fixture(scope="session")
def on_page(address, chromium):
    """A function: the name of an instrument -> it, on the page of `dance play`."""
    page = chromium.new_context(viewport=DESK).new_page()
    requests = []
    page.on("request", lambda one: requests.append(one))
    page.goto(address, timeout=LONG)
    page.locator(".dance canvas").first.wait_for(timeout=LONG)

    def show(name):
        page.bring_to_front()
        return open_tab(page, name)

    show.requests = requests
    return show


def open_tab(page, name):
    """An instrument, on a page whose tab is opened."""
    page.locator(".lm-TabBar-tab", has_text=TABS[name]).click()
    shown = Shown(page, name, "page")
    shown.root.locator(".dance-panel").first.wait_for(timeout=LONG)
    shown.settle()
    return shown


@pytest.fixture(params=["lab", "page"])
def show(request):
    """Both functions, one after the other."""
    return request.getfixturevalue({"lab": "in_lab", "page": "on_page"}[request.param])
