"""One reader per kind of document: from sheets to values, amounts held against each other before they are believed."""

# ruff: noqa: E501  (a table is read across)

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from xinshu.documents.reading.auditing import Identity
from xinshu.documents.reading.kinds import KINDS, UNKNOWN, classify
from xinshu.documents.reading.lines import Line, Row, Sheet, around, bare
from xinshu.documents.reading.statements import read_statement
from xinshu.documents.reading.values import (
    CHECKED,
    DENIED,
    SURE,
    Found,
    Value,
    as_value,
    capitals_in,
    figures_in,
    first,
    labelled,
    read_fen,
    resident_number,
)

Sheets = Sequence[Sheet]


@dataclass(frozen=True)
class Reading:
    """What was read from a document. `remarks`: what does not fit together in it; `sums`: what it states to be sums."""

    kind: str
    certainty: float
    values: tuple[Value, ...]
    remarks: tuple[str, ...] = ()
    sums: dict[str, list[Identity]] = field(default_factory=dict)


def read_document(sheets: Sheets, kind: str = "") -> Reading:
    """Return what a document says. `kind`: what a person says it is; else it is judged by what stands on it."""
    found, certainty = (kind, 1.0) if kind else classify(sheets)
    if found == UNKNOWN or found not in KINDS:
        return Reading(UNKNOWN, certainty, ())
    if KINDS[found].statement:
        statement = read_statement(found, sheets)
        return Reading(found, certainty, (*statement.heads, *statement.cells), statement.remarks, statement.sums)
    values = {value.code: value for value in _by_labels(found, sheets)}
    if found in AFTER:
        values = AFTER[found](sheets, values)
    order = [one.code for one in KINDS[found].fields]
    kept = sorted((one for one in values.values() if one.value or one.note), key=lambda one: order.index(one.code))
    return Reading(found, certainty, tuple(kept))


def _by_labels(kind: str, sheets: Sheets) -> list[Value]:
    fields = KINDS[kind].fields
    every = [label for one in fields for label in one.labels] + list(STOPS)
    printed = bool(sheets) and all(sheet.printed for sheet in sheets)
    # a page that reckons in another unit: a figure without its own may be meant in either
    printed = printed and not any(re.search(r"单位[:为]*(?:人民币)?[百千万亿]", sheet.text) for sheet in sheets)
    found = []
    for one in fields:
        for place in labelled(sheets, one.labels, every) if one.labels else ():
            value = as_value(one.code, one.kind, place, printed=printed)
            if value is not None:
                found.append(value)
                break
    return found


STOPS = ("住所", "营业期限", "经营范围", "登记机关", "性别", "民族", "出生", "住址", "工程质量", "项目经理", "账号", "开户银行",
         "开户行", "币种", "复核", "地址、电话", "开户行及账号", "单位", "技术负责人", "发证机关", "公司类型", "注册资本", "成立日期")  # fmt: skip


def _line_of(row: Row, start: int, end: int) -> Found:
    lines = row.at(start, end)
    return Found(row.text[start:end], lines, (lines[0].box[0], round(lines[0].middle)))


def _search(sheets: Sheets, pattern: str) -> Found | None:
    """Return the first place where a pattern stands; its first group is the value."""
    for sheet in sheets:
        for row in sheet.rows:
            if found := re.search(pattern, row.text):
                return _line_of(row, found.start(1), found.end(1))
    return None


# licence, certificate, identity


def _licence(sheets: Sheets, values: dict[str, Value]) -> dict[str, Value]:
    if "uscc" not in values:
        for sheet in sheets:
            for line in sheet.lines:
                if re.fullmatch(r"[0-9A-Z]{18}", bare(line.text)):
                    code = as_value("uscc", "uscc", Found(line.text, (line,), (0, 0)))
                    if code is not None and code.sure:
                        values["uscc"] = code
    return _continued(sheets, values, "address")


def _continued(sheets: Sheets, values: dict[str, Value], code: str) -> dict[str, Value]:
    """Add the second line of a value that is set over two."""
    value = values.get(code)
    if value is None or value.box is None:
        return values
    left, top, right, bottom = value.box
    high = bottom - top
    for sheet in sheets:
        if sheet.number != value.page:
            continue
        for line in sheet.lines:
            near = abs(line.box[0] - left) <= 12 and bottom - 0.5 * high < line.box[1] < bottom + 0.8 * high
            lonely = not any(other.box[2] < line.box[0] and abs(other.middle - line.middle) < high / 2
                             and left - other.box[2] < 260 for other in sheet.lines)  # fmt: skip
            if near and lonely and right - left > 150 and ":" not in bare(line.text):
                box = (left, top, max(right, line.box[2]), line.box[3])
                trust = min(value.confidence, line.confidence)
                values[code] = replace(value, value=value.value + bare(line.text), box=box, confidence=trust,
                                       sure=value.sure and trust >= SURE)  # fmt: skip
                return values
    return values


