"""Arranging the public site: order, titles, what is visible; apply, verify and claim stay reachable."""

import pytest

from xinshu.core.refusals import Changed, Invalid, NotPermitted, Unknown
from xinshu.ledger.models import Entry
from xinshu.portal.arranging import actions as acts
from xinshu.portal.arranging.pieces import MUST_BE_REACHABLE, TARGETS, shipped
from xinshu.portal.bulletins.actions import publish_bulletin, write_bulletin
from xinshu.portal.models import Arrangement


@pytest.fixture
def operator(member_as):
    return member_as("operator")


def typed(channels, columns, **more):
    """Return the whole form as a browser sends it."""
    data = {"seen": "0", **more}
    for prefix, rows in (("channels", channels), ("columns", columns)):
        data |= {f"{prefix}-TOTAL_FORMS": len(rows) + 1, f"{prefix}-INITIAL_FORMS": len(rows)}
        for place, row in enumerate(rows):
            for name, value in ({"ORDER": place + 1} | row).items():
                if value not in (False, [], ""):
                    data[f"{prefix}-{place}-{name}"] = "on" if value is True else value
    return data


@pytest.mark.req("EP-01")
def test_the_administrator_orders_names_hides_and_fills_channels_and_columns(page_of, client, operator, at):
    for category, title in (("rule", "归口调整公告一则"), ("warning", "假保函风险提示一则")):
        made = write_bulletin(title=title, category=category, body="正文", by=operator, at=at)
        publish_bulletin(made, by=operator, at=at)
    channels, columns = shipped()
    channels = [{**one, "title": "风险警示", "to": "announcements-warning"} if one["to"] == "announcements" else one
                for one in channels]  # fmt: skip
    columns = [{**one, "title": "警示专栏", "category": "warning", "rows": 3} if one["kind"] == "bulletins" else one
               for one in columns if one["kind"] != "guides"]  # fmt: skip
    columns = [{**one, "visible": False} if one["kind"] == "checks" else one for one in columns]
    columns[-1]["ORDER"] = 1  # the steps go to the top
    columns[0]["ORDER"] = 2

    answer = page_of(operator).post("/operations/portal/", typed(channels, columns, note="突出风险提示"))

    assert answer.status_code == 302
    text = client.get("/").content.decode()
    for words in ("警示专栏", "假保函风险提示一则", "风险警示", "/announcements/?category=warning"):
        assert words in text
    for words in ("归口调整公告一则", "六位验证码；", "按角色看办事指南", "三种办法辨真伪"):
        assert words not in text
    assert text.index("办一份保函要几步") < text.index("快捷入口") < text.index("警示专栏")
    kept = Arrangement.objects.get()
    assert (kept.number, kept.note, kept.by) == (1, "突出风险提示", operator.actor_label)
    assert Entry.objects.get(kind="portal.arranged").data["columns"][0] == "办一份保函要几步"


@pytest.mark.req("EP-02")
def test_apply_verify_and_claim_are_reachable_from_the_home_page_and_lead_through_the_sign_in(client, db):
    text = client.get("/").content.decode()

    for to in MUST_BE_REACHABLE:
        assert f'href="{TARGETS[to].href}"' in text
    assert client.get(TARGETS["verify"].href).status_code == 200
    for to in ("apply", "claim"):
        answer = client.get(TARGETS[to].href)
        assert (answer.status_code, answer.url) == (302, f"/sign-in/?next={TARGETS[to].href}")


def test_after_the_sign_in_one_stands_where_one_wanted_to_go(client, member_as):
    member = member_as("beneficiary")

    answer = client.post(
        "/sign-in/?next=/claim/", {"username": member.user.username, "password": "xinshu-demo", "next": "/claim/"}
    )

    assert answer.url == "/claim/"
    assert "没有可以索赔的保函" in client.get("/claim/").content.decode()


def test_who_may_not_claim_is_told_who_does(page_of, member_as):
    assert "索赔由保函的受益人提出" in page_of(member_as("applicant")).get("/claim/").content.decode()


@pytest.mark.req("EP-02")
@pytest.mark.parametrize("lost", MUST_BE_REACHABLE)
def test_no_arrangement_takes_apply_verify_or_claim_away(operator, at, lost):
    channels, columns = shipped()
    channels = [one for one in channels if one["to"] != lost]
    columns[0] = {**columns[0], "entries": [entry for entry in columns[0]["entries"] if entry != lost]}

    with pytest.raises(Invalid) as refusal:
        acts.arrange(channels, columns, seen=0, by=operator, at=at)

    assert str(TARGETS[lost].label) in refusal.value.message
    assert not Arrangement.objects.exists()


def test_a_preview_shows_the_arrangement_and_keeps_nothing(page_of, operator):
    channels, columns = shipped()
    columns[-1] = {**columns[-1], "title": "五步办好保函"}

    text = page_of(operator).post("/operations/portal/", typed(channels, columns, preview="1")).content.decode()

    assert "五步办好保函" in text
    assert "这是预览" in text
    assert not Arrangement.objects.exists()


def test_an_earlier_arrangement_comes_back_as_a_new_version(page_of, client, operator, at):
    channels, columns = shipped()
    acts.arrange(channels, columns, seen=0, by=operator, at=at)
    acts.arrange(channels, columns[:1], seen=1, by=operator, at=at)
    browser = page_of(operator)

    browser.post("/operations/portal/restore/", {"number": "1", "seen": "2"})

    assert [row.number for row in Arrangement.objects.order_by("number")] == [1, 2, 3]
    assert "办一份保函要几步" in client.get("/").content.decode()
    assert "恢复为第 1 版" in browser.get("/operations/portal/").content.decode()
    with pytest.raises(Unknown):
        acts.restore(77, seen=3, by=operator, at=at)


def test_two_administrators_do_not_overwrite_each_other(operator, at):
    channels, columns = shipped()
    acts.arrange(channels, columns, seen=0, by=operator, at=at)

    with pytest.raises(Changed):
        acts.arrange(channels, columns, seen=0, by=operator, at=at)


def test_nobody_else_arranges(page_of, member_as, at):
    other = member_as("sysadmin")

    with pytest.raises(NotPermitted):
        acts.arrange(*shipped(), seen=0, by=other, at=at)
    assert page_of(other).get("/operations/portal/").status_code == 403


@pytest.mark.parametrize(
    ("column", "words"),
    [({"kind": "bulletins", "title": ""}, "名称填 2 到 20 个字"),
     ({"kind": "nothing", "title": "没有这种"}, "编排没有保存"),
     ({"kind": "bulletins", "title": "公告", "rows": 99}, "编排没有保存")],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_with_everything_typed_still_there(page_of, operator, column, words):
    channels, columns = shipped()
    columns[-1] = {**columns[-1], "title": "我改过的名称"}

    answer = page_of(operator).post("/operations/portal/", typed(channels, [*columns, column]))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert "我改过的名称" in text
    assert not Arrangement.objects.exists()


@pytest.mark.parametrize(
    "posted", [{}, {"columns-TOTAL_FORMS": "x"}, {"columns-TOTAL_FORMS": "99999", "channels-TOTAL_FORMS": "3"}]
)
def test_a_form_taken_apart_breaks_nothing(page_of, operator, posted):
    assert page_of(operator).post("/operations/portal/", posted).status_code == 422
