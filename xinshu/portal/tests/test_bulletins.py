"""Announcements: a moment decides what is shown; every wording is kept; nobody writes HTML into a public page."""

from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from xinshu.core.clock import moved_to
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Entry
from xinshu.portal.bulletins import actions as acts
from xinshu.portal.bulletins.lifecycle import BULLETIN
from xinshu.portal.bulletins.wording import shown_text
from xinshu.portal.models import Bulletin
from xinshu.portal.tasks import take_down_ended

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def operator(member_as):
    return member_as("operator")


@pytest.fixture
def write(operator, at):
    def make(title="投标保函周末出函值守安排", *, publish=True, **wording):
        usual = {"category": "service", "body": "周末照常出函。\n\n- 周六值守\n- 周日值守"}
        made = acts.write_bulletin(title=title, **(usual | wording), by=operator, at=at)
        return acts.publish_bulletin(made, by=operator, at=at) if publish else made

    return make


@pytest.fixture
def desk(page_of, operator, at):
    with moved_to(at):
        yield page_of(operator)


def kinds(bulletin):
    return list(
        Entry.objects.filter(subject_type="portal.bulletin", subject_id=bulletin.pk)
        .order_by("pk")
        .values_list("kind", flat=True)
    )


# what is shown, when


@pytest.mark.req("EP-32")
def test_an_announcement_is_seen_from_its_time_to_its_end_and_nobody_has_to_do_anything(write, client, at):
    shown = write(published_at=at, shown_from=at + HOUR, shown_until=at + 3 * HOUR)
    draft = write("还没有写完的公告", publish=False)
    address = f"/announcements/{shown.reference}/"

    seen = {}
    for hours in (0, 1, 2, 3):
        with moved_to(at + hours * HOUR):
            pages = [client.get(path).content.decode() for path in ("/", "/announcements/", "/announcements/feed/")]
            seen[hours] = (client.get(address).status_code, [shown.title in page for page in pages])
            assert not any(draft.title in page for page in pages)
            assert client.get(f"/announcements/{draft.reference}/").status_code == 404

    away, there = (404, [False] * 3), (200, [True] * 3)
    assert seen == {0: away, 1: there, 2: there, 3: away}


@pytest.mark.req("EP-32")
def test_times_are_given_or_filled_in_when_it_is_published_and_recorded(write, operator, at):
    bulletin = write(publish=False)

    bulletin = acts.publish_bulletin(bulletin, by=operator, at=at + HOUR)

    assert (bulletin.published_at, bulletin.shown_from, bulletin.shown_until) == (at + HOUR, at + HOUR, None)
    entry = Entry.objects.get(kind="bulletin.published")
    assert (entry.actor_key, entry.data["shown_from"]) == (operator.actor_key, (at + HOUR).isoformat())


@pytest.mark.parametrize(
    ("published", "begins", "ends", "field"),
    [(0, -1, None, "shown_from"), (0, 2, 2, "shown_until"), (0, None, -1, "shown_until"), (None, 2, 1, "shown_until")],
)
def test_times_that_contradict_each_other_are_refused_at_their_field(write, at, published, begins, ends, field):
    given = {"published_at": published, "shown_from": begins, "shown_until": ends}
    times = {name: None if hours is None else at + hours * HOUR for name, hours in given.items()}

    with pytest.raises(Invalid) as refusal:
        write(publish=False, **times)

    assert list(refusal.value.fields) == [field]


def test_one_whose_end_has_passed_cannot_be_published(write, operator, at):
    bulletin = write(publish=False, shown_until=at + HOUR)

    with pytest.raises(Invalid):
        acts.publish_bulletin(bulletin, by=operator, at=at + HOUR)


def test_the_night_records_the_end_once_at_the_moment_when_it_was(write, at):
    bulletin = write(shown_until=at + HOUR)
    write("长期展示的公告一份")

    for night in (1, 2):
        take_down_ended(at.date(), at + timedelta(days=night))

    bulletin.refresh_from_db()
    entry = Entry.objects.get(kind="bulletin.taken_down")
    assert (bulletin.state, entry.at, entry.actor_key) == ("taken_down", at + HOUR, "system")


