"""Financial statements: every cell with its place, held against the sums that the statement itself states.

Layout and identities after 一般企业财务报表格式 (财会〔2019〕6 号): subtotals over what stands above them, 资产总计 =
负债和所有者权益总计, profit step by step, three net flows into the change of cash. Items that we do not know count
towards the subtotal under which they stand.
"""

# ruff: noqa: E501  (a table is read across)

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from xinshu.documents.reading.auditing import Audit, Cell, Identity, audit
from xinshu.documents.reading.lines import Line, Sheet, bare, half
from xinshu.documents.reading.values import CHECKED, DENIED, SURE, UNITS, Found, Value, as_value, first, read_fen

COLUMNS = {
    "end": r"期末(?:余额|数|金额)?|年末(?:余额|数)?",
    "begin": r"年初(?:余额|数)?|期初(?:余额|数)?|上年年末(?:余额|数)?",
    "this": r"本(?:期|年|月)(?:累计)?(?:金额|数)|本年累计(?:金额|数)?",
    "last": r"上(?:期|年|月)(?:同期)?(?:累计)?(?:金额|数)",
}
KNOWN = (
    "货币资金", "交易性金融资产", "应收票据", "应收账款", "应收款项融资", "预付款项", "其他应收款", "存货", "合同资产",
    "一年内到期的非流动资产", "其他流动资产", "流动资产合计", "长期应收款", "长期股权投资", "投资性房地产", "固定资产", "在建工程",
    "使用权资产", "无形资产", "开发支出", "商誉", "长期待摊费用", "递延所得税资产", "其他非流动资产", "非流动资产合计", "资产总计",
    "短期借款", "应付票据", "应付账款", "预收款项", "合同负债", "应付职工薪酬", "应交税费", "其他应付款", "一年内到期的非流动负债",
    "其他流动负债", "流动负债合计", "长期借款", "应付债券", "租赁负债", "长期应付款", "预计负债", "递延收益", "递延所得税负债",
    "其他非流动负债", "非流动负债合计", "负债合计", "实收资本", "股本", "资本公积", "库存股", "其他综合收益", "专项储备", "盈余公积",
    "未分配利润", "所有者权益合计", "股东权益合计", "负债和所有者权益总计", "负债和股东权益总计", "营业收入", "营业成本", "税金及附加",
    "销售费用", "管理费用", "研发费用", "财务费用", "利息费用", "利息收入", "其他收益", "投资收益", "公允价值变动收益", "信用减值损失",
    "资产减值损失", "资产处置收益", "营业利润", "营业外收入", "营业外支出", "利润总额", "所得税费用", "净利润",
    "销售商品、提供劳务收到的现金", "收到的税费返还", "收到其他与经营活动有关的现金", "经营活动现金流入小计",
    "购买商品、接受劳务支付的现金", "支付给职工以及为职工支付的现金", "支付的各项税费", "支付其他与经营活动有关的现金",
    "经营活动现金流出小计", "经营活动产生的现金流量净额", "收回投资收到的现金", "取得投资收益收到的现金", "投资活动现金流入小计",
    "处置固定资产、无形资产和其他长期资产收回的现金净额", "收到其他与投资活动有关的现金",
    "购建固定资产、无形资产和其他长期资产支付的现金", "投资支付的现金", "支付其他与投资活动有关的现金", "投资活动现金流出小计",
    "投资活动产生的现金流量净额", "吸收投资收到的现金", "取得借款收到的现金", "收到其他与筹资活动有关的现金", "筹资活动现金流入小计",
    "偿还债务支付的现金", "分配股利、利润或偿付利息支付的现金", "支付其他与筹资活动有关的现金", "筹资活动现金流出小计",
    "筹资活动产生的现金流量净额", "汇率变动对现金及现金等价物的影响", "现金及现金等价物净增加额", "期初现金及现金等价物余额",
    "期末现金及现金等价物余额",
)  # fmt: skip
SAME = {"股东权益合计": "所有者权益合计", "负债和股东权益总计": "负债和所有者权益总计", "股本": "实收资本",
        "负债及所有者权益总计": "负债和所有者权益总计", "所有者权益总计": "所有者权益合计"}  # fmt: skip
