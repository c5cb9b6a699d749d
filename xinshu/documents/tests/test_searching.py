"""Files found by what is written in them: who finds what, where it stands, what is never found, how reading goes on."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.tests.browsers import signed_in
from xinshu.documents import tasks, visibility
from xinshu.documents.demo import _pdf
from xinshu.documents.models import File, FileText, Reading
from xinshu.documents.papers.actions import begin, bring, finish, keep_page, say_kind, withdraw
from xinshu.documents.papers.apart import Seen
from xinshu.documents.reading.lines import Line, Sheet
from xinshu.documents.searching import finding
from xinshu.documents.searching.finding import around, find_files, lines_lit
from xinshu.documents.searching.keeping import keep, keyed, pages_in, read_on, written
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_again, keep_file
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later

CONTRACT = [
    ["施工合同", "甲方：云州城市投资建设有限公司", "质量保证金为合同价款的 3%，缺陷责任"],
    ["期二十四个月", "乙方　恒达路桥"],
]
TWO_PAGES = """#set text(font: "Noto Sans SC")
#set page(width: 200mm, height: 100mm)
监理通知单第一号，请于三日内整改完毕并书面回复
#pagebreak()
复工报审表：已按监理通知单的要求整改完毕，请予核查
"""


def lines(*texts: str) -> tuple[Line, ...]:
    return tuple(Line(text, (50, 40 * row, 50 + 14 * len(text), 40 * row + 30)) for row, text in enumerate(texts, 1))


def brought(member: Member, at: datetime, *texts: str, name: str = "扫描件.pdf", more: bytes = b"") -> Reading:
    """A paper that the worker has read: its lines are `texts`."""
    reading = begin(bring(PDF.replace(b"Catalog", b"Catalog" + more), name, "batch", by=member, at=at), at=at)
    Reading.objects.filter(pk=reading.pk).update(pages_total=1)
    keep_page(reading, Seen(Sheet(1, lines(*texts), printed=True), 0, 100, 140, _jpeg()))
    reading.pages_total = 1
    return finish(reading, at=at)


def _jpeg() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (100, 140), "white").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def contract(manager: Member, at: datetime) -> File:
    file = keep_file(PDF, "海棠大道.pdf", manager.organisation, manager, at)
    keep([written(file, CONTRACT, at)])
    return file


def told(asked: str, member: Member, at: datetime) -> list[tuple[str, int, str]]:
    """What is found: names, pages, the line with what is lit in brackets."""
    hits, _more = find_files(asked, member, at, limit=10)
    return [(hit.file.name, hit.page, "".join(f"[{part}]" if lit else part for part, lit in hit.line)) for hit in hits]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "page", "line"),
    [
        ("质量", 1, "[质量]保证金为合同价款的 3%，缺陷责任"),
        ("责任期", None, ""),  # a word does not go on over the end of a page
        ("乙方 恒达", 2, "[乙方　恒达]路桥"),
        ("乙方恒达", 2, "[乙方　恒达]路桥"),
        ("３％", None, ""),
        ("海棠", 0, "[海棠]大道.pdf"),
        ("海棠 路桥", 2, "乙方　恒达[路桥]"),
        ("公司", 1, "甲方：云州城市投资建设有限[公司]"),
        ("金质", None, ""),
        ("质", None, ""),
        ('" OR 1', None, ""),
    ],
)
def test_a_file_is_found_by_two_characters_with_page_and_line(
    contract: File, manager: Member, at: datetime, asked: str, page: int | None, line: str
) -> None:
    assert told(asked, manager, at) == ([] if page is None else [("海棠大道.pdf", page, line)])


def test_what_goes_on_in_the_next_line_is_lit_in_both() -> None:
    assert lines_lit(["缺陷责任", "期二十四个月"], ["责任期"]) == [
        [("缺陷", False), ("责任", True)], [("期", True), ("二十四个月", False)],
    ]  # fmt: skip


def test_a_long_line_is_cut_to_what_stands_around() -> None:
    cut = around([("前" * 200, False), ("恒达", True), ("后" * 200, False)])

    assert "".join(part for part, _lit in cut) == "…" + "前" * 30 + "恒达" + "后" * 58 + "…"


@pytest.mark.django_db
def test_the_newest_comes_first_and_pages_turn(manager: Member, at: datetime) -> None:
    files = [keep_file(PDF, f"第{n}号.pdf", manager.organisation, manager, at) for n in range(5)]
    keep([written(file, [["结算清单"]], at) for file in files])

    first, more = find_files("结算", manager, at, limit=2)
    last, none = find_files("结算", manager, at, limit=2, page=3)

    assert ([hit.file.name for hit in first], more) == (["第4号.pdf", "第3号.pdf"], True)
    assert ([hit.file.name for hit in last], none) == (["第0号.pdf"], False)


@pytest.mark.django_db
def test_nobody_finds_what_they_may_not_open(
    contract: File, manager: Member, clerk: Member, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = at + timedelta(days=1)
    monkeypatch.setattr(visibility, "_readers", {"accounts.organisation": lambda file, member, now: now >= opening})
    monkeypatch.setattr(visibility, "_homes", {})
    File.objects.filter(pk=contract.pk).update(subject_type="accounts.organisation", subject_id=clerk.organisation_id)

    assert told("质量", manager, at) != []
    assert told("质量", clerk, at) == []
    assert told("质量", clerk, opening) == told("质量", manager, at)

    visibility.belongs_to(Organisation, lambda member, now: Organisation.objects.none(), lambda one: ("", ""))
    assert told("质量", clerk, opening) == []  # nor when the case does not exist for them


@pytest.mark.django_db
def test_neither_text_nor_words_lie_in_the_database_in_the_clear(contract: File) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, grams FROM documents_filetext")
        content, grams = cursor.fetchone()

    assert "质量".encode() not in bytes(content)
    assert "质量" not in grams
    assert set(keyed(["质量"])) <= set(grams.split())


@pytest.mark.django_db
def test_another_key_finds_nothing_and_breaks_nothing(
    contract: File, manager: Member, at: datetime, settings: Any
) -> None:
    settings.FILE_KEY = "11" * 16

    assert told("质量", manager, at) == []
    assert pages_in(FileText.objects.get()) == []


@pytest.mark.django_db
def test_a_paper_is_found_when_it_was_read_and_no_longer_when_it_was_taken_back(clerk: Member, at: datetime) -> None:
    reading = brought(clerk, at, "营业执照", "经营范围：公路工程施工")
    tasks.find_paper(Entry.objects.get(kind="reading.read"))
    before = told("公路", clerk, at)

    withdraw(reading, reason="换了新执照", by=clerk, at=at)
    tasks.find_paper(Entry.objects.get(kind="reading.withdrawn"))

    assert before == [("扫描件.pdf", 1, "经营范围:[公路]工程施工")]
    assert told("公路", clerk, at) == told("扫描", clerk, at) == []
    assert bytes(FileText.objects.get().content) == b""


@pytest.mark.django_db
def test_an_identity_card_is_never_found_by_what_stands_on_it(clerk: Member, at: datetime) -> None:
    texts = ("姓名 刘恒德", "民族 汉", "住址 云州市临港新区海棠大道", "公民身份号码 530102199003070015")
    brought(clerk, at, *texts, name="法人证件.pdf")
    brought(
        clerk, at, "委托书", "联系人刘恒德，身份证 530102199003070015，电话 13800006021", name="委托.pdf", more=b" "
    )
    for entry in Entry.objects.filter(kind="reading.read"):
        tasks.find_paper(entry)

    assert told("海棠", clerk, at) == told("530102199003070015", clerk, at) == told("19900307", clerk, at) == []
    assert told("13800006021", clerk, at) == []
    assert told("证件", clerk, at) == []  # who may not read sensitive values cannot open it either
    assert told("委托书", clerk, at)[0][0] == "委托.pdf"
    assert pages_in(FileText.objects.get(file__name="法人证件.pdf")) == [[]]


@pytest.mark.django_db
def test_what_a_person_says_is_an_identity_card_is_found_no_longer_nor_are_its_copies(
    clerk: Member, manager: Member, at: datetime
) -> None:
    reading = brought(clerk, at, "常住人口登记", "户主：刘恒德，云州市临港新区海棠大道")
    tasks.find_paper(Entry.objects.get(kind="reading.read"))
    copy = keep_file(PDF, "附件.pdf", manager.organisation, manager, at)
    keep([written(copy, pages_in(FileText.objects.get(file=reading.file)), at)])
    before = [told("海棠", who, at) for who in (clerk, manager)]

    say_kind(reading, "identity", by=clerk, at=at)
    tasks.find_paper(Entry.objects.get(kind="reading.kind_said"))

    assert all(before)
    assert [told("海棠", who, at) for who in (clerk, manager)] == [[], []]
    assert {str(pages_in(text)) for text in FileText.objects.all()} == {"[[]]"}


@pytest.mark.django_db
def test_the_round_reads_what_is_missing_and_goes_on_where_it_stopped(
    manager: Member, clerk: Member, at: datetime, settings: Any
) -> None:
    settings.READ_FILES = True
    whole = _pdf(TWO_PAGES)
    file = keep_file(whole, "来往文件.pdf", manager.organisation, manager, at)
    twin = keep_again(file, manager, at, subject=manager.organisation)
    sheet = keep_file(PDF, "打不开.pdf", manager.organisation, manager, at)
    waiting = bring(PDF.replace(b"Catalog", b"Catalog "), "排队.pdf", "batch", by=clerk, at=at)

    first_turn = read_on(file, 0.0, at)
    half = FileText.objects.get(file=file)
    tasks.look_for_unread_files(at.date(), at)
    entry = Entry.objects.get(kind="file.unread_found")
    for _turn in range(4):  # one, where the machine is quick
        with suppress(Later):
            tasks.read_unread_files(entry)
    tasks.look_for_unread_files(at.date(), at)

    assert (first_turn, half.pages_read, half.pages_total, half.grams) == (False, 1, 2, "")
    assert {hit[0] for hit in told("监理通知", manager, at)} == {"来往文件.pdf"}
    assert told("复工报审", manager, at)[0][1] == 2
    assert len(told("复工报审", manager, at)) == 2  # the same bytes under another case
    assert FileText.objects.get(file=twin).pages_total == 2
    assert FileText.objects.get(file=sheet).why == "broken"
    assert not FileText.objects.filter(file=waiting.file_id).exists()
    assert Entry.objects.filter(kind="file.unread_found").count() == 1  # nothing is missing any more


@pytest.mark.django_db
def test_a_round_that_does_not_finish_asks_for_another_turn(
    manager: Member, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        keep_file(PDF, f"{n}.pdf", manager.organisation, manager, at, subject=manager.organisation)
    monkeypatch.setattr(tasks, "AT_ONCE", 2)
    monkeypatch.setattr(visibility, "_unsearched", {"accounts.organisation"})

    with pytest.raises(Later):
        tasks.read_unread_files(Entry())
    tasks.read_unread_files(Entry())

    assert set(FileText.objects.values_list("why", flat=True)) == {"personal"}


@pytest.mark.django_db
def test_the_page_shows_the_text_to_whoever_may_open_the_file(
    contract: File, manager: Member, clerk: Member, at: datetime
) -> None:
    address = reverse("documents:text", args=[contract.reference])
    browser = signed_in(manager)

    page = browser.get(address, {"q": "质量"})
    waiting = keep_file(PDF, "新的.pdf", manager.organisation, manager, at)
    unread = browser.get(reverse("documents:text", args=[waiting.reference]))

    assert "<mark>质量</mark>保证金" in page.text
    assert "第 1 页有“质量”" in page.text
    assert "正在排队读取" in unread.text
    assert signed_in(clerk).get(address).status_code == 404


@pytest.mark.django_db
def test_of_a_paper_the_line_is_lit_on_its_picture(clerk: Member, at: datetime) -> None:
    reading = brought(clerk, at, "营业执照", "经营范围：公路工程施工")
    tasks.find_paper(Entry.objects.get(kind="reading.read"))

    page = signed_in(clerk).get(reverse("documents:text", args=[reading.file.reference]), {"q": "公路"}).text

    assert reverse("documents:page", args=[reading.reference, 1]) in page
    assert page.count('class="lit" x="47"') == 1


@pytest.mark.django_db
def test_a_file_that_is_gone_takes_its_text_along(manager: Member, at: datetime) -> None:
    file = keep_file(PDF, "临时.pdf", manager.organisation, manager, at)
    keep([written(file, [["临时便道"]], at)])

    file.delete()

    assert told("便道", manager, at) == []
    assert not FileText.objects.exists()


@pytest.mark.django_db
def test_others_files_crowd_out_nobodys_own_and_are_never_shown(
    manager: Member, clerk: Member, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "LOTS", (2, 3))
    own = [keep_file(PDF, f"旧{n}.pdf", clerk.organisation, clerk, at) for n in range(2)]
    others = [keep_file(PDF, f"新{n}.pdf", manager.organisation, manager, at) for n in range(9)]
    keep([written(file, [["结算清单"]], at) for file in (*own, *others)])

    assert [name for name, _page, _line in told("结算", clerk, at)] == ["旧1.pdf", "旧0.pdf"]
    assert [name for name, _page, _line in told("清单", manager, at)] == [f"新{n}.pdf" for n in range(8, -1, -1)]
    assert [name for name, _page, _line in told("公司 结算", clerk, at)] == []


@pytest.mark.django_db
def test_a_lot_is_sieved_as_the_database_does_it(manager: Member, clerk: Member, at: datetime) -> None:
    files = [
        keep_file(PDF, "自己的.pdf", clerk.organisation, clerk, at),
        keep_file(PDF, "别人的.pdf", manager.organisation, manager, at),
        keep_file(PDF, "别人的材料.pdf", manager.organisation, manager, at, subject=manager.organisation),
        brought(clerk, at, "营业执照").file,
    ]
    keep([written(file, [["结算清单"]], at) for file in files])

    for who in (manager, clerk):
        rows = FileText.objects.values_list(*finding.CASE)
        asked = FileText.objects.filter(visibility.perhaps_visible(who, at))
        assert visibility.visible_among(rows, who, at) == set(asked.values_list("file_id", flat=True))
