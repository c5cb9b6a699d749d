"""Fixtures of the journeys: a browser, a served demo city, and pages of strangers and of every role.

All journeys of a run go to one pytest-xdist worker (the project's conftest.py): one city is filled, one browser
started.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
    sync_playwright,
)  # fmt: skip

from journeys import chromium, looks
from journeys.city import City, elsewhere, served
from journeys.person import Person

DESKTOP, PHONE = (1440, 900), (390, 844)
PATIENCE = 30_000  # milliseconds: a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)
RESULTS = Path(__file__).resolve().parents[1] / "test-results"


class Open(Protocol):
    """Opens a page in a context of its own, at `size`, in light or dark."""

    def __call__(self, *, size: tuple[int, int] = DESKTOP, dark: bool = False, **options: Any) -> Page: ...


class SignIn(Protocol):
    """Opens the workbench as the demo account `role`."""

    def __call__(self, role: str, *, size: tuple[int, int] = DESKTOP, dark: bool = False, **options: Any) -> Page: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In CI give each journey a second try, told in its summary: a browser beside a living city meets its own weather.

    On a desk a race stays a failure, so that it is seen and mended.
    """
    if os.environ.get("CI"):
        for item in items:
            if item.nodeid.startswith("journeys/"):
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures know whether their test failed."""
    report = yield
    if report.failed:  # type: ignore[attr-defined]
        item.stash[_failed] = True
    return report


_failed = pytest.StashKey[bool]()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The one Chromium of this worker. Where there is none: skipped on a desk, a failure in CI.

    Ends with the journeys: while Playwright runs, Django would take other tests of this worker for asynchronous code.
    """
    with sync_playwright() as playwright:
        try:
            browser = chromium.launch(playwright.chromium)
        except chromium.NoBrowser as reason:
            if os.environ.get("CI"):
                pytest.fail(str(reason), pytrace=False)
            pytest.skip(str(reason))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def city(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[City]:
    """A demo city, filled and served for all journeys of this run: `city.url`, `city.manage("work", ...)`."""
    if (fleet := elsewhere()) is not None:
        yield fleet
        return
    name = f"xinshu_city_{os.environ['XINSHU_TEST_RUN']}_{worker_id}"
    with served(tmp_path_factory.mktemp("city"), name) as city:
        yield city


@pytest.fixture
def open_page(browser: Browser, city: City, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own. A script error or a breach of the content policy fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            faults.append(message.text)

    def open_one(
        *, size: tuple[int, int] = DESKTOP, dark: bool = False, state: StorageState | None = None, **options: Any
    ) -> Page:
        context = browser.new_context(
            base_url=city.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            storage_state=state,
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("console", heard)
        return context.new_page()

    yield open_one
    pages = [page for context in contexts for page in context.pages]
    if request.node.stash.get(_failed, False):
        _keep(pages, request.node.nodeid)
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(open_page: Open) -> Page:
    """A stranger's page on a desk."""
    return open_page()


@pytest.fixture(scope="package")
def signed_in_states() -> dict[str, StorageState]:
    """Cookies of roles that have signed in before: the password form is walked once per role, not once per test."""
    return {}


@pytest.fixture
def sign_in(open_page: Callable[..., Page], signed_in_states: dict[str, StorageState]) -> SignIn:
    """Open the workbench as a role: `page = sign_in("reviewer", size=PHONE, dark=True)`."""

    def open_as(role: str, *, size: tuple[int, int] = DESKTOP, dark: bool = False, **options: Any) -> Page:
        page = open_page(size=size, dark=dark, state=signed_in_states.get(role), **options)
        page.goto("/workbench/")
        if "/sign-in/" in page.url:
            Person(page).signs_in(role)
            signed_in_states[role] = page.context.storage_state()
        return page

    return open_as


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """`axe(page)`: no serious or critical finding in light or dark."""
    return looks.assert_accessible


@pytest.fixture(scope="session")
def no_sideways_overflow() -> Callable[..., None]:
    """`no_sideways_overflow(page)`: nothing sticks out from 360 to 1920 px."""
    return looks.assert_no_sideways_overflow


def _keep(pages: list[Page], name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    for number, page in enumerate(pages):
        page.screenshot(path=RESULTS / f"{re.sub(r'[^a-zA-Z0-9_.-]+', '-', name)}-{number}.png", full_page=True)
