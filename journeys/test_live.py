"""Journey: what one person does, another sees at once, without touching the page."""

from playwright.sync_api import Page, expect

from journeys.conftest import SignIn
from journeys.person import GROUP, Person


def test_a_notice_arrives_in_a_window_that_stands_open(sign_in: SignIn) -> None:
    reviewer = sign_in("reviewer")
    expect(reviewer.locator("[data-live-state]")).to_have_text("实时")
    before = _unread(reviewer)
    reviewer.evaluate("() => { window.untouched = true; }")
    manager = Person(sign_in("manager"))

    manager.register_project("北站交通枢纽广场")
    manager.enter_award(GROUP, "46,000,000")
    manager.begin_application("履约保函", applicant=GROUP)
    manager.finish_application()

    # The rest of the city goes on meanwhile: only this notice is waited for, and others may have been counted with it.
    notice = reviewer.locator(".toast", has_text=f"{GROUP}的履约保函待审批，金额 4,600,000.00 元")
    expect(notice).to_have_count(1)
    assert _unread(reviewer) > before
    assert reviewer.evaluate("() => window.untouched")  # the page was never loaded again


def _unread(page: Page) -> int:
    text = page.locator("[data-unread]").inner_text()
    return int(text) if text else 0