COSTS = frozenset(("营业成本", "税金及附加", "销售费用", "管理费用", "研发费用", "财务费用", "库存股"))
_HEADINGS = re.compile(
    r"(?:流动资产|非流动资产|流动负债|非流动负债|所有者权益|股东权益)(?:\(.*\))?:?$|.*活动产生的现金流量:?$"
)


@dataclass(frozen=True)
class Statement:
    """A statement: whose and as of when, its cells (code "item|column"), and what does not add up, in words.

    `sums`: what it states to be sums, by column.
    """

    heads: tuple[Value, ...]
    cells: tuple[Value, ...]
    remarks: tuple[str, ...]
    sums: dict[str, list[Identity]]


@dataclass(frozen=True)
class _Item:
    """One line of a statement: its name, its figures by column, how it is set (其中, 减)."""

    name: str
    mode: str  # "", "minus", "plus", "part"
    figures: dict[str, Line]
    sheet: int


def read_statement(kind: str, sheets: Sequence[Sheet]) -> Statement:
    """Return all cells, each confirmed or contradicted by the sums of the statement."""
    sheets = [_whole(sheet) for sheet in sheets]
    unit = _unit(sheets)
    scale = UNITS[unit.value]
    printed = all(sheet.printed for sheet in sheets)
    items = [item for sheet in sheets for item in _items(sheet)]
    columns = sorted({column for item in items for column in item.figures})
    values: list[Value] = []
    remarks: list[str] = []
    sums: dict[str, list[Identity]] = {}
    for column in columns:
        cells = {item.name: _cell(item, column, scale) for item in items if column in item.figures}
        sums[column] = [one for one in _identities(kind, items, column) if all(name in cells for name in one.signs)]
        found = audit(cells, sums[column])
        values += [
            _value(item, column, cells[item.name], found, printed=printed) for item in items if column in item.figures
        ]
        remarks += [_("%(what)s（%(column)s）与分项不符，相差 %(yuan)s 元") % {
            "what": broken.total, "column": column_label(column), "yuan": f"{abs(broken.rest(cells)) / 100:,.2f}",
        } for broken in found.broken]  # fmt: skip
    return Statement((*_heads(sheets), unit), tuple(values), tuple(remarks), sums)


def contradicting(sums: dict[str, list[Identity]], values: Mapping[str, int]) -> dict[str, str]:
    """Return, by cell ("item|column"), what is wrong among `values` (分): cells of every sum that does not hold."""
    found: dict[str, str] = {}
    for column, identities in sums.items():
        for one in identities:
            codes = {f"{name}|{column}": sign for name, sign in one.signs.items()}
            if not all(code in values for code in codes):
                continue
            rest = sum(sign * values[code] for code, sign in codes.items())
            if rest:
                words = _("%(what)s与分项相差 %(yuan)s 元，请对照原件。") % {
                    "what": one.total,
                    "yuan": f"{abs(rest) / 100:,.2f}",
                }
                found |= dict.fromkeys(codes, words)
    return found


def column_label(column: str) -> str:
    return {"end": _("期末"), "begin": _("年初"), "this": _("本期"), "last": _("上期")}.get(column, column)


def _heads(sheets: Sequence[Sheet]) -> Iterator[Value]:
    name = as_value("legal_name", "name", first(sheets, ("编制单位", "单位名称", "编报单位"), ("单位", "日期")))
    if name is not None:
        yield name
    for sheet in sheets[:1]:
        for row in sheet.rows[:8]:
            if found := re.search(
                r"(?:19|20)\d\d\s*[年.-]\s*\d{1,2}\s*[月.-]\s*\d{1,2}\s*日?|((?:19|20)\d\d)\s*年\s*度", row.text
            ):
                lines = row.at(found.start(), found.end())
                words = f"{found[1]}年12月31日" if found[1] else found[0]
                on = as_value("period_end", "day", Found(words, lines, (0, 0)))
                if on is not None:
                    yield replace(on, raw=found[0])
                    return