def _certificate(sheets: Sheets, values: dict[str, Value]) -> dict[str, Value]:
    return _continued(sheets, values, "address")


def _identity(sheets: Sheets, values: dict[str, Value]) -> dict[str, Value]:
    for sheet in sheets:
        for line in sheet.lines:
            number = resident_number(line)
            if number is not None:
                values["number"] = number
    return {code: replace(value, raw="") for code, value in values.items()}


_CARD = ("姓名", "性别", "民族", "出生", "住址")
_CARD_SIGNS = 400  # a page with more is no card; what names a number in it is covered there, and nothing else
_VALID = re.compile(r"签发|有效期|\d{4}\.\d{2}\.\d{2}[-—–~至]")
WHOLE = (0, 0, 1000, 1000)


def _looks(line: Line) -> list[str]:
    """Return everything that was read at one place."""
    return [bare(text) for text in (line.text, *line.also)]


def conceals(sheet: Sheet) -> bool:
    """Say whether a page shows an identity card, be its number legible or not."""
    text = bare(sheet.text)
    said = sum(word in text for word in _CARD)
    return bool(re.search("公民身份|身份号码", text)) or (
        len(text) < _CARD_SIGNS and ("居民身份证" in text or said >= 4)
    ) or (said >= 3 and any(resident_number(one) for one in sheet.lines))  # fmt: skip


def covered(sheet: Sheet) -> tuple[Sheet, list[Line]]:
    """Return the page of an identity card without number, birth and address, and the lines that were taken out.

    What stays is what the fields are read from and what the law lets one show: name, sex, nation, office, validity.
    Where the number is on the card and was not read, nobody knows its place: the whole picture is covered.
    """
    text = bare(sheet.text)
    birth = [line for row in sheet.rows if "出生" in bare(row.text) for line in row.lines]
    card = len(text) < _CARD_SIGNS
    top, left = _below_which(sheet, birth, card=card)
    kept, hidden = list[Line](), list[Line]()
    for line in sheet.lines:
        looks = _looks(line)
        lower = line.middle >= top and line.box[0] >= left and not re.search("公民身份|号码$", looks[0])
        born = line in birth and not re.search("姓名|性别|民族", looks[0])
        figures = any(sum(sign.isdigit() for sign in look) >= 6 or re.search(r"\d{4}年\d", look) for look in looks)
        personal = lower or born or figures or any(re.search("出生|住址", look) for look in looks)
        (hidden if personal and not _VALID.search(looks[0]) else kept).append(line)
    front = card and any(word in text for word in (*_CARD, "公民身份"))
    if front and not any(sum(sign.isalnum() for sign in look) >= 15 for line in hidden for look in _looks(line)):
        hidden.append(Line("", WHOLE, page=sheet.number))
    return replace(sheet, lines=tuple(kept)), hidden


def _below_which(sheet: Sheet, birth: Sequence[Line], *, card: bool) -> tuple[float, int]:
    """Return from which height and edge on a card shows what is covered: its address, else all below birth or name."""
    for label, under in (("住址", False), ("出生", True), ("姓名", True)):
        found = next((line for line in sheet.lines if re.match(label, bare(line.text))), None)
        if found is not None and (card or not under):
            return (found.box[3], 0) if under else (found.box[1], found.box[0])
    return (max(line.box[3] for line in birth), 0) if birth and card else (1001, 1001)


# award, contract


def _spelled(sheets: Sheets, values: dict[str, Value], near: str) -> dict[str, Value]:
    """Hold the amount in figures against the one in capitals that stands within three rows of it."""
    for sheet in sheets:
        for number, row in enumerate(sheet.rows):
            if not re.search(near, bare(row.text)):
                continue
            rows = sheet.rows[number : number + 4]
            words = "\n".join(bare(one.text) for one in rows)
            spelled, known = capitals_in(words), values.get("amount")
            if spelled is None:
                continue
            figures = figures_in(words) + [fen for one in rows for line in one.lines if (fen := read_fen(line.text))]
            if known is not None and known.value:
                if not _stands_in(known, rows, sheet):
                    continue  # another amount (an advance, a deposit): it says nothing of this one
                figures.append(int(known.value))
            lines = [line for one in rows for line in one.lines if capitals_in(line.text) or figures_in(line.text)]
            trust = min((line.confidence for line in lines), default=0.5)
            box = around(lines) if known is None else known.box
            agrees = spelled in figures
            values["amount"] = Value(
                "amount", str(spelled), agrees, max(trust, CHECKED) if agrees else DENIED, sheet.number, box,
                raw=words[:200] if known is None else known.raw,
                note="" if agrees else _("大写与小写不一致，请核对。") if figures else _("只有一处写明金额，请核对。"),
            )  # fmt: skip
            return values
    return values


