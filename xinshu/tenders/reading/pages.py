"""From a page to facts: pairs of label and value out of tables and lines, sentences, then values. Source-blind.

Three shapes are known: a label beside its value, a row of labels above rows of values (a row is a lot), and a ranking
(第一名, 第二名 …) whose columns are bidders. Whatever no shape explains is left alone.
"""

# ruff: noqa: E501  (a table is read across)

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from xinshu.tenders.reading.facts import Fact, Reading
from xinshu.tenders.reading.kinds import AWARD, CANDIDATE, kind_of
from xinshu.tenders.reading.labels import Unreadable, read_days
from xinshu.tenders.reading.layout import Cell, Page, headed, page_of
from xinshu.tenders.reading.subjects import about
from xinshu.tenders.reading.values import NAME, one_name, plain, read_day, read_names, read_price
from xinshu.tenders.reading.warranties import guarantees_in

WORDS: tuple[tuple[str, str], ...] = (  # code, label without spaces, colon and unit; the first that fits wins
    ("candidate", r"(?:第[一二三四五1-5](?:名)?(?:中标|成交|中选)?候选人?|(?:中标|成交|中选)候选(?:人|单位|供应商))(?:单位)?(?:名称|全称)?"),
    ("winner", r"(?:第[一1]名)?(?:拟|预)?(?:中标|成交|中选|入围|中签)(?:[（(](?:成交|中标|中选)[)）])?(?:人|单位|供应商|方|企业|公司|投标人|社会投资人|承包人|机构)(?:名称|全称|姓名)?"),
    ("winner", r"(?:供应商|承包人|承包单位)(?:名称|全称)?"),
    ("price", r"(?:拟)?(?:中标|成交|中选|合同|投标|签约合同)(?:[（(](?:成交|中标)[)）])?(?:总|暂定)?(?:价格|价款|价|金额|报价|总价|总额|额|费率|结果)(?:[（(]?(?:报价承诺|总价|小写|大写|人民币)[)）]?)*"),
    ("price", r"报价承诺|总报价|最终报价|中标折扣率|中标下浮率"),
    ("lot_name", r"(?:标段|标包|分包|合同包|包|标项)(?:[（(](?:包|标段)[)）])?(?:名称|内容)"),
    ("lot_number", r"(?:标段|标包|分包|合同包|包|标项)(?:[（(](?:包|标段)[)）])?(?:编号|号|序号)?|标项"),
    ("project", r"(?:招标|采购|工程|建设|交易)?(?:项目|工程)名称"),
    ("number", r"(?:招标|采购|工程|交易|备案)?(?:项目)?(?:代码|编号)|项目招标编号"),
    ("buyer", r"(?:招标|采购)(?:人|单位)(?:名称|全称|信息)?|建设单位(?:名称)?|业主(?:单位)?(?:名称)?|发包人"),
    ("agency", r"(?:招标|采购)?代理(?:机构|单位|公司)(?:名称|全称)?|招标机构"),
    ("contract_days", r"(?:履约|履行|服务|交货|合同|计划|中标|总)?(?:期限|工期|履行期限|服务期限?|交货期)"),
    ("validity_days", r"投标有效期"),
    ("opens_on", r"(?:开标|开启|评标)(?:时间|日期)|(?:投标|响应)文件(?:递交|提交)截止(?:时间|日期)"),
    ("published_on", r"公告(?:发布)?(?:日期|时间)|发布(?:日期|时间)|公示发布(?:日期|时间)"),
    ("publicity", r"(?:公示|公告)(?:期|期限|期间|时间|起止时间)"),
    ("site", r"(?:建设|工程|项目|施工)地点"),
)  # fmt: skip
_LABELS = [(code, re.compile(pattern)) for code, pattern in WORDS]
_INLINE = re.compile(
    "|".join(f"(?:{pattern})" for _code, pattern in WORDS if pattern), re.IGNORECASE
)  # what can begin a value in a line: a label and then a colon or 为
_SEPARATED = re.compile(
    rf"(?<![\u4e00-\u9fff])({_INLINE.pattern})\s*(?:[（(]([^（()）]{{1,16}})[)）])?\s*(?:[:：]|为[:：]?|是)\s*"
)
_NUMBERING = re.compile(r"^(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）]?[、.．\s]|[*●■◆▪·])+")
_ORDINAL = re.compile(r"第([一二三四五12345])(?:名|中标候选人|候选人|成交候选人)?")
_ORDINALS = dict(zip("一二三四五12345", (1, 2, 3, 4, 5) * 2, strict=True))
_RANK = re.compile(r"(?:名次|排名|排序|序号|推荐排序|候选人排序)")
_PROSE = (
    re.compile(r"(?:确定|确认|现将|推荐|由|同意)(?P<name>[^，。；：:\n\t]{4,80}?)(?:为|是)(?:本|该|此)?(?:项目|工程|标段|次招标|次采购)?(?:[^，。；\n]{0,20}?)(?:的)?(?:中标|成交|中选)(?:人|单位|供应商|方)"),
    re.compile(r"(?:最终)?由(?P<name>[^，。；：:\n\t]{4,80}?)(?:以[^。\n]{1,60}?)?(?:中标|成交|中选)(?:[，。；]|$)"),
)  # fmt: skip
_PROSE_PRICE = re.compile(
    r"(?:中标|成交|中选|合同)(?:总)?(?:价|金额|价格|报价|总价)(?:为|是|[:：])\s*(?P<price>[^。；\n\t]{1,90})|以(?P<by>[^。；\n\t]{1,60}?元[^。；\n\t]{0,40}?)(?:的(?:价格|报价|投标价))?(?:中标|成交)"
)
LONGEST_LABEL = 30


