"""The demo city's papers: a licence confirmed, a balance sheet that does not add up, an award, a file with a password.

Drawn as PDF with a text layer, so that nothing has to be recognised while a demo is laid out; what people upload there
goes the ordinary way.
"""

import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from xinshu.accounts.models import Member, Organisation
from xinshu.core.capitals import capitals
from xinshu.documents.models import Reading, random_batch
from xinshu.documents.papers.actions import begin, bring, confirm, finish, keep_page, refuse, reject
from xinshu.documents.papers.apart import Seen, Unreadable, told

_HEAD = '#set text(font: ("Noto Serif SC", "Noto Sans SC"), size: 12pt)\n'
_LICENCE = """#set page(width: 297mm, height: 210mm, margin: 24mm, fill: rgb("#faf8f0"))
#align(center)[#text(30pt, weight: "bold")[营业执照]]
统一社会信用代码：%(uscc)s
#v(10mm)
#grid(columns: (32mm, 105mm, 32mm, 1fr), row-gutter: 9mm,
[名称], [%(name)s], [注册资本], [%(capital)s],
[类型], [有限责任公司], [成立日期], [2009年06月18日],
[法定代表人], [%(person)s], [住所], [%(address)s],
[经营范围], [建设工程施工；建筑劳务分包], [], [])
#v(14mm)
#align(right)[登记机关：云州市市场监督管理局]
"""
_BALANCE = """#set page(width: 297mm, height: 210mm, margin: 16mm)
#align(center)[#text(20pt, weight: "bold")[资产负债表]]
编制单位：%(name)s #h(1fr) 2025年12月31日 #h(1fr) 单位：元
#set text(size: 10pt)
#table(columns: (58mm, 36mm, 36mm, 62mm, 36mm, 36mm), align: (left, right, right, left, right, right), inset: 4pt,
[资产], [期末余额], [年初余额], [负债和所有者权益], [期末余额], [年初余额],
[流动资产：], [], [], [流动负债：], [], [],
[货币资金], [48,620,000.00], [39,150,400.00], [短期借款], [35,000,000.00], [30,000,000.00],
[应收账款], [96,410,880.00], [88,002,610.00], [应付账款], [82,440,000.00], [79,318,220.00],
[存货], [61,205,400.00], [57,933,120.00], [其他应付款], [9,760,000.00], [8,114,300.00],
[流动资产合计], [206,236,280.00], [185,086,130.00], [流动负债合计], [127,200,000.00], [117,432,520.00],
[非流动资产：], [], [], [非流动负债：], [], [],
[固定资产], [58,300,720.00], [60,114,090.00], [长期借款], [24,000,000.00], [26,000,000.00],
[无形资产], [9,963,000.00], [10,240,000.00], [非流动负债合计], [24,000,000.00], [26,000,000.00],
[非流动资产合计], [68,263,720.00], [70,354,090.00], [负债合计], [151,200,000.00], [143,432,520.00],
[], [], [], [所有者权益：], [], [],
[], [], [], [实收资本], [80,000,000.00], [80,000,000.00],
[], [], [], [未分配利润], [43,800,000.00], [32,007,700.00],
[], [], [], [所有者权益合计], [123,300,000.00], [112,007,700.00],
[资产总计], [274,500,000.00], [255,440,220.00], [负债和所有者权益总计], [274,500,000.00], [255,440,220.00])
"""
_AWARD = """#set page(paper: "a4", margin: 28mm)
#align(center)[#text(24pt, weight: "bold")[中标通知书]]
#align(right)[招标编号：YZ-202610-0188]
#v(6mm)
%(name)s：
#v(3mm)
你方所递交的投标文件已被我方接受，被确定为中标人。
#v(3mm)
工程名称：临港新区海棠大道市政工程
#v(3mm)
中标价：48,620,000.00元
#v(3mm)
（大写）人民币肆仟捌佰陆拾贰万元整
#v(3mm)
工期：420日历天
#v(12mm)
#align(right)[招标人：云州城市投资建设有限公司]
#v(4mm)
#align(right)[2026年10月12日]
"""


@contextmanager
def files_read_later() -> Iterator[None]:
    """Lay the city out without reading its files for search: `look_for_unread_files` leaves that to the worker."""
    wanted, settings.READ_FILES = settings.READ_FILES, False
    try:
        yield
    finally:
        settings.READ_FILES = wanted


