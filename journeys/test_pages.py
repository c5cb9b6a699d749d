"""Journey: every page, as every role that may open it, on every screen, in light and dark.

The first role of a row sees its page on all screens; the others, whose page differs by what they may do, at a desk and
on a phone. With XINSHU_SHOTS=folder each page is also kept as pictures, for those who want to look at them together.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import ConsoleMessage, Page

from journeys import looks
from journeys.conftest import DESKTOP, PHONE, Open, SignIn
from journeys.pages import EVERYBODY, LOOKS, STRANGER, Look
from journeys.unseen import NOT_PAGES

WIDTHS = (360, 390, 820, 1024, 1440, 1920)
USUAL = (390, 1440)
SHOTS = os.environ.get("XINSHU_SHOTS", "")


def test_the_table_names_every_address() -> None:
    listed = {look.url_name for look in LOOKS} | set(NOT_PAGES)

    assert set(_names(get_resolver())) - listed == set()
    assert listed - set(_names(get_resolver())) - {"web:refusal"} == set()


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_page_of_a_role_can_be_read_by_everybody_on_every_screen(
    role: str, sign_in: SignIn, open_page: Open
) -> None:
    page = open_page(reduced_motion="reduce") if role == STRANGER else sign_in(role, reduced_motion="reduce")
    errors: list[str] = []
    page.on("console", lambda message: errors.append(_told(message)) if message.type == "error" else None)
    faults: list[str] = []
    walk = Walk(page, role)

    for look in walk.looks:
        faults += [f"{look.label} as {role}: {fault}" for fault in _faults(walk, look)]
        faults += [f"{look.label} as {role}: console: {error}" for error in errors if "404" not in error]
        errors.clear()

    assert not faults, "\n".join(faults)


class Walk:
    """One role's way through its pages. Links are noted on pages that are open anyway: no list is opened for each."""

    def __init__(self, page: Page, role: str) -> None:
        self.page, self.role = page, role
        self.looks = [look for look in LOOKS if role in look.roles]
        self.links: dict[tuple[str, str], str] = {}

    def open(self, look: Look) -> bool:
        """Open the page; return False when there is no link to it."""
        if not look.link:
            self._go(look.path)
            return True
        known = (look.path, look.link)
        if known not in self.links:
            self._go(look.path)
        if known not in self.links:
            return False
        self.page.goto(f"{self.links[known]}{look.then}")
        return True

    def _go(self, path: str) -> None:
        self.page.goto(path)
        for link in {look.link for look in self.looks if look.link and look.path == path}:
            found = self.page.locator(link)
            if found.count():
                self.links.setdefault((path, link), str(found.first.get_attribute("href")))


def _faults(walk: Walk, look: Look) -> Iterator[str]:
    """Open one page and yield what is wrong with it: first at a desk in light, then on a phone in dark."""
    page, role = walk.page, walk.role
    _see(page, DESKTOP, "light")
    if not walk.open(look):
        yield f"nothing to open at {look.path}"
        return
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} headings h1"
    if not page.title().split(" · ")[0].strip():
        yield "no title"
    first, seen = role == look.roles[0], set[int]()
    for size, scheme, rules in ((DESKTOP, "light", ()), (PHONE, "dark", looks.CHANGING)):
        if first or SHOTS or not rules:
            _see(page, size, scheme)
            yield from looks.findings(page, rules)
            yield from _too_wide(page, size[0])
            seen.add(size[0])
            _keep(page, look, role, size, scheme)
    for width in sorted({*(WIDTHS if first else USUAL)} - seen):
        page.set_viewport_size({"width": width, "height": 900})
        yield from _too_wide(page, width)
    if SHOTS:
        for size, scheme in ((DESKTOP, "dark"), (PHONE, "light")):
            _see(page, size, scheme)
            _keep(page, look, role, size, scheme)


def _too_wide(page: Page, width: int) -> Iterator[str]:
    if wide := looks.overflowing(page):
        yield f"overflows at {width} px: {', '.join(wide)}"


def _see(page: Page, size: tuple[int, int], scheme: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]


def _keep(page: Page, look: Look, role: str, size: tuple[int, int], scheme: str) -> None:
    if SHOTS:
        name = f"{look.label}-{role}-{size[0]}-{scheme}.png"
        page.screenshot(path=Path(SHOTS) / name, full_page=True, animations="disabled")


def _told(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location.get('url', '')})"


def _names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """Yield every name in the table of addresses, with its namespace."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{namespace}:{entry.name}"
        else:
            yield from _names(entry, entry.namespace or namespace)