@dataclass(frozen=True)
class Pair:
    """A value with the label that it stands under; `row` tells apart lots that share a table, `rank` bidders."""

    code: str
    value: Cell
    unit: str = ""
    row: int | None = None
    rank: int = 0


def read_page(source: str, title: str = "") -> Reading:
    """Return everything read from a notice. A page that tells nothing gives no facts."""
    title = " ".join(title.split())
    page = headed(page_of(source), title)
    kind = kind_of(title, page.text)
    pairs = list(_pairs(page))
    facts = _Facts(kind)
    for pair in pairs:
        facts.take(pair)
    if not facts.has("winner", "candidate"):
        facts.prose(page.text)
    facts.found += guarantees_in(page.text)
    facts.found += about(page.text, title, facts.found)
    return Reading(kind, page.text, tuple(facts.found))


def label_of(words: str) -> tuple[str, str] | None:
    """Return (code, unit) when `words` are a label, else None. "中标价(万元)：" is ("price", "万元")."""
    words = re.sub(r"\s", "", plain(words))
    words = _NUMBERING.sub("", words).strip(":：*")
    if not words or len(words) > LONGEST_LABEL:
        return None
    unit = ""
    if bracketed := re.search(r"[（(]([^（()）]*)[)）]$", words):
        inner = bracketed[1]
        if (unit := _unit_of(inner)) or re.fullmatch(r"天|日历天|日|盖章|全称|如有|人民币|含税|公章", inner):
            words = words[: bracketed.start()]
    for code, pattern in _LABELS:
        if pattern.fullmatch(words):
            if "费率" in words or "率" in words[-2:]:
                unit = unit or "%"
            return code, unit
    return None


def _unit_of(words: str) -> str:
    if re.search(r"元\s*/\s*%|元或%|元、%", words):
        return "元/%"
    if "万元" in words:
        return "万元"
    if re.search(r"元|¥|￥", words):
        return "元"
    return "%" if re.search(r"[%％]|费率", words) else ""


def _pairs(page: Page) -> Iterator[Pair]:
    tabled: list[tuple[int, int]] = []
    found: list[Pair] = []
    for table in page.tables:
        for pair in _of_table(table):
            found.append(pair)
            tabled.append((pair.value.start, pair.value.end))
    for pair in _of_lines(page.text):
        if not any(start <= pair.value.start < end for start, end in tabled):
            found.append(pair)
    found.sort(key=lambda pair: pair.value.start)
    yield from found