def create_demo_papers(member: Member, record: Mapping[str, str], at: datetime) -> None:
    """Let `member` have brought four papers: one confirmed, two to be looked at, one refused.

    `record`: what the firm's record says, by field; the licence says the same.
    """
    facts = {
        "name": record["legal_name"], "uscc": record["uscc"], "person": record["legal_representative"],
        "capital": capitals(int(record["registered_capital"])).removeprefix("人民币"), "address": record["address"],
    }  # fmt: skip
    batch, day = random_batch(), at - timedelta(days=2)
    licence = _read(_LICENCE % facts, "营业执照副本.pdf", batch, member, day)
    doubtful = licence.values.filter(sure=False).values_list("code", flat=True)
    confirm(licence, {}, set(doubtful), by=member, at=day + timedelta(minutes=6))
    batch = random_batch()
    soon = at - timedelta(minutes=40)
    _read(_BALANCE % facts, "2025年度资产负债表.pdf", batch, member, soon)
    _read(_AWARD % facts, "中标通知书.pdf", batch, member, soon)
    _read_content(_locked(_pdf(_AWARD % facts)), "加密的合同.pdf", batch, member, soon)


def bring_demo_papers(manager: Member, owner: Member, other: Organisation, at: datetime) -> None:
    """Let `manager` have brought papers of customers: one waits for `owner`, one was sent back, one waits for them."""
    day = at - timedelta(days=3)
    award = _AWARD.replace("0188", "0193").replace("临港新区海棠大道市政工程", "滨河北路排水改造工程")
    for_owner = {"customer": owner.organisation, "asks_owner": True}
    half_year = _BALANCE.replace("2025年12月31日", "2026年06月30日")  # another paper than the firm's own
    facts = {"name": owner.organisation.name}
    _read_content(_pdf(award % facts), "滨河北路中标通知书.pdf", random_batch(), manager, day, **for_owner)
    balance = _read_content(_pdf(half_year % facts), "半年度资产负债表.pdf", random_batch(), manager, day, **for_owner)
    reject(balance, reason="这份没有盖章，请用盖章后的扫描件。", by=owner, at=day + timedelta(hours=2))
    bring_award(other, manager, day)


def bring_award(customer: Organisation, manager: Member, at: datetime) -> Reading:
    """Let `manager` have brought a letter of award to a customer, read and to be confirmed by the manager."""
    content = _pdf(_AWARD % {"name": customer.name})
    return _read_content(content, f"{customer.name}中标通知书.pdf", random_batch(), manager, at, customer=customer)


def _read(source: str, name: str, batch: str, member: Member, at: datetime) -> Reading:
    return _read_content(_pdf(source), name, batch, member, at)


def _read_content(content: bytes, name: str, batch: str, member: Member, at: datetime, **for_whom: Any) -> Reading:
    from xinshu.documents.reading import pages  # loads the PDF library, here only and in the reader's own process

    reading = begin(bring(content, name, batch, by=member, at=at, **for_whom), at=at)
    try:
        for answer in pages.read(content, "application/pdf", set()):
            seen = told(answer)
            if isinstance(seen, Seen):
                keep_page(reading, seen)
    except pages.Refused as why:
        return refuse(reading, Unreadable(why.code), at=at + timedelta(minutes=1))
    Reading.objects.filter(pk=reading.pk).update(pages_total=1)
    reading.pages_total = 1
    return finish(reading, at=at + timedelta(minutes=1))


def read_award(name: str, member: Member, at: datetime) -> Reading:
    """Let `member` have brought a letter of award to the firm `name`, read and not yet confirmed."""
    return _read(_AWARD % {"name": name}, "中标通知书.pdf", random_batch(), member, at)


def _locked(content: bytes) -> bytes:
    """Return a PDF under a password."""
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(content))), io.BytesIO()
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


@cache
def _fonts() -> Any:
    import typst

    folders = [Path(settings.FONTS_ROOT) / name for name in ("noto-serif-sc/400Regular", "noto-serif-sc/700Bold")]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _pdf(source: str) -> bytes:
    import typst

    with tempfile.TemporaryDirectory() as nowhere:
        made = typst.Compiler(root=nowhere, font_paths=_fonts(), ignore_system_fonts=True).compile(
            input=(_HEAD + source).encode(), format="pdf"
        )
    assert isinstance(made, bytes)
    return made