def _unit(sheets: Sequence[Sheet]) -> Value:
    """Return in what the statement reckons. Sums hold in any unit: where it is not read, a person must look."""
    for sheet in sheets:
        for row in sheet.rows[:10]:
            if found := re.search(
                r"单位[:为]*(?:人民币)?(百万元|[千万亿]?元)|人民币(百万元|[千万亿]元)", bare(row.text)
            ):
                line = next((one for one in row.lines if found[0] in bare(one.text)), row.lines[-1])
                told = found[1] or found[2]
                return Value("unit", told, line.confidence >= SURE, line.confidence, line.page, line.box, raw=found[0])
    page = sheets[0].number if sheets else 1
    return Value(
        "unit",
        "元",
        False,
        DENIED,
        page,
        note=_("没有读到金额单位，按元读取。不是元的，请标为不采用，换一份看得清单位的文件。"),
    )


def _items(sheet: Sheet) -> Iterator[_Item]:
    """Yield the lines of a statement, the left side first where it has two."""
    heads = _columns(sheet)
    if not heads:
        return
    below = max(line.middle for _column, line in heads)
    names = [column for column, _line in heads]
    half = len(names) // 2
    two = len(names) >= 4 and names[:half] == names[half : 2 * half]
    sides = [heads[:half], heads[half : 2 * half]] if two else [heads]
    border = _border(heads[half - 1][1], heads[half][1], sheet) if two else 1001
    for number, side in enumerate(sides):
        mode = ""
        for row in sheet.rows:
            lines = [line for line in row.lines if (line.box[0] >= border - 4) == bool(number) or not two]
            lines = [line for line in lines if line.middle > below]
            words = [line for line in lines if re.search(r"[\u4e00-\u9fff]", line.text)]
            if not words:
                continue
            until = min(
                (line.box[0] for line in lines if line not in words and re.search(r"\d", line.text)), default=1001
            )
            parts = [bare(line.text) for line in words if line.box[0] < until] or [bare(words[0].text)]
            name, mode = _named(_likeliest(parts), mode)
            figures: dict[str, tuple[float, Line]] = {}
            for line in lines:
                if (
                    line not in words
                    and (line.text and re.search(r"\d", line.text))
                    and not re.fullmatch(r"\d{1,3}", bare(line.text))
                ):
                    away, column = min((abs(_middle(head) - _middle(line)), column) for column, head in side)
                    if column not in figures or away < figures[column][0]:  # a note's number stands farther off
                        figures[column] = away, line
            if name:
                yield _Item(name, mode, {column: line for column, (_away, line) in figures.items()}, sheet.number)


def _middle(line: Line) -> float:
    return (line.box[0] + line.box[2]) / 2


def _border(left: Line, right: Line, sheet: Sheet) -> int:
    """Return where the right half of a two-sided statement begins: where most words between its columns begin."""
    between = [line.box[0] for line in sheet.lines if line.box[0] > _middle(left) and line.box[2] < right.box[0] + 10
               and re.search(r"[\u4e00-\u9fff]{2}", line.text) and line.middle > right.box[1]]  # fmt: skip
    if not between:
        return left.box[2]
    common = max(between, key=lambda edge: sum(-6 <= other - edge <= 24 for other in between))  # a seal has words, too
    return min(edge for edge in between if abs(edge - common) <= 24) - 4


def _columns(sheet: Sheet) -> list[tuple[str, Line]]:
    """Return the heads of the columns of figures, from the left: [("end", line), ...].

    A head that a stamp or a fold hides is made good from its column: figures stand in columns of their own, and the
    columns of a statement come in pairs.
    """
    heads: list[tuple[str, Line]] = []
    for row in sheet.rows[:14]:
        found = []
        for line in row.lines:
            words = re.sub(r"\(.*?\)", "", bare(line.text))
            column = next((column for column, pattern in COLUMNS.items() if re.fullmatch(pattern, words)), "")
            if column:
                found.append((column, line))
        if len(found) > len(heads):
            heads = found
    if not heads:
        return []
    edges = _edges(sheet)
    if len(edges) not in (2, 4) or len(heads) >= len(edges):
        return heads
    near = {
        min(range(len(edges)), key=lambda at: abs(edges[at] - _middle(line))): (column, line) for column, line in heads
    }
    pair = ("end", "begin") if heads[0][0] in ("end", "begin") else ("this", "last")
    if any(column != pair[at % 2] for at, (column, _line) in near.items()):
        pair = (pair[1], pair[0])
    if any(column != pair[at % 2] for at, (column, _line) in near.items()):
        return []  # heads that contradict their order: better no figures than those of another year
    model = heads[0][1]
    return [
        near.get(at, (pair[at % 2], replace(model, box=(edge - 20, model.box[1], edge + 20, model.box[3]))))
        for at, edge in enumerate(edges)
    ]