def _of_table(table: list[list[Cell]]) -> Iterator[Pair]:
    rows = [_once(row) for row in table]
    at, order = 0, 0
    ranking: list[int] = []
    heads: list[tuple[str, str] | None] = []
    while at < len(rows):
        row, wide = rows[at], table[at]
        known = [label_of(cell.text) for cell in wide]
        first = known[0] if known else None
        ordinals = [_ordinal(cell.text) for cell in wide]
        if sum(rank is not None for rank in ordinals) >= 2 and not any(NAME.search(cell.text) for cell in wide):
            ranking, heads = [rank or 0 for rank in ordinals], []
        elif ranking and first is not None and len(wide) == len(ranking):
            yield from _ranked(wide, ranking, first)
        elif _is_head(row, rows[at + 1] if at + 1 < len(rows) else []):
            heads, ranking = known, []
        elif heads and len(wide) == len(heads) and not (len(row) > 1 and label_of(row[0].text) and heads[0] != first):
            for head, cell in zip(heads, wide, strict=True):
                if head is not None and cell.text:
                    yield Pair(head[0], cell, head[1], row=order, rank=_rank_in(wide))
            order += 1
        else:
            heads = []
            yield from _beside(row)
        at += 1


def _once(row: list[Cell]) -> list[Cell]:
    """Return the cells of a row, those that span columns once."""
    return [
        cell for place, cell in enumerate(row) if not place or (row[place - 1] is not cell and row[place - 1] != cell)
    ]


def _is_head(row: list[Cell], below: list[Cell]) -> bool:
    known = sum(label_of(cell.text) is not None for cell in row)
    labelled = [label_of(cell.text) is not None for cell in row]
    beside = any(one and two for one, two in pairwise(labelled))
    if known < 2 or not beside or not below:
        return False
    words = [cell.text for cell in row if cell.text]
    shortly = all(len(text) <= LONGEST_LABEL and not re.search(r"\d{4}|公司$", text) for text in words)
    return shortly and sum(label_of(cell.text) is not None for cell in below) * 2 < known


def _ordinal(words: str) -> int | None:
    found = _ORDINAL.fullmatch(re.sub(r"\s", "", words))
    return _ORDINALS[found[1]] if found else None


def _rank_in(row: list[Cell]) -> int:
    return next((rank for cell in row[:2] if (rank := _ordinal(cell.text))), 0)


def _ranked(row: list[Cell], ranking: list[int], head: tuple[str, str]) -> Iterator[Pair]:
    code = "candidate" if head[0] in ("winner", "candidate") else head[0]
    for rank, cell in zip(ranking, row, strict=True):
        if rank and cell.text:
            yield Pair(code, cell, head[1], rank=rank)


def _beside(row: list[Cell]) -> Iterator[Pair]:
    """Yield label and value where one cell stands beside the other."""
    place = 0
    while place + 1 < len(row):
        head = label_of(row[place].text)
        if head is not None and label_of(row[place + 1].text) is None:
            rank = _ordinal(row[place].text) or 0
            if row[place + 1].text:
                yield Pair(head[0], row[place + 1], head[1], rank=rank)
            place += 2
        else:
            place += 1


def _of_lines(text: str) -> Iterator[Pair]:
    """Yield what stands behind "label：" or "label为" in running text."""
    found = list(_SEPARATED.finditer(text))
    for place, label in enumerate(found):
        head = label_of(label[1])
        if head is None:
            continue
        if re.match(r"(?:招标|采购)人代表|公章", label[1]):
            continue
        upto = found[place + 1].start() if place + 1 < len(found) else len(text)
        value = text[label.end() : upto]
        stop = re.search(r"\n|\t|[；;。]", value)
        value = value[: stop.start()] if stop else value
        if head[0] != "price":
            value = re.split(r"[，,](?=\S{2,10}[:：])| {2,}", value)[0]
        lead = len(value) - len(value.lstrip())
        words = value.strip().rstrip("，,、")
        if words:
            unit = head[1] or (_unit_of(label[2]) if label[2] else "")
            ordinal = _ORDINAL.match(label[1])
            yield Pair(head[0], Cell(words, label.end() + lead), unit, rank=_ordinal(ordinal[0]) or 0 if ordinal else 0)


