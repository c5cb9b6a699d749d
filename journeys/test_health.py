"""Journey: the house stands. The web process answers, and a stranger's first page opens."""

from collections.abc import Callable

from playwright.sync_api import Page


def test_the_web_process_says_that_it_can_serve(page: Page) -> None:
    answer = page.goto("/healthz")

    assert answer is not None
    assert answer.status == 200


def test_a_stranger_can_open_the_home_page_on_any_screen(
    page: Page, axe: Callable[[Page], None], no_sideways_overflow: Callable[[Page], None]
) -> None:
    answer = page.goto("/")

    assert answer is not None
    assert answer.status == 200
    axe(page)
    no_sideways_overflow(page)
