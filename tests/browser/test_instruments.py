"""All instruments, in JupyterLab and on the page: how they look, whether sound and picture are in step."""

import statistics

import pytest
from axe_playwright_python.sync_playwright import Axe

from conftest import DESK, DRAWN, NAMES, PHONE


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_covered_or_blank(show, name):
    shown = show(name)
    shown.settle()
    assert {width: found for width in (1200, 800, 360) if (found := shown.faults(width))} == {}


@pytest.mark.parametrize("name", ["explorer", "ear"])
def test_sound_and_picture_are_in_step(show, name):
    shown = show(name)
    shown.settle()
    apart, rate = shown.play()
    print(f"\n{shown.place}: {1000 * statistics.median(apart):.0f} ms apart in the median; {rate:.0f} frames a second")
    assert sorted(apart)[80] < 0.05  # the loop's turn may be among the other ten


def test_no_control_is_without_a_name(in_lab):
    unnamed = """[...document.querySelectorAll('.dance :is(button, input, select, canvas)')].filter((one) =>
      !one.closest('[aria-hidden]') && !one.ariaLabel && !one.labels?.length && !one.textContent.trim()).length"""
    assert in_lab("explorer").page.evaluate(unnamed) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_no_serious_fault_for_who_cannot_see_well_or_uses_a_phone(on_page, name, scheme):
    page = on_page(name).page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(PHONE)
    page.evaluate(DRAWN)  # the colours are read again
    shown = on_page(name)
    shown.picture(f"phone_{scheme}")
    found = Axe().run(page, context=".dance").response["violations"]
    box, end = shown.root.bounding_box(), shown.root.locator(".dance-panel").last
    end.scroll_into_view_if_needed()
    reached = end.bounding_box()
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    assert not [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] + 1
    assert reached["y"] < PHONE["height"], "it cannot be scrolled to its end"


def test_in_jupyterlabs_dark_theme_text_can_be_read(in_lab):
    page = in_lab("explorer").page
    choose_theme(page, "JupyterLab Dark")
    for name in NAMES:
        shown = in_lab(name)
        if name != "puppet":  # whose canvas is a picture
            shown.wait(f"({CORNER})(root) < 80")
        shown.picture("dark")
    found = Axe().run(page, context=".dance").response["violations"]
    choose_theme(page, "JupyterLab Light")
    assert "color-contrast" not in [one["id"] for one in found]
    in_lab("explorer").wait(f"({CORNER})(root) > 200")


CORNER = "(root) => root.querySelector('.dance-stage').getContext('2d').getImageData(9, 9, 1, 1).data[0]"  # how red


def choose_theme(page, name):
    page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", name)
    page.locator(f'body[data-jp-theme-name="{name}"]').wait_for(state="attached")
