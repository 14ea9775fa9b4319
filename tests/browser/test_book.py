"""The course as a book, where `make site` has built it: no serious fault for who cannot see or has a small screen."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe

SITE = Path(__file__).resolve().parents[2] / "site"
PAGES = (
    "index", "README", "notebooks/05_latent_space", "docs/your_own_videos", "docs/glossary", "docs/workshop/README",
    "search",
)  # fmt: skip
WIDTHS = (390, 820, 1440)  # a phone, a tablet, a screen

if not (SITE / "index.html").exists():
    pytest.skip("there is no site: `make site` builds it", allow_module_level=True)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_no_serious_fault_and_nothing_wider_than_the_screen(chromium, address, page, scheme):
    for width in WIDTHS:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        shown = context.new_page()
        shown.goto(f"{address}/{page}.html")
        found = Axe().run(shown).response["violations"]
        serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
        assert not serious, f"{width} pixels wide"
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