def _edges(sheet: Sheet) -> list[int]:
    """Return the middles of the columns in which figures stand, from the left."""
    columns: list[list[Line]] = []
    for line in sorted(sheet.lines, key=lambda line: line.box[2]):
        if not re.fullmatch(r"[-(]?[\d,.]*\d[.,]\d{2}\)?", bare(line.text)):
            continue
        if columns and line.box[2] - columns[-1][-1].box[2] <= 14:
            columns[-1].append(line)
        else:
            columns.append([line])
    return [round(sum(map(_middle, column)) / len(column)) for column in columns if len(column) >= 3]


def _named(words: str, mode: str) -> tuple[str, str]:
    """Return the name of an item, known or as it stands, and how it counts from here on."""
    bare_words = re.sub(r"^[一二三四五六七八九十]{1,2}[、.]|^[((][一二三四五六七八九十][)）]", "", words)
    if found := re.match(r"(其中|减|加):?", bare_words):
        sign = {"其中": "part", "减": "minus", "加": "plus"}[found[1]]
        bare_words = bare_words[found.end() :]
    else:
        sign = "plus" if mode == "part" else mode
    name = re.sub(r"\(.*?(?:\)|$)|[::]$", "", bare_words).strip()
    if _HEADINGS.fullmatch(words) or re.match(r"^[一二三四五六七八九十]{1,2}[、.]", words):
        sign = ""
    known = _known(name)
    if known in ("利息费用", "利息收入"):
        sign = "part"
    return (known or name) if not _HEADINGS.fullmatch(words) else f"#{name}", sign


def _likeliest(parts: list[str]) -> str:
    """Return what names the item: all words of the row, or only the first of them where a seal adds its own."""
    return next((words for words in ("".join(parts), parts[0]) if _known(_named(words, "")[0])), "".join(parts))


def _whole(sheet: Sheet) -> Sheet:
    """Return the page with figures and words that were read as one line taken apart."""
    lines: list[Line] = []
    for line in sheet.lines:
        found = re.fullmatch(r"([-(]?[\d,.]*\d[.,]\d{2}\)?)\s*([\u4e00-\u9fff].*)", half(line.text))
        if found is None:
            lines.append(line)
            continue
        left, top, right, bottom = line.box
        cut = left + (right - left) * len(found[1]) // (len(found[1]) + 2 * len(found[2]))
        lines.append(replace(line, text=found[1], box=(left, top, cut, bottom), also=()))
        lines.append(replace(line, text=found[2], box=(cut + 2, top, right, bottom), also=()))
    return replace(sheet, lines=tuple(lines))


def _known(name: str) -> str:
    name = SAME.get(name, name)
    if name in KNOWN:
        return name
    if (
        len(name) >= 2
        and len(holding := [known for known in KNOWN if name in known and len(known) <= len(name) + 2]) == 1
    ):
        return SAME.get(holding[0], holding[0])  # a seal hides a sign or two
    near = [(SequenceMatcher(None, name, known).ratio(), known) for known in KNOWN if abs(len(known) - len(name)) <= 1]
    best = max(near, default=(0.0, ""))
    if len(name) >= 4 and best[0] >= 1 - 1.2 / len(name):
        return SAME.get(best[1], best[1])
    return ""


def _cell(item: _Item, column: str, scale: int) -> Cell:
    line = item.figures[column]
    fen = _figure(line.text, scale)
    others = tuple(one for text in line.also if (one := _figure(text, scale)) is not None and one != fen)
    return Cell(fen, line.confidence, others, bare(line.text))


def _figure(text: str, scale: int) -> int | None:
    found = read_fen(re.sub(r"^[一—–-]\s*(?=\d)", "-", bare(text)))
    return None if found is None else found * scale // 100


def _identities(kind: str, items: list[_Item], column: str) -> list[Identity]:
    """Return the sums that the statement states, over what was read in this column."""
    there = {item.name for item in items if column in item.figures}
    match kind:
        case "balance":
            return list(_of_balance(items, column, there))
        case "income":
            return list(_of_income(items, column, there))
    return list(_of_cash(items, column, there))


