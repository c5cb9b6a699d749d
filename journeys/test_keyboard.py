"""Journey: a day's work without a mouse."""

from playwright.sync_api import Page, expect

from journeys.conftest import SignIn

FOCUS_SHOWS = """
() => {
  const style = getComputedStyle(document.activeElement);
  return style.boxShadow !== 'none' || (style.outlineStyle !== 'none' && style.outlineWidth !== '0px');
}
"""
IN_DIALOG = "() => document.activeElement.closest('dialog[open]') !== null || document.activeElement === document.body"


def test_keys_lead_to_search_and_to_the_main_pages(sign_in: SignIn) -> None:
    page = sign_in("applicant")

    _keys(page, "/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("g l")  # letters typed into a field are letters
    expect(page.locator("#q")).to_have_value("g l")
    page.locator("#q").blur()
    for second, address in (("l", "/guarantees/"), ("n", "/guarantees/new/"), ("w", "/workbench/")):
        _keys(page, "g", second)
        page.wait_for_url(f"**{address}")


def test_keys_move_choose_and_open_rows_of_the_register(sign_in: SignIn) -> None:
    page = sign_in("reviewer")
    page.goto("/guarantees/")
    rows = page.locator("#results tbody tr")
    third = rows.nth(2).locator("a").first.inner_text()

    _keys(page, "j", "j", "j", "j", "k")
    expect(rows.nth(2)).to_have_class("cur")
    _keys(page, "x")
    expect(rows.nth(2).locator("input[type=checkbox]")).to_be_checked()
    expect(page.locator("#bulk")).to_contain_text("已选 1 笔")
    amount = rows.nth(2).locator("td.amt").first.inner_text()
    expect(page.locator("#bulk [data-sum]")).to_have_text(amount)
    _keys(page, "x")
    expect(page.locator("#bulk")).to_be_hidden()
    _keys(page, "Enter")

    expect(page.locator(".crumb [aria-current]")).to_have_text(third)


def test_help_opens_and_closes_by_key_and_keeps_the_focus(sign_in: SignIn) -> None:
    page = sign_in("reviewer")

    _keys(page, "?")
    expect(page.locator("dialog#help")).to_be_visible()
    for _step in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(IN_DIALOG)  # never to the page behind
    _keys(page, "g", "l")  # keys of the page behind rest while a dialog is open
    expect(page.locator("dialog#help")).to_be_visible()
    _keys(page, "Escape")

    expect(page.locator("dialog#help")).to_be_hidden()


def test_the_first_tab_offers_the_main_content_and_focus_is_always_seen(sign_in: SignIn) -> None:
    page = sign_in("applicant")
    page.goto("/guarantees/")

    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    assert page.evaluate(FOCUS_SHOWS)
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    for _step in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_SHOWS), page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")


def test_a_reason_is_asked_for_before_the_act_can_be_sent(sign_in: SignIn) -> None:
    page = sign_in("reviewer")
    page.goto("/guarantees/?state=in_review")
    _keys(page, "j", "Enter")
    page.wait_for_url(lambda url: "?" not in url)

    _keys(page, "r")
    dialog = page.locator("dialog#act-return")
    expect(dialog.locator("textarea")).to_be_focused()
    expect(dialog.get_by_role("button", name="退回补正")).to_be_disabled()
    page.keyboard.type("请补充材料")
    expect(dialog.get_by_role("button", name="退回补正")).to_be_enabled()
    _keys(page, "Escape")

    expect(dialog).to_be_hidden()
    expect(page.locator(".pagehead .chip")).to_have_text("审批中")


def test_arrows_lead_from_what_was_typed_through_the_hits_and_enter_opens_one(sign_in: SignIn) -> None:
    page = sign_in("manager")
    page.goto("/enterprises/?q=云州")
    field, hits = page.locator("main input[type=search]"), page.locator("#results a[data-hit]")
    expect(page.get_by_role("status").filter(has_text="找到")).to_be_visible()
    field.focus()

    _keys(page, "ArrowDown", "ArrowDown", "ArrowUp")
    expect(hits.first).to_be_focused()
    _keys(page, "ArrowUp")
    expect(field).to_be_focused()
    _keys(page, "ArrowDown", "End", "Escape", "ArrowDown", "Enter")

    page.wait_for_url("**/enterprises/*/")


def _keys(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
