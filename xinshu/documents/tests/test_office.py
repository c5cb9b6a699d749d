"""Word and Excel files: found by what is written in them; a broken or hostile one is answered, never a crash."""

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from xinshu.accounts.models import Member
from xinshu.documents.models import FileText
from xinshu.documents.papers.apart import Seen, Unreadable
from xinshu.documents.papers.apart import pages_of as read_apart
from xinshu.documents.reading import office
from xinshu.documents.reading.office import DOCX, LINES, XLSX, Broken, pages_of
from xinshu.documents.searching.finding import find_files
from xinshu.documents.searching.keeping import pages_in, read_on
from xinshu.documents.uploads import keep_file

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BREAK = "<w:r><w:br w:type='page'/></w:r>"


def package(**members: str | bytes) -> bytes:
    """A zip whose members are named with __ for / and _x for .xml."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        for name, content in members.items():
            made.writestr(name.replace("__", "/").replace("_x", ".xml"), content)
    return out.getvalue()


def word(body: str, head: str = "", **members: str) -> bytes:
    return package(word__document_x=f"{head}<w:document {W}><w:body>{body}</w:body></w:document>", **members)


def said(*texts: str) -> str:
    return "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts)


def excel() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
    first, second = book.add_worksheet("钢筋"), book.add_worksheet("混凝土")
    first.write_row(0, 0, ["材料", "单价", "到场日"])
    first.write_row(1, 0, ["螺纹钢筋 HRB400", 3825.5])
    first.write_datetime(1, 2, date(2026, 11, 3), day)
    first.write_formula(2, 1, "=B2*2", None, 7651)
    second.write_rich_string(0, 0, "商品", book.add_format({"bold": True}), "混凝土 C35")
    second.write_number(1_048_575, 16_383, 1)  # the last cell there is: nothing is as large as it looks
    book.close()
    return out.getvalue()


def test_a_word_file_is_read_page_by_page_with_what_stands_around() -> None:
    table = f"<w:tbl><w:tr><w:tc>{said('缺陷责任期')}</w:tc><w:tc>{said('24 个月')}</w:tc></w:tr></w:tbl>"
    split = "<w:p><w:r><w:t>质量</w:t></w:r><w:r><w:t>保证金</w:t><w:tab/><w:t>3%</w:t></w:r></w:p>"
    head = f"<w:hdr {W}>{said('页眉')}</w:hdr>"
    content = word(f"{split}{table}<w:p>{BREAK}</w:p>{said('第二页')}", word__header1_x=head)

    assert pages_of(content, DOCX) == [["质量保证金 3%", "缺陷责任期", "24 个月"], ["第二页"], ["页眉"]]


def test_an_excel_file_is_read_sheet_by_sheet_with_its_days() -> None:
    assert pages_of(excel(), XLSX) == [
        ["钢筋", "材料 单价 到场日", "螺纹钢筋 HRB400 3825.5 2026-11-03", "7651"],
        ["混凝土", "商品混凝土 C35", "1"],
    ]


def test_what_is_long_is_read_as_far_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    content = word(said(*(f"第{n}段" for n in range(LINES * 4))))

    assert [len(page) for page in pages_of(content, DOCX)] == [LINES] * 4
    monkeypatch.setattr(office, "PAGES", 2)
    assert [len(page) for page in pages_of(content, DOCX)] == [LINES] * 2
    monkeypatch.setattr(office, "PARTS", 30)
    assert 0 < len(pages_of(content, DOCX)[0]) < 10


HOSTILE = {
    "no zip": b"PK\x03\x04 nothing",
    "no document": package(word__other_x="<x/>"),
    "broken xml": package(word__document_x=f"<w:document {W}><w:p>"),
    "bomb": word("<w:p/>" + " " * 61_000_000),
    "entities": word(
        said("&lol;"), '<!DOCTYPE d [<!ENTITY a "lol"><!ENTITY lol "&a;&a;&a;">]>'
    ),
    "file": word(said("&f;"), '<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]>'),
    "deep": word("<w:p>" * 2_000 + "</w:p>" * 2_000),
    "cut": excel()[:-200],
}  # fmt: skip


@pytest.mark.parametrize("what", list(HOSTILE))
def test_a_broken_or_hostile_file_is_said_to_be_broken(what: str) -> None:
    with pytest.raises(Broken):
        pages_of(HOSTILE[what], DOCX)


def test_numbers_that_are_none_say_nothing() -> None:
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
        '<c t="s"><v>99</v></c><c t="s"><v>-1</v></c><c s="x"><v>NaN</v></c><c><v>1e999</v></c><c t="b"><v>1</v></c>'
        '<c t="str"><v>甲</v></c><c/></row></sheetData></worksheet>'
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    named = f'<sheet name="表" xmlns:r="{rel}" r:id="r1"/>'
    content = package(
        xl__workbook_x=f'<workbook xmlns="{main}"><sheets>{named}</sheets></workbook>',
        xl__worksheets__sheet1_x=sheet,
        **{"xl___rels__workbook_x.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
           'relationships"><Relationship Id="r1" Target="/xl/worksheets/sheet1.xml"/></Relationships>'},
    )  # fmt: skip

    assert pages_of(content, XLSX)[0][0] == "表"
    assert pages_of(content, XLSX)[0][1].endswith("甲")


@pytest.mark.django_db
def test_word_and_excel_files_are_found_by_their_content(manager: Member, at: datetime) -> None:
    letter = word(said("监理工程师通知单：钢筋保护层不足", "联系人电话 13800006021"))
    for name, content in (("通知.docx", letter), ("材料.xlsx", excel()), ("坏的.docx", HOSTILE["entities"])):
        assert read_on(keep_file(content, name, manager.organisation, manager, at), 60, at)

    assert [hit.file.name for hit in find_files("保护层", manager, at, limit=5)[0]] == ["通知.docx"]
    assert [hit.file.name for hit in find_files("螺纹", manager, at, limit=5)[0]] == ["材料.xlsx"]
    assert find_files("13800006021", manager, at, limit=5)[0] == []
    broken = FileText.objects.get(file__name="坏的.docx")
    assert (broken.why, pages_in(broken)) == ("broken", [])
    assert [hit.file.name for hit in find_files("坏的", manager, at, limit=5)[0]] == ["坏的.docx"]


def test_the_reader_apart_answers_for_them() -> None:
    answers = list(read_apart(excel(), XLSX, {1}, 60, pictures=False))

    assert answers[0] == 2
    assert isinstance(answers[1], Seen)
    assert [row.text for row in answers[1].sheet.rows] == ["混凝土", "商品混凝土 C35", "1"]
    with pytest.raises(Unreadable):
        list(read_apart(HOSTILE["file"], DOCX, set(), 60))
