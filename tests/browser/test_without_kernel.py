"""JupyterLab's kernel is restarted: each instrument says so. It comes last, for afterwards there are none."""

import re

from conftest import NAMES


def test_each_says_that_its_kernel_is_gone(in_lab):
    shown = {name: in_lab(name) for name in NAMES}
    page = shown["ear"].page
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Restart Kernel…")).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    for one in shown.values():
        one.wait("/kernel/.test(root.querySelector('.dance-status').textContent)")
        one.root.scroll_into_view_if_needed()
        assert one.root.locator(".dance-status").is_visible()
        one.picture("no_kernel")