def _group(items: list[_Item], column: str, there: set[str], totals: set[str]) -> Iterator[Identity]:
    """Yield every total over the leaves that stand between it and the total or heading before it."""
    leaves: list[tuple[str, int]] = []
    for item in items:
        if item.name.startswith("#"):
            leaves = []
        elif item.name in totals or re.search(r"(?:合计|总计|小计)$", item.name):
            if item.name in there and len(leaves) >= 1 and item.name in totals:
                yield Identity(item.name, tuple(leaves))
            leaves = []
        elif column in item.figures and item.mode != "part":
            leaves.append((item.name, -1 if item.mode == "minus" else 1))


def _stated(
    there: set[str], total: str, parts: Sequence[tuple[str, int]], optional: Sequence[str] = ()
) -> Iterator[Identity]:
    if total in there and all(part in there for part, _sign in parts):
        more = [(part, 1) for part in optional if part in there]
        yield Identity(total, (*parts, *more))


def _of_balance(items: list[_Item], column: str, there: set[str]) -> Iterator[Identity]:
    yield from _group(
        items, column, there, {"流动资产合计", "非流动资产合计", "流动负债合计", "非流动负债合计", "所有者权益合计"}
    )
    yield from _stated(there, "资产总计", (("流动资产合计", 1), ("非流动资产合计", 1)))
    yield from _stated(there, "负债合计", (("流动负债合计", 1), ("非流动负债合计", 1)))
    yield from _stated(there, "负债和所有者权益总计", (("负债合计", 1), ("所有者权益合计", 1)))
    yield from _stated(there, "资产总计", (("负债和所有者权益总计", 1),))


def _of_income(items: list[_Item], column: str, there: set[str]) -> Iterator[Identity]:
    parts: list[tuple[str, int]] = []
    begun = False
    for item in items:
        begun = begun or item.name == "营业收入"
        if item.name == "营业利润":
            if item.name in there and len(parts) > 1:
                yield Identity(item.name, tuple(parts))
            break
        if begun and column in item.figures and item.mode != "part":
            parts.append((item.name, -1 if item.name in COSTS or item.mode == "minus" else 1))
    yield from _stated(there, "利润总额", (("营业利润", 1), ("营业外收入", 1), ("营业外支出", -1)))
    yield from _stated(there, "净利润", (("利润总额", 1), ("所得税费用", -1)))


def _of_cash(items: list[_Item], column: str, there: set[str]) -> Iterator[Identity]:
    sums = {f"{name}活动现金流{way}小计" for name in ("经营", "投资", "筹资") for way in "入出"}
    yield from _group(items, column, there, sums)
    nets = []
    for name in ("经营", "投资", "筹资"):
        net = f"{name}活动产生的现金流量净额"
        nets.append((net, 1))
        yield from _stated(there, net, ((f"{name}活动现金流入小计", 1), (f"{name}活动现金流出小计", -1)))
    yield from _stated(there, "现金及现金等价物净增加额", nets, ("汇率变动对现金及现金等价物的影响",))
    yield from _stated(
        there, "期末现金及现金等价物余额", (("现金及现金等价物净增加额", 1), ("期初现金及现金等价物余额", 1))
    )


def _value(item: _Item, column: str, cell: Cell, found: Audit, *, printed: bool) -> Value:
    line = item.figures[column]
    code = f"{item.name}|{column}"
    base = Value(
        code, "" if cell.fen is None else str(cell.fen), False, cell.confidence, line.page, line.box, raw=cell.text[:60]
    )
    if item.name in found.repaired:
        return replace(
            base,
            proposed=str(found.repaired[item.name]),
            confidence=DENIED,
            note=_("与合计不符，按勾稽关系应为另一个数。"),
        )
    if cell.fen is None:
        return replace(base, confidence=DENIED, note=_("这一格读不出金额，请核对。"))
    if item.name in found.suspected:
        return replace(base, confidence=DENIED, note=_("与合计不符，请对照原件。"))
    if item.name in found.confirmed:
        return replace(base, sure=True, confidence=max(cell.confidence, CHECKED))
    if item.name in found.depends:
        return replace(base, depends=True)
    return replace(base, sure=printed, note="" if printed else _("没有合计可以印证，请核对。"),
                   confidence=min(cell.confidence, SURE))  # fmt: skip
