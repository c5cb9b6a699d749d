"""The columns of the workbook, and reading it: where its headings stand, what each cell says. No database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Invalid
from xinshu.core.uscc import normalise
from xinshu.documents.sheets import cells_of
from xinshu.guarantees.extras import AMOUNT, CHOICE, DAY, SORTS, Extra, missing
from xinshu.guarantees.extras import read as kept_of
from xinshu.guarantees.kinds import KINDS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST = 5_000  # rows of one batch
LARGEST = 8 * 1024 * 1024  # bytes; 5,000 rows take about 0.4 MB
LONGEST = 200  # letters of one cell
HEAD = 15  # rows above the data in which the headings may stand
_DAY = re.compile(r"(\d{4})\s*(?:-|/|\.|年)\s*(\d{1,2})\s*(?:-|/|\.|月)\s*(\d{1,2})\s*日?|(\d{4})(\d{2})(\d{2})")
_REMARK = re.compile(r"[（(].*?[)）]|[*＊\s]")
Typed = Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """One column: its heading, other headings it goes by, how wide it is, what the guide says about it."""

    code: str
    title: "StrOrPromise"
    width: int
    required: bool
    example: str
    guide: "StrOrPromise"
    aliases: tuple[str, ...] = ()


COLUMNS = (
    Column(
        "key", lazy("序号"), 8, False, "1",
        lazy("每行一个，不能重复；不填就用行号。结果表按它对照。"), ("编号", "行号"),
    ),
    Column("kind", lazy("保函类型"), 16, True, "履约保函", lazy("照“可选值”里的写。"), ("类型",)),
    Column(
        "project", lazy("项目"), 44, True, "YZ2026-0001",
        lazy("项目编号、项目名称或平台编号，须已在“工程项目”登记。"),
        ("项目编号", "项目名称", "项目编号或名称", "标段编号"),
    ),
    Column(
        "applicant", lazy("申请人统一社会信用代码"), 24, False, "91339900MADEM0001X",
        lazy("保证人代客户办理时必填，须是本机构的客户；企业自己办理时可以不填。"),
        ("申请人", "统一社会信用代码", "信用代码"),
    ),
    Column(
        "beneficiary", lazy("受益人名称"), 32, False, "云州临港新区建设管理中心",
        lazy("选填；填了就与项目登记的核对。"), ("受益人",),
    ),
    Column(
        "amount", lazy("保函金额"), 18, True, "486,000.00", lazy("元，最多两位小数；也可以写“50万元”。"), ("金额",),
    ),
    Column("effective_on", lazy("生效日"), 14, True, "2026-12-01", lazy("年-月-日。"), ("生效日期", "开始日期")),
    Column(
        "expires_on", lazy("到期日"), 14, True, "2027-06-30", lazy("年-月-日，不早于生效日。"),
        ("到期日期", "截止日期"),
    ),
    Column(
        "product", lazy("产品名称"), 20, False, "",
        lazy("保证人同类产品不止一个时必填，照“可选值”里的写。"), ("产品",),
    ),
    Column("note", lazy("备注"), 24, False, "", lazy("选填，原样写进结果表。")),
)  # fmt: skip
OWN = "own:"  # before the name of a type's own field (extras.py): the code of its column
BY_CODE = {column.code: column for column in COLUMNS}


def own_columns() -> tuple[Column, ...]:
    """Return a column for each own field of the types that can be applied for, each name once."""
    named: dict[str, list[tuple[str, Extra]]] = {}
    for kind in KINDS.values():
        for extra in () if kind.retired else kind.fields:
            named.setdefault(extra.name, []).append((str(kind.label), extra))
    found = []
    for name, uses in named.items():
        guide = "；".join(
            _("%(kind)s：%(sort)s%(must)s") % {
                "kind": label, "sort": SORTS[extra.sort] if extra.sort != CHOICE else "、".join(extra.choices),
                "must": _("，必填") if extra.required else "",
            }
            for label, extra in uses
        )  # fmt: skip
        example = uses[0][1].told(uses[0][1].example())
        found.append(Column(f"{OWN}{name}", name, 18, False, example, _("%(uses)s。其他类型留空。") % {"uses": guide}))
    return tuple(found)


def all_columns() -> tuple[Column, ...]:
    """Return the columns that a workbook may have today: those of every batch, and the types' own."""
    return (*COLUMNS, *own_columns())


def title_of(code: str) -> str:
    """Return the heading of a column, also of an own field that its type no longer has."""
    return str(BY_CODE[code].title) if code in BY_CODE else code.removeprefix(OWN)