def _stands_in(value: Value, rows: Sequence[Row], sheet: Sheet) -> bool:
    """Say whether a value was read in one of these rows."""
    if value.box is None or value.page != sheet.number:
        return False
    left, top, right, bottom = value.box
    return any(
        line.box[0] >= left and line.box[1] >= top and line.box[2] <= right and line.box[3] <= bottom
        for row in rows for line in row.lines
    )  # fmt: skip


def _award(sheets: Sheets, values: dict[str, Value]) -> dict[str, Value]:
    values = _spelled(sheets, values, r"中标(?:总)?价|中标金额|成交金额")
    if "winner" not in values:
        for sheet in sheets[:1]:
            for row in sheet.rows[:12]:
                if found := re.search(r"^([\u4e00-\u9fff()]{4,60}(?:公司|集团|院|厂|中心|合作社))\s*:", row.text):
                    value = as_value("winner", "name", _line_of(row, found.start(1), found.end(1)))
                    if value is not None:
                        values.setdefault("winner", value)
    return _last_day(sheets, values, "awarded_on")


def _last_day(sheets: Sheets, values: dict[str, Value], code: str) -> dict[str, Value]:
    """A letter's date is what stands last on it, alone in its line."""
    if code in values:
        return values
    for sheet in reversed(sheets):
        for row in reversed(sheet.rows):
            alone = re.search(r"(?:^|\t)\s*((?:19|20)\d\d\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)\s*(?:$|\t)", row.text)
            if alone and (value := as_value(code, "day", _line_of(row, alone.start(1), alone.end(1)))):
                return values | {code: value}
    return values


def _contract(sheets: Sheets, values: dict[str, Value]) -> dict[str, Value]:
    values = _spelled(sheets, values, r"合同(?:总)?价|合同(?:总)?金额|价款")
    if "signed_on" not in values:
        found = _search(sheets, r"于\s*((?:19|20)\d\d\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)\s*(?:在.{0,20})?签[订署]")
        if (value := as_value("signed_on", "day", found)) is not None:
            values["signed_on"] = value
    return values


# invoice


def _invoice(sheets: Sheets, values: dict[str, Value]) -> dict[str, Value]:
    values = {code: value for code, value in values.items() if code not in _PARTS}
    titled = _search(sheets, r"([\u4e00-\u9fff]{0,12}增值税[\u4e00-\u9fff]*发票|电子发票\s*\([\u4e00-\u9fff]+\))")
    if titled is not None:
        titled = replace(titled, text=bare(titled.text))
    if (value := as_value("invoice_type", "text", titled)) is not None:
        values["invoice_type"] = value
    values |= _sides(sheets)
    values |= _sums(sheets)
    if (check := values.get("check_code")) is not None:
        found = first(sheets, ("校验码",))
        digits = re.match(r"[\d\s]+", found.text.replace("\t", " ")) if found else None
        if digits:
            values["check_code"] = replace(check, value=bare(digits[0]))
    rate = _search(sheets, r"(?:^|\t)\s*(\d{1,2}%)\s*(?:\t|$)")
    if (value := as_value("rate", "text", rate)) is not None:
        values["rate"] = value
    return _remark(sheets, _number_of_twenty(sheets, values))


_PARTS = ("buyer_name", "buyer_code", "seller_name", "seller_code", "net", "tax", "total", "rate", "remark")


def _number_of_twenty(sheets: Sheets, values: dict[str, Value]) -> dict[str, Value]:
    number = values.get("invoice_number")
    if number is not None and not re.fullmatch(r"\d{8}|\d{20}", number.value):
        values["invoice_number"] = replace(number, sure=False, note=_("发票号码应为 8 位或 20 位数字，请核对。"))
    return values


def _sides(sheets: Sheets) -> dict[str, Value]:
    """Names and codes of buyer and seller: left and right, or above and below."""
    stops = ("名称", "备注", "密码区", "纳税人识别号")
    places = list(labelled(sheets, ("名称",), stops, anywhere=True))
    if len(places) < 2:
        places = list(labelled(sheets, ("名称",), stops))
    names = [one for one in places if "项目" not in one.text]
    codes = list(
        labelled(
            sheets, ("统一社会信用代码/纳税人识别号", "纳税人识别号"), ("统一社会信用代码", "纳税人识别号", "密码区")
        )
    )
    found: dict[str, Value] = {}
    names = [one for one in names if not re.search(r"规格|单位|数量", one.text)][:2]
    if len(names) == 2 and abs(names[0].start[1] - names[1].start[1]) < 40:
        names.sort(key=lambda one: one.start[0])
    for side, one in zip(("buyer", "seller"), names, strict=False):
        if (value := as_value(f"{side}_name", "name", one)) is not None:
            found[value.code] = value
    level = len(names) == 2 and abs(names[0].start[1] - names[1].start[1]) < 40
    for one in codes:
        code = re.match(r"[0-9A-Za-z]{15,20}", bare(one.text))
        if code is None or not names:
            continue
        near = min(
            range(len(names)), key=lambda at: abs(names[at].start[0 if level else 1] - one.start[0 if level else 1])
        )
        held = Found(code[0], one.lines, one.start)
        if (value := as_value(f"{('buyer', 'seller')[near]}_code", "uscc", held)) is not None:
            found.setdefault(value.code, value)
    return found