def test_pinned_ones_come_first_then_the_newest(write, client, at):
    write("较早而置顶的公告", pinned=True, published_at=at - 9 * HOUR)
    write("昨天发布的普通公告", published_at=at - 5 * HOUR)
    write("今天发布的普通公告")

    with moved_to(at):
        text = client.get("/announcements/").content.decode()

    assert text.index("较早而置顶") < text.index("今天发布") < text.index("昨天发布")


# keeping it: the table, the history


@pytest.mark.req("EP-33")
def test_a_correction_is_live_at_once_and_every_wording_stays_with_who_and_when(write, desk, client, operator, at):
    bulletin = write()
    typed = {
        "title": "投标保函周末值守安排（更正）",
        "category": "rule",
        "body": "周日不值守。",
        "version": bulletin.version,
        "published_at": f"{at:%Y-%m-%d}T10:40",
        "shown_from": f"{at:%Y-%m-%d}T10:40",
    }

    answer = desk.post(f"/operations/announcements/{bulletin.reference}/edit/", typed)

    assert answer.status_code == 302
    assert "周日不值守" in client.get(f"/announcements/{bulletin.reference}/").content.decode()
    history = desk.get(f"/operations/announcements/{bulletin.reference}/history/").content.decode()
    for words in ("第 3 版", "第 1 版", "周日不值守", "周末照常出函", operator.actor_label, "发布公告", "修改公告"):
        assert words in history
    first = desk.get(f"/operations/announcements/{bulletin.reference}/history/?number=1").content.decode()
    assert "正在看第 1 版" in first
    assert [row.title for row in bulletin.versions.all()] == [typed["title"], bulletin.title, bulletin.title]


@pytest.mark.req("EP-33")
def test_a_deleted_one_is_gone_from_every_list_and_kept_in_its_history(write, desk, client, at):
    bulletin = write()
    path = f"/operations/announcements/{bulletin.reference}/"

    desk.post(f"{path}delete/", {"version": bulletin.version, "reason": "重复发布"})

    assert client.get(f"/announcements/{bulletin.reference}/").status_code == 404
    assert bulletin.title not in desk.get("/operations/announcements/").content.decode()
    assert bulletin.title in desk.get("/operations/announcements/?view=deleted").content.decode()
    history = desk.get(f"{path}history/").content.decode()
    assert "重复发布" in history
    assert "周末照常出函" in history
    assert kinds(bulletin) == ["bulletin.written", "bulletin.published", "bulletin.deleted"]


@pytest.mark.parametrize("state", BULLETIN.states)
@pytest.mark.parametrize("action", ["publish", "edit", "take_down", "delete"])
def test_what_the_table_forbids_changes_nothing(write, operator, at, state, action):
    bulletin = write()
    Bulletin.objects.filter(pk=bulletin.pk).update(state=state)
    bulletin.refresh_from_db()
    does = {
        "publish": lambda: acts.publish_bulletin(bulletin, by=operator, at=at),
        "edit": lambda: acts.edit_bulletin(bulletin, title="换一个标题试试", by=operator, at=at),
        "take_down": lambda: acts.take_down_bulletin(bulletin, reason="有误", by=operator, at=at),
        "delete": lambda: acts.delete_bulletin(bulletin, reason="有误", by=operator, at=at),
    }[action]
    before = Entry.objects.count()

    if any(row.action == action and state in row.sources and row.side == "platform" for row in BULLETIN.rows):
        does()
        assert Entry.objects.count() == before + 1
    else:
        with pytest.raises(NotNow):
            does()
        assert Entry.objects.count() == before


@pytest.mark.parametrize("role", ["sysadmin", "applicant", "manager", "department"])
def test_nobody_else_keeps_announcements(write, member_as, page_of, at, role):
    bulletin, other = write(), member_as(role, name="旁人")

    with pytest.raises(NotPermitted):
        acts.write_bulletin(title="不该有的公告", body="正文", by=other, at=at)
    with pytest.raises(NotPermitted):
        acts.take_down_bulletin(bulletin, reason="有误", by=other, at=at)
    assert page_of(other).get("/operations/announcements/").status_code == 403


def test_two_people_at_one_announcement_do_not_overwrite_each_other(write, operator, at):
    bulletin = write()
    stale = Bulletin.objects.get(pk=bulletin.pk)
    acts.edit_bulletin(bulletin, title="先改好的那个标题", by=operator, at=at)

    with pytest.raises(Changed):
        acts.edit_bulletin(stale, title="后改的那个标题", by=operator, at=at)


