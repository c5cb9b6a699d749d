"""Take the README's picture from a running demo: `python -m journeys.screenshot [ADDRESS] [FILE]`."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from journeys import chromium
from journeys.conftest import DESKTOP
from journeys.pages import FIRST
from journeys.person import Person


def main(address: str = "http://127.0.0.1:8000", file: str = "docs/screenshot.png") -> None:
    """Keep a case in review as its reviewer sees it."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright.chromium)
        page = browser.new_page(
            base_url=address,
            viewport={"width": DESKTOP[0], "height": DESKTOP[1]},
            locale="zh-CN",
            reduced_motion="reduce",
        )
        page.goto("/sign-in/?next=/guarantees/?state=in_review")
        Person(page).signs_in("reviewer")
        page.locator(FIRST).first.click()
        page.locator(".steps").wait_for()
        page.screenshot(path=Path(file))


if __name__ == "__main__":
    main(*sys.argv[1:])