def own_values(kind: str, typed: Typed) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return (what a line says in the own fields of its type, as extras.py keeps it; what is wrong, by column code)."""
    fields = {extra.name: extra for extra in KINDS[kind].fields}
    told, faults = {}, []
    for code, text in typed.items():
        name = code.removeprefix(OWN)
        if not code.startswith(OWN) or not text:
            continue
        if name not in fields:
            faults.append((code, _("%(kind)s没有这个字段，请留空。") % {"kind": KINDS[kind].label}))
            continue
        try:
            told[name] = _own(fields[name], text)
        except Invalid as refusal:
            faults.append((code, refusal.message))
    kept, wrong = kept_of(tuple(fields.values()), told)
    faults += [(f"{OWN}{name}", f"{words}。") for name, words in wrong.items()]
    given = {code for code, _words in faults}
    faults += [
        (f"{OWN}{name}", _("没有填写%(title)s。") % {"title": name})
        for name in missing(tuple(fields.values()), kept)
        if f"{OWN}{name}" not in given
    ]
    return kept, faults


def _own(extra: Extra, text: str) -> Any:
    if extra.sort == AMOUNT:
        return parse_yuan(text)
    if extra.sort == DAY:
        return day_in(text) or text
    return text


@dataclass(frozen=True)
class Line:
    """One row as typed: where it stands in the sheet, the cells by column code."""

    number: int
    typed: Typed


@dataclass
class Read:
    """What a line says, as far as its cells can be read alone, and what cannot be read: (column code, words)."""

    kind: str = ""
    amount: int | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    uscc: str = ""
    extras: dict[str, Any] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)


def lines_of(content: bytes, name: str) -> list[Line]:
    """Return the rows of a workbook that hold anything.

    Raises Invalid for a file that is no sheet, lacks a required column, holds no row or more than 5,000.
    """
    rows = cells_of(content, name, rows=MOST * 2 + HEAD, largest=LARGEST)
    head, places = _headings(rows)
    found: list[Line] = []
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        typed = {code: row[place] for code, place in places.items() if place < len(row) and row[place]}
        if not typed:
            continue
        if len(found) >= MOST:
            raise _refused(
                _("表格超过 %(most)s 行，没有导入。") % {"most": f"{MOST:,}"}, _("请分成几份文件，每份单独上传。")
            )
        found.append(Line(number, typed))
    if not found:
        raise _refused(_("表格里没有填写任何一行，没有导入。"), _("从标题下面一行开始填写，一行一笔保函。"))
    return found


def _headings(rows: list[list[str]]) -> tuple[int, dict[str, int]]:
    """Return in which row the headings stand, and where each column is. What stands beside them is left out."""
    own = {_bare(column.code.removeprefix(OWN)): column.code for column in own_columns()}
    named = own | {_bare(str(word)): column.code for column in COLUMNS for word in (column.title, *column.aliases)}
    best: tuple[int, dict[str, int]] = (0, {})
    for number, row in enumerate(rows[:HEAD]):
        places: dict[str, int] = {}
        for place, text in enumerate(row):
            code = named.get(_bare(text))
            if code is not None:
                places.setdefault(code, place)
        if len(places) > len(best[1]):
            best = number, places
    missing = [str(column.title) for column in COLUMNS if column.required and column.code not in best[1]]
    if missing:
        raise _refused(
            _("表格里没有找到这些列：%(titles)s，没有导入。") % {"titles": "、".join(missing)},
            _("标题行请与模板一致，可以先下载模板。"),
        )
    return best


def _bare(text: str) -> str:
    return _REMARK.sub("", text)


def read_line(line: Line) -> Read:
    """Return what the cells of a line say. Nothing is raised: what cannot be read is a fault of its column."""
    read, typed = Read(), line.typed
    for column in COLUMNS:
        text = typed.get(column.code, "")
        if column.required and not text:
            read.faults.append((column.code, _("没有填写%(title)s。") % {"title": column.title}))
        elif len(text) > LONGEST:
            read.faults.append((column.code, _("超过 %(most)d 字，请缩短。") % {"most": LONGEST}))
    if len(typed.get("key", "")) > 40:
        read.faults.append(("key", _("序号太长，请用 40 字以内的编号。")))
    _read_kind(read, typed.get("kind", ""))
    if read.kind:
        read.extras, wrong = own_values(read.kind, typed)
        read.faults += wrong
    if text := typed.get("amount", ""):
        try:
            read.amount = parse_yuan(text)
        except Invalid as refusal:
            read.faults.append(("amount", refusal.message))
        else:
            if read.amount <= 0:
                read.amount = None
                read.faults.append(("amount", _("保函金额应大于零。")))
    read.effective_on, read.expires_on = _day(read, typed, "effective_on"), _day(read, typed, "expires_on")
    if read.effective_on and read.expires_on and read.expires_on < read.effective_on:
        read.faults.append(("expires_on", _("到期日早于生效日，请核对这两个日期。")))
    read.uscc = normalise(typed.get("applicant", ""))
    return read


def _read_kind(read: Read, text: str) -> None:
    if not text:
        return
    offered = {str(kind.label): code for code, kind in KINDS.items() if not kind.retired}
    code = offered.get(text) or offered.get(f"{text}保函") or (text if text in offered.values() else "")
    if code:
        read.kind = code
    else:
        read.faults.append(
            (
                "kind",
                _("没有“%(text)s”这种保函，可以填：%(kinds)s。") % {"text": text[:20], "kinds": "、".join(offered)},
            )
        )


def day_in(text: str) -> date | None:
    """Return the day that a cell names in any of the ways people write one; None: none."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day(read: Read, typed: Typed, code: str) -> date | None:
    text = typed.get(code, "")
    if not text or len(text) > LONGEST:
        return None
    if (found := day_in(text)) is not None:
        return found
    read.faults.append((code, _("“%(text)s”不是日期，请写成 2026-12-01。") % {"text": text[:20]}))
    return None


def _refused(message: str, advice: str) -> Invalid:
    return Invalid(message, advice=advice, fields={"file": message})
