"""The page of `dance play`: opened with its token; no code; a link to a dance; a second visitor."""

import os
import signal
import subprocess

import pytest

from conftest import DESK, LONG, NAMES, TABS, Shown, open_tab


def test_without_its_token_nobody_gets_in(address, chromium):
    stranger = chromium.new_context().new_page()
    stranger.goto(address.split("?")[0], timeout=LONG)
    assert stranger.locator(".dance, .dance-page").count() == 0
    assert "login" in stranger.url


@pytest.mark.parametrize("name", NAMES)
def test_no_code_is_seen(on_page, name):
    assert "import" not in on_page(name).page.locator("body").inner_text()


def test_nothing_is_asked_of_another_server(on_page, address):
    here = address.split("?")[0]
    elsewhere = [one for one in on_page.requests if not one.url.startswith((here, f"blob:{here}", "data:"))]
    assert [one.url for one in elsewhere if one.failure != "csp"] == []  # those never leave the browser


def test_a_second_visitor_opens_a_link_in_a_kernel_of_their_own_and_is_told_when_it_is_gone(on_page, chromium):
    explorer = on_page("explorer")
    explorer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    explorer.root.get_by_role("radio", name="Hold a place").check()
    explorer.root.get_by_label("Seed of dance A").fill("7")
    explorer.press("Copy link")
    said = explorer.root.locator(".dance-status", has_text="Copied").bounding_box()
    assert said["y"] + said["height"] <= DESK["height"], "it is said where nobody sees it"
    link = explorer.page.evaluate("navigator.clipboard.readText()")
    before = processes()
    page = chromium.new_context().new_page()
    page.goto(link, timeout=LONG)
    page.locator(".dance canvas").first.wait_for(timeout=LONG)
    other = open_tab(page, "explorer")
    other.wait("root.dataset.shown", timeout=240_000)
    assert other.js("JSON.parse(root.dataset.shown)") == explorer.js("JSON.parse(root.dataset.choice)")
    two = processes()
    (theirs,) = set(two) - set(before)
    for name in NAMES:
        open_tab(page, name)
    for who, now in {"one visitor": before, "a second opens one instrument": two, "all four": processes()}.items():
        print(f"\nMB of the server and of each visitor's kernel, {who}: {list(now.values())}", end="")
    os.kill(theirs, signal.SIGKILL)
    for name, act in {
        "explorer": lambda shown: shown.press("Random"),
        "ear": lambda shown: shown.root.get_by_role("slider", name="Number of MFCC kept").press("ArrowLeft"),
        "puppet": lambda shown: shown.root.locator(".dance-puppet-stage").press("ArrowUp"),
        "stage": lambda shown: shown.press("Make both videos"),
    }.items():
        page.locator(".lm-TabBar-tab", has_text=TABS[name]).click()
        shown = Shown(page, name, "page")
        act(shown)
        shown.wait("/kernel/.test(root.querySelector('.dance-status').textContent)", timeout=20_000)
        shown.picture("no_kernel")
    page.context.close()


def processes():
    """Process -> MB of resident memory: the page's server first, then its visitors' kernels."""
    lines = subprocess.run(["ps", "-ewwo", "pid=,ppid=,rss=,args="], capture_output=True, text=True).stdout.splitlines()
    rows = [line.split(None, 3) for line in lines]
    (server,) = (pid for pid, parent, _, words in rows if int(parent) == os.getpid() and " play --port" in words)
    ours = sorted((row for row in rows if server in row[:2]), key=lambda row: row[0] != server)
    return {int(pid): round(int(rss) / 1e3) for pid, _, rss, _ in ours}
