"""The instruments in a real Chromium, in JupyterLab: `make test-browser` runs these tests, nothing else does.

$CHROMIUM names another browser than Debian's; $SCREENSHOTS a folder, to look at what was tested.
"""

import os
import shutil
import socket
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
LONG = 500_000  # ms: TensorFlow starts, librosa compiles
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
}


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
    """JupyterLab's address, with a notebook for each instrument."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    for name, cell in CELLS.items():
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        cells = [nbformat.v4.new_code_cell(source.strip()) for source in (BEFORE, cell)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / f"{name}.ipynb")
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false"}')
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
               f"--IdentityProvider.token={TOKEN}", "--ServerApp.log_level=WARN"]  # fmt: skip
    with server(command, f"http://127.0.0.1:{port}/lab?token={TOKEN}", folder):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Shown:
    """An instrument that a page shows."""

    def __init__(self, page, name):
        self.page, self.name, self.root = page, name, page.locator(".dance").first

    def picture(self, name):
        """A screenshot of the instrument, for who looks at it: in $SCREENSHOTS."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.root.screenshot(path=str(Path(folder) / f"{self.name}_{name}.png"))


@pytest.fixture(scope="session")
def in_lab(lab, chromium):
    """A function: the name of an instrument -> it, shown by a notebook that was run; a page is opened once."""
    pages = {}

    def show(name):
        if name not in pages:
            page = chromium.new_context(viewport={"width": 1440, "height": 1000}).new_page()
            page.goto(f"{lab}/doc/tree/{name}.ipynb?token={TOKEN}", timeout=LONG)
            page.locator(".jp-Notebook .jp-Cell").nth(1).wait_for(timeout=LONG)
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            page.locator(".dance canvas").first.wait_for(timeout=LONG)
            pages[name] = Shown(page, name)
        return pages[name]

    return show