class _Facts:
    """Facts as they come in: pairs are told to lots, values are read."""

    def __init__(self, kind: str) -> None:
        self.kind, self.lot = kind, 0
        self.found: list[Fact] = []
        self.row: int | None = None
        self.met: set[str] = set()  # codes of the lot that is being read

    def has(self, *codes: str) -> bool:
        return any(fact.code in codes for fact in self.found)

    def take(self, pair: Pair) -> None:
        """Read one pair into the lot that it belongs to."""
        if pair.row is not None and pair.row != self.row:
            if self.row is not None or self.met & {"winner", "candidate"}:
                self.next_lot()
            self.row = pair.row
        elif pair.row is None and pair.code in ("lot_name", "lot_number") and self.met & {"winner", "candidate"}:
            self.next_lot()
        elif pair.row is None and pair.code == "winner" and "winner" in self.met:
            if self.same_winner(pair.value.text):
                return
            self.next_lot()
        read = getattr(self, f"_{pair.code}", None)
        if read is not None:
            read(pair)
        else:
            self._words(pair)
        self.met.add(pair.code)

    def next_lot(self) -> None:
        self.lot, self.met = self.lot + 1, set()

    def same_winner(self, words: str) -> bool:
        return any(fact.code == "winner" and fact.value in words for fact in self.found)

    def add(self, code: str, value: str, at: Cell, **more: object) -> None:
        fact = Fact(code, value, at.start, at.end, lot=self.lot, **more)  # type: ignore[arg-type]
        twin = (fact.code, fact.value, fact.lot, fact.number)
        if all((one.code, one.value, one.lot, one.number) != twin for one in self.found):
            self.found.append(fact)

    def _words(self, pair: Pair) -> None:
        value = pair.value.text.strip('“”"')
        if value and not set(value) <= set("/／-—无"):
            self.add(pair.code, value[:300], pair.value)

    def _buyer(self, pair: Pair) -> None:
        if name := one_name(pair.value.text):
            self.add(pair.code, name, Cell(name, pair.value.start + pair.value.text.index(name)))

    _agency = _buyer

    def _candidate(self, pair: Pair) -> None:
        rank = pair.rank or 1 + sum(fact.code == "candidate" and fact.lot == self.lot for fact in self.found)
        try:
            names, sure, why = read_names(pair.value.text)
        except Unreadable:
            return
        if sure or len(names) > 1:
            self.add("candidate", names[0], pair.value, number=rank, sure=sure, note=why)

    def _winner(self, pair: Pair) -> None:
        if self.kind == CANDIDATE or pair.rank > 1:
            self._candidate(pair)
            return
        try:
            names, sure, why = read_names(pair.value.text)
        except Unreadable:
            return
        for place, name in enumerate(names):
            start = pair.value.text.find(name)
            at = Cell(name, pair.value.start + start) if start >= 0 else pair.value
            self.add("winner" if place == 0 else "member", name, at, sure=sure, note=why)

    def _price(self, pair: Pair) -> None:
        price = read_price(pair.value.text, pair.unit)
        if price is None:
            return
        more = {
            "sure": price.sure,
            "note": price.note or (_("第 %(n)d 名的报价") % {"n": pair.rank} if pair.rank else ""),
        }
        if pair.rank > 1:
            return
        if price.fen is not None:
            if "amount" not in self.met:
                self.add("amount", pair.value.text[:120], pair.value, number=price.fen, **more)
            self.met.add("amount")
        elif price.rate is not None:
            self.add("rate", f"{price.rate:f}", pair.value, **more)
        elif price.lowest is not None:
            self.add("lowest", pair.value.text[:120], pair.value, number=price.lowest, **more)
            self.add("highest", pair.value.text[:120], pair.value, number=price.highest, **more)
        else:
            self.add("price", pair.value.text[:300], pair.value, **more)

    def _contract_days(self, pair: Pair) -> None:
        days = read_days(pair.value.text)
        if days is not None:
            self.add(pair.code, pair.value.text[:300], pair.value, number=days)

    _validity_days = _contract_days

    def _published_on(self, pair: Pair) -> None:
        if (day := read_day(pair.value.text)) is not None:
            self.add(pair.code, day.isoformat(), pair.value)

    _opens_on = _published_on

    def prose(self, text: str) -> None:
        """Read who won, and for how much, from sentences."""
        if self.kind not in (AWARD, "other"):
            return
        for pattern in _PROSE:
            for found in pattern.finditer(text):
                name = found["name"].strip()
                if NAME.search(name):
                    self._winner(Pair("winner", Cell(name, found.start("name"))))
            if self.has("winner"):
                break
        if self.has("winner") and not self.has("amount", "rate"):
            told = _PROSE_PRICE.search(text)
            if told:
                group = "price" if told["price"] else "by"
                self._price(Pair("price", Cell(told[group].strip(), told.start(group))))
