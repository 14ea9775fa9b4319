"""The page of `dance play`: what is offered, what is said, how it is served."""

import subprocess
import sys

import nbformat
import pytest

from dancing_utils import InputError, dancers
from dancing_utils.instruments import page, server


def test_only_ada_and_ben_are_offered_unless_the_host_shares(monkeypatch):
    own = dancers.Dancer(dancers.SHIPPED_DANCERS / "ben", "me", [], 0.5, "2026-01-01", None, None)
    monkeypatch.setattr(dancers, "list_dancers", lambda: [dancers.find("ada"), dancers.find("ben"), own])
    monkeypatch.delenv(server.SHARE, raising=False)
    assert [one.name for one in page.offered()] == ["ada", "ben"]
    assert "me" not in server.opening("127.0.0.1", 1, "t", False)
    monkeypatch.setenv(server.SHARE, "1")
    assert [one.name for one in page.offered()] == ["ada", "ben", "me"]
    assert "videos of me" in server.opening("127.0.0.1", 1, "t", True)


def test_what_another_host_opens_is_said():
    assert server.opening("127.0.0.1", 8866, "abc", False).startswith("The page: http://127.0.0.1:8866/?token=abc")
    assert "not encrypted" in server.opening("0.0.0.0", 8866, "abc", False)
    assert "not encrypted" not in server.opening("localhost", 8866, "abc", False)


def test_an_address_is_one_that_can_be_opened(monkeypatch):
    monkeypatch.setattr(server.socket, "gethostname", lambda: "desk")
    assert "http://desk:8866/" in server.opening("0.0.0.0", 8866, "abc", False)
    assert "http://desk:8866/" in server.opening("::", 8866, "abc", False)
    assert "http://[::1]:8866/" in server.opening("::1", 8866, "abc", False)


def test_it_is_served_with_a_token_without_code_traces_or_files(tmp_path):
    told = server.arguments(tmp_path / "x.ipynb", host="127.0.0.1", port=1, token="abc", browser=False)
    for part in ("--Voila.ip=127.0.0.1", "--token=abc", "--strip_sources=True", "--show_tracebacks=False",
                 "--VoilaConfiguration.file_allowlist=(?!).", "--no-browser"):  # fmt: skip
        assert part in told
    assert "--no-browser" not in server.arguments(tmp_path, host="h", port=1, token="t", browser=True)
    (cell,) = nbformat.read(server.write_notebook(tmp_path), 4).cells
    compile(cell.source, "play", "exec")


def test_without_voila_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="dancing-project\\[play\\]"):
        server.play()


def test_a_tab_is_built_when_it_is_opened_and_an_error_is_a_sentence(monkeypatch):
    built = []

    class Page:
        def explore(self):
            built.append("explore")
            return page.ipywidgets.HTML("explorer")

        def hear(self):
            raise InputError("no <b> song")

    monkeypatch.setattr(page, "Page", Page)
    tabs = page.show().children[-1]
    assert built == ["explore"] and tabs.titles == tuple(page.WORDS)
    tabs.selected_index = 1
    said = tabs.children[1].children[1].value
    assert "no &lt;b&gt; song" in said and "role='alert'" in said
    tabs.selected_index = 0
    assert built == ["explore"]


def test_the_server_itself_loads_no_model():
    code = "import sys; import dancing_utils.instruments.server; sys.exit('tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