def _sums(sheets: Sheets) -> dict[str, Value]:
    """Net, tax and total: believed where they add up and the total agrees with its capitals."""
    net = tax = total = spelled = None
    places: dict[str, list[Line]] = {"net": [], "tax": [], "total": []}
    for sheet in sheets:
        for row in sheet.rows:
            text = bare(row.text)
            if re.match(r"合计", text) and "价税" not in text:
                amounts = [(fen, line) for line in row.lines if (fen := read_fen(line.text)) is not None]
                if len(amounts) >= 2:
                    (net, one), (tax, two) = amounts[-2:]
                    places["net"], places["tax"] = [one], [two]
                elif len(amounts) == 1:
                    net, places["net"] = amounts[0][0], [amounts[0][1]]
            elif "价税合计" in text or "小写" in text:
                spelled = capitals_in(text) if spelled is None else spelled
                figures = figures_in(text.split("小写")[-1]) or [
                    fen for one in row.lines if (fen := read_fen(one.text))
                ]
                total = figures[-1] if figures and total is None else total
                places["total"] += [line for line in row.lines if re.search(r"[¥\d]|[元圆]", line.text)]
    whole = net + tax if net is not None and tax is not None else None
    adds = whole is not None and whole in (total, spelled)
    agrees = total is not None and total == spelled
    found = {}
    for code, fen in (
        ("net", net),
        ("tax", tax),
        ("total", total if agrees or spelled is None or net is None else spelled),
    ):
        if fen is None:
            continue
        lines = places[code]
        sure = adds and (agrees or spelled is None or whole == spelled) if code != "total" else adds or agrees
        sure = sure and not (total is not None and spelled is not None and total != spelled)
        note = "" if sure else _("大写与小写不一致，请核对。") if not agrees and spelled is not None and total is not None else (
            _("金额、税额与价税合计没有互相印证，请核对。"))  # fmt: skip
        trust = max(CHECKED, *(line.confidence for line in lines)) if sure and lines else DENIED
        page = lines[0].page if lines else 1
        found[code] = Value(
            code, str(fen), sure, trust, page, around(lines), note, raw="\t".join(one.text for one in lines)[:200]
        )
    return found


def _remark(sheets: Sheets, values: dict[str, Value]) -> dict[str, Value]:
    plain = next(labelled(sheets, ("备注",)), None)
    if plain is not None and plain.text:
        value = as_value("remark", "text", plain)
        return values | {"remark": value} if value is not None else values
    for sheet in sheets:
        head = next((one for one in sheet.lines if bare(one.text) in ("备", "备注")), None)
        if head is None:
            continue
        beside = [one for one in sheet.lines if 0 <= one.box[0] - head.box[2] < 60 and -40 < one.middle - head.middle < 90
                  and not re.search(r"\(章\)|开票人|销售方", bare(one.text)) and len(one.text) > 1]  # fmt: skip
        if beside:
            held = Found("".join(one.text for one in beside), tuple(beside), (0, 0))
            value = as_value("remark", "text", held)
            return values | {"remark": value} if value is not None else values
    return values


# bank receipt


def _receipt(sheets: Sheets, values: dict[str, Value]) -> dict[str, Value]:
    for ours, labels, kind, stops in (
        (("payer", "payee"), ("全称", "户名", "名称"), "name", ("全称", "户名", "名称", "账号", "收款人", "付款人")),
        (("payer_account", "payee_account"), ("账号",), "account", ("账号", "全称", "户名", "收款人", "付款人")),
    ):
        places = list(labelled(sheets, labels, stops))[:2]
        if len(places) == 2 and not all(code in values for code in ours):
            level = abs(places[0].start[1] - places[1].start[1]) < 40
            places.sort(key=lambda one: one.start[0 if level else 1])
            for code, place in zip(ours, places, strict=True):
                if (value := as_value(code, kind, place)) is not None:
                    values[code] = value
    return _spelled(sheets, values, r"金额|大写")


AFTER: dict[str, Callable[[Sheets, dict[str, Value]], dict[str, Value]]] = {
    "licence": _licence,
    "identity": _identity,
    "award": _award,
    "invoice": _invoice,
    "contract": _contract,
    "certificate": _certificate,
    "receipt": _receipt,
}
