"""Fields as people write and see them, and as they are kept: amounts in 分, days in ISO, codes bare."""

from datetime import date

from django.utils.translation import gettext as _

from xinshu.core import uscc
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid
from xinshu.documents.models import Reading
from xinshu.documents.reading.auditing import Identity
from xinshu.documents.reading.kinds import KINDS
from xinshu.documents.reading.lines import bare
from xinshu.documents.reading.statements import column_label
from xinshu.documents.reading.values import CELL, UNIT, days_in, read_fen


def kind_of(paper: str, code: str) -> str | None:
    """Return how a field of a kind of paper is written (values.MONEY ...); None where it has no such field."""
    kind = KINDS.get(paper)
    if kind is None:
        return None
    if kind.statement and "|" in code and len(code) <= 80:
        return CELL
    field = kind.field(code)
    return field.kind if field else None


def label_of(paper: str, code: str) -> str:
    """Return what people call a field: "注册资本", "流动资产合计 · 期末"."""
    if "|" in code:
        item, _bar, column = code.partition("|")
        return f"{item} · {column_label(column)}"
    field = KINDS[paper].field(code) if paper in KINDS else None
    return str(field.label) if field else code


def shown(kind: str | None, value: str) -> str:
    """Return a kept value as people read it."""
    return yuan(int(value)) if kind in ("money", CELL) and value.lstrip("-").isdigit() else value


def as_kept(kind: str, text: str) -> str:
    """Return what a person typed as it is kept; "" for nothing. Raises Invalid in words."""
    text = text.strip()
    if not text:
        return ""
    if len(bare(text)) > 500:  # as it is kept: a ligature is several signs there
        raise Invalid(_("最多 500 个字。"))
    if kind in ("money", CELL):
        fen = read_fen(text)
        if fen is None or abs(fen) >= 10**15 or (kind == "money" and fen < 0):
            raise Invalid(_("请填写金额，例如 4,862,000.00，单位元。"))
        return str(fen)
    if kind == "day":
        found = days_in(text)
        if not found and text != "长期":
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError:
                raise Invalid(_("请填写日期，例如 2026-06-30。")) from None
        return found[0] if found else text
    if kind == "uscc":
        code = uscc.normalise(text)
        if problems := uscc.problems(code):
            raise Invalid("".join(problems[:2]))
        return code
    if kind in ("resident", "account"):
        if sum(sign.isdigit() for sign in text) > 12 or "*" not in text:
            raise Invalid(_("这里只保存遮盖后的号码，例如 3301********1234。"))
        return bare(text)
    if kind == UNIT:
        raise Invalid(_("金额已按读到的单位换算。单位读错的，请标为不采用，换一份看得清单位的文件。"))
    if kind == "count":
        if not (text.isascii() and text.isdigit() and int(text) < 10**7):
            raise Invalid(_("请填写整数。"))
        return str(int(text))
    return bare(text)


def identities_of(reading: Reading) -> dict[str, list[Identity]]:
    """Return the sums that a statement states, by column."""
    return {
        column: [Identity(total, tuple((name, sign) for name, sign in parts)) for total, parts in sums]
        for column, sums in reading.sums.items()
    }
