"""Exact money: amounts are whole 分 (int) everywhere; yuan and 万元 exist only on paper and in forms."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from xinshu.core.refusals import Invalid

Rate = Decimal | Fraction | int
LARGEST = 999_999_999_999_99  # 分: what can be written out in 人民币大写 below 万亿, and far inside a database bigint

_NARROW = str.maketrans("０１２３４５６７８９，．－＋￥　", "0123456789,.-+¥ ")
_PREFIX = re.compile(r"^(人民币|RMB|CNY|¥)\s*", re.IGNORECASE)
_SUFFIX = re.compile(r"\s*(亿元|万元|元整|亿|万|元)$")
_UNIT = {"亿": 100_000_000, "万": 10_000}
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_PLAIN = re.compile(r"\d*(\.\d*)?")


def yuan(fen: int) -> str:
    """Print 分 as yuan with thousands commas and two decimals: 123450 -> "1,234.50"."""
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{cents:02d}"


def wan(fen: int) -> str:
    """Print 分 short for boards and lists, two decimals at most: "8,000", "148.3 万", "128.6 亿"; a caller adds 元."""
    size, sign = abs(fen), "-" if fen < 0 else ""
    if size < 10_000_00:
        return sign + _short(Fraction(size, 100))
    in_wan = share(size, Fraction(1, 10_000))  # hundredths of 万
    if in_wan < 10_000_00:
        return f"{sign}{_short(Fraction(in_wan, 100))} 万"
    return f"{sign}{_short(Fraction(share(size, Fraction(1, 100_000_000)), 100))} 亿"


def parse_yuan(text: str) -> int:
    """Read an amount that a person typed or a table holds, and return 分.

    Takes commas, full-width digits, ¥, 元, 万元 and 亿元. Raises Invalid, in words for the person, for anything else,
    below zero, finer than 分 (trailing zeros do no harm), or beyond LARGEST.
    """
    written = text.translate(_NARROW).strip()
    number = _PREFIX.sub("", written)
    suffix = _SUFFIX.search(number)
    unit = _UNIT.get(suffix[1][0], 1) if suffix else 1
    number = _SUFFIX.sub("", number).strip()
    if not number:
        raise Invalid(_("请填写金额，例如 1,234.50。"))
    if number.startswith("-"):
        raise Invalid(_("金额不能是负数。"))
    if "," in number and re.fullmatch(r"[\d,.]+", number, re.ASCII) and not _GROUPED.fullmatch(number):
        raise Invalid(
            _("金额“%(text)s”里逗号的位置不对：逗号应每三位一个，例如 1,234,567.00。") % {"text": _quoted(text)}
        )
    plain = number.replace(",", "")
    if not plain.isascii() or not _PLAIN.fullmatch(plain) or plain in {"", "."}:
        raise Invalid(_("“%(text)s”不是金额。请用数字填写，例如 1,234.50 或 50万元。") % {"text": _quoted(text)})
    if len(plain) > 40:
        raise Invalid(_("金额太大，最多可填写 %(largest)s 元。") % {"largest": yuan(LARGEST)})
    fen = Fraction(plain) * unit * 100
    if fen.denominator != 1:
        raise Invalid(_("金额“%(text)s”精确到了分以下，最多保留两位小数。") % {"text": _quoted(text)})
    if fen > LARGEST:
        raise Invalid(_("金额太大，最多可填写 %(largest)s 元。") % {"largest": yuan(LARGEST)})
    return int(fen)


def share(amount: int, rate: Rate) -> int:
    """Return `rate` of `amount` in 分, rounded half up once (halves go away from zero, so that signs mirror).

    Raises TypeError for a float: it has already lost what this is for.
    """
    exact = amount * _exact(rate)
    rounded = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return rounded if exact >= 0 else -rounded


def allocate(total: int, weights: Sequence[Rate]) -> list[int]:
    """Split `total` 分 by `weights`, adding up exactly: the largest remainders get the odd 分, earlier ones first.

    Raises ValueError when a weight is negative or all are zero, TypeError for floats.
    """
    exact = [_exact(weight) for weight in weights]
    whole = sum(exact, Fraction())
    if any(weight < 0 for weight in exact) or whole <= 0:
        raise ValueError("weights must not be negative, and not all zero")
    sign, size = (-1, -total) if total < 0 else (1, total)
    ideal = [size * weight / whole for weight in exact]
    parts = [int(part) for part in ideal]
    for place in sorted(range(len(parts)), key=lambda n: parts[n] - ideal[n])[: size - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]


def _exact(rate: Rate) -> Fraction:
    if isinstance(rate, float):
        raise TypeError("rates are Decimal, Fraction or int, never float")
    return Fraction(rate)


def _short(number: Fraction) -> str:
    return yuan(int(number * 100)).rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 30 else text[:30] + "…"