# pages


def test_a_preview_shows_it_and_saves_nothing(desk):
    typed = {"title": "关于假保函的风险提示", "category": "warning", "body": "**请先查验**", "preview": "1"}

    text = desk.post("/operations/announcements/new/", typed).content.decode()

    assert "<strong>请先查验</strong>" in text
    assert "还没有保存" in text
    assert not Bulletin.objects.exists()


def test_what_was_typed_comes_back_with_the_refusal(desk):
    typed = {
        "title": "短",
        "category": "service",
        "body": "正文在此",
        "shown_until": "2020-01-01T00:00",
        "shown_from": "2021-01-01T00:00",
    }

    answer = desk.post("/operations/announcements/new/", typed)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "正文在此" in text
    assert "下架时间要晚于展示时间" in text
    assert not Bulletin.objects.exists()


@pytest.mark.parametrize(
    "source",
    ["<script>alert(1)</script>", '<img src=x onerror="alert(1)">', "[点](javascript:alert(1))", "![图](https://evil.example/x.png)",
     "<a href='//evil'>x</a>"],
)  # fmt: skip
def test_nothing_that_runs_or_loads_gets_into_a_public_page(source):
    html = str(shown_text(source))

    for tag in ("<script", "<img", 'href="javascript', "<a href='"):
        assert tag not in html


def test_links_lead_out_without_telling_where_from():
    assert 'rel="noopener noreferrer nofollow"' in shown_text("[交易中心](https://example.com/)")


def test_files_are_for_everybody_while_it_is_shown(write, client, operator, at):
    bulletin = write(shown_until=at + 3 * HOUR)
    bulletin = acts.attach_to_bulletin(bulletin, PDF, "值守表.pdf", by=operator, at=at)
    path = f"/announcements/{bulletin.reference}/files/{bulletin.attachments.get().pk}/"

    with moved_to(at):
        there = client.get(path)
    with moved_to(at + 3 * HOUR):
        gone = client.get(path)

    assert (there.content, there["Content-Disposition"][:10], gone.status_code) == (PDF, "attachment", 404)
    bulletin = acts.detach_from_bulletin(bulletin, bulletin.attachments.get().pk, by=operator, at=at)
    with moved_to(at):
        assert client.get(path).status_code == 404
    assert [row.files for row in bulletin.versions.all()] == [[], ["值守表.pdf"], [], []]


def test_search_category_and_pages_narrow_the_list(write, client, at):
    for number in range(17):
        write(f"第 {number:02} 期风险提示", category="warning", body=f"正文甲{number}")
    write("费率调整公告一则")

    with moved_to(at):
        second = client.get("/announcements/?page=2").content.decode()
        warned = client.get("/announcements/?category=warning&q=甲16").content.decode()
        nothing = client.get("/announcements/?q=没有这样的").content.decode()

    assert second.count("<time") == 3
    assert ("第 16 期" in warned, "第 15 期" in warned, "费率调整" in warned) == (True, False, False)
    assert "没有符合条件的公告" in nothing


def test_the_feed_reads_as_atom(write, client, at):
    bulletin = write("提示 <b>&\x07 更新")

    with moved_to(at):
        answer = client.get("/announcements/feed/")

    text = answer.content.decode()
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert f"/announcements/{bulletin.reference}/" in text
    assert "提示 &lt;b&gt;&amp; 更新" in text


def test_the_list_leaves_as_excel_with_a_trace(write, desk, operator):
    write()
    write("已经起草的公告", publish=False)

    answer = desk.get("/operations/announcements/export/?view=draft")

    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    assert [row[:3] for row in rows[2:]] == [["已经起草的公告", "服务", "草稿"]]
    assert Entry.objects.filter(kind="bulletin.exported", actor_key=operator.actor_key).count() == 1


def test_many_announcements_cost_as_many_queries_as_one(write, client, at, django_assert_max_num_queries):
    for number in range(12):
        write(f"第 {number} 期公告的标题")

    with moved_to(at):
        client.get("/announcements/")
        with django_assert_max_num_queries(2):
            client.get("/announcements/")
