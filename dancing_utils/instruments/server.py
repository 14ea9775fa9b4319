"""The page of the instruments, served by Voilà on this machine alone, to who has the token: ``dance play``.

The models are loaded by the visitors' kernels, not here.

Notebook: 08_song_to_video.ipynb
"""

import os
import secrets
import signal
import socket
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import nbformat

from dancing_utils import InputError, dancers
from dancing_utils.files import SAMPLE, need_sample

FOLDER = "DANCING_PLAY_FOLDER"  # where visitors' files are, until the page is closed
SHARE = "DANCING_PLAY_SHARE"  # set where the host's own dancers are offered, too
PORT = 8866
IDLE = 600  # seconds after which a kernel whose page is closed ends
LOCAL = ("127.0.0.1", "localhost", "::1")
ANY = ("0.0.0.0", "::")  # all addresses of this machine
TITLE = "The Dancing Project: play"
# A browser takes nothing from other servers for this page. Voilà's template asks one for icons, of which we have none.
FROM_HERE = "default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data: ws: wss:; frame-ancestors 'self'"


def write_notebook(folder: Path) -> Path:
    """The notebook that Voilà serves: one cell."""
    cell = nbformat.v4.new_code_cell("from dancing_utils.instruments import page\n\npage.show()")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "title": TITLE}
    path = folder / "play.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), path)
    return path


def arguments(notebook: Path, *, host: str, port: int, token: str, browser: bool) -> list[str]:
    """What Voilà is told: no code is shown, no trace, no file is served but the page; idle kernels end.

    The list of files that may be served is one pattern that nothing matches.
    """
    return [
        str(notebook), f"--Voila.ip={host}", f"--port={port}", f"--token={token}",
        "--strip_sources=True", "--show_tracebacks=False", "--VoilaConfiguration.file_allowlist=(?!).",
        f"--MappingKernelManager.cull_idle_timeout={IDLE}", "--MappingKernelManager.cull_interval=60",
        "--VoilaExecutor.timeout=300", "--Voila.log_level=ERROR", *([] if browser else ["--no-browser"]),
    ]  # fmt: skip


def play(*, host: str = "127.0.0.1", port: int = PORT, share: bool = False, browser: bool = True) -> None:
    """Serve the page until it is stopped.

    Raises
    ------
    InputError
        If Voilà is not installed, or the sample is missing.
    """
    if find_spec("voila") is None:
        raise InputError("Voilà serves the page and is not installed: pip install 'dancing-project[play]'")
    need_sample(SAMPLE / "songs")
    token = secrets.token_urlsafe(16)
    print(opening(host, port, token, share), flush=True)
    with tempfile.TemporaryDirectory(prefix="dance_play_") as folder:
        told = arguments(write_notebook(Path(folder)), host=host, port=port, token=token, browser=browser)
        os.environ[FOLDER] = folder  # the visitors' kernels read it
        if share:
            os.environ[SHARE] = "1"
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the folder is deleted then, too
        answer_at_once()
        headers = {"headers": {"Content-Security-Policy": FROM_HERE}}
        import_module("voila.app").Voila.launch_instance(told, tornado_settings=headers)
    print("The page is closed.")


def answer_at_once() -> None:
    """Let a kernel's messages leave for the page when they are there.

    Otherwise a computer holds a short message back until the one before is confirmed, and the other one waits 40 ms
    before it confirms (Nagle's algorithm and delayed acknowledgements): each answer came 40 ms late.
    """
    handler = import_module("voila.tornado.kernel_websocket_handler").VoilaKernelWebsocketHandler
    opened = handler.open

    def open_at_once(self, *args, **kwargs):
        self.set_nodelay(True)
        return opened(self, *args, **kwargs)

    handler.open = open_at_once


def opening(host: str, port: int, token: str, share: bool) -> str:
    """What is said when the page opens: its address, and who can reach it."""
    reached = socket.gethostname() if host in ANY else f"[{host}]" if ":" in host else host
    lines = [f"The page: http://{reached}:{port}/?token={token}   (Ctrl-C closes it)"]
    if host not in LOCAL:
        lines.append(
            f"Whoever reaches {reached}:{port} in this network and has the address with its token can use this "
            "machine: make videos, upload songs. It is not encrypted. Close it after the workshop. "
            "Each visitor takes about 1.3 GB of memory."
        )
    own = [one.name for one in dancers.list_dancers() if one.name not in dancers.RESERVED]
    if share and own:
        lines.append(f"Visitors can make videos of {', '.join(own)}, too.")
    return "\n".join(lines)
