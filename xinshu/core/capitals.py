"""人民币大写 and capital dates (支付结算办法, 附件一): printed in one canonical form, read in every legal one.

Where the rules leave 零 or 整 to the writer (a 0 in the place of 万, 亿 or 元; an amount that ends at 角), the printer
always chooses alike and the reader takes both.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from django.utils.translation import gettext as _

from xinshu.core.money import LARGEST, yuan
from xinshu.core.refusals import Invalid

DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
# The rules name 贰陆亿万圆 as traditional characters that count; 正 is named for 整. The rest are the same characters.
_VARIANTS = str.maketrans("貳叄參陸億萬圆圓幣正", "贰叁叁陆亿万元元币整")
_LABEL = re.compile(r"^人民币(?:[（(]?大写[)）]?[：:]?)?")
_LOWER = re.compile(r"[0-9０-９〇○一二两三四五六七八九十百千廿卅念毛另]")
_DIGIT = f"([{DIGITS[1:]}])"
_SECTION = "零?" + "零?".join(f"(?:{_DIGIT}{place})?" for place in _PLACES) + "零?"
_LOOSE = re.compile(
    rf"(?:({_SECTION})亿)?(?:({_SECTION})万)?(?:({_SECTION})元)?零?(?:{_DIGIT}角)?零?(?:{_DIGIT}分)?整?"
)


class _Zero(Enum):
    """Whether 零 (or 整) stands in a gap: the rules demand it, or leave it open and we write or omit it."""

    MUST = "must"
    WRITTEN = "written"
    OMITTED = "omitted"


@dataclass(frozen=True)
class _Gap:
    word: str
    rule: _Zero


def capitals(fen: int) -> str:
    """Write an amount: 140950 -> "人民币壹仟肆佰零玖元伍角整". Raises ValueError outside 0 .. LARGEST."""
    words = (part if isinstance(part, str) else part.word * (part.rule is not _Zero.OMITTED) for part in _form(fen))
    return "人民币" + "".join(words)


def read_capitals(text: str) -> int:
    """Return the 分 of an amount in capitals, in any form that the rules allow, with or without 人民币 before it.

    Raises Invalid, and where the amount can be made out at all says how the rules would have it written.
    """
    text = text.strip()
    if not text:
        raise Invalid(_("请填写大写金额，例如 人民币壹仟肆佰零玖元伍角整。"))
    written = _LABEL.sub("", text.translate(_VARIANTS))
    quoted = text if len(text) <= 60 else text[:60] + "…"
    if written != written.strip() and text != written:
        raise Invalid(_("“人民币”后面应紧接大写金额，不能留空白。"))
    if lower := _LOWER.search(written):
        raise Invalid(
            _("大写金额里不能写“%(sign)s”，数字应写作壹、贰、叁、肆、伍、陆、柒、捌、玖、拾、佰、仟、零。")
            % {"sign": lower[0]}
        )
    fen = _loosely(written)
    if fen is None:
        raise Invalid(_("“%(text)s”不是规范的大写金额，请照“人民币壹仟肆佰零玖元伍角整”填写。") % {"text": quoted})
    if not _pattern(fen).fullmatch(written):
        raise Invalid(
            _("大写金额“%(text)s”的写法不合规范；如果金额是 %(yuan)s 元，应写作“%(capitals)s”。")
            % {"text": quoted, "yuan": yuan(fen), "capitals": capitals(fen)}
        )
    return fen


def capital_date(day: date) -> str:
    """Write a date as instruments carry it: 2026-01-15 -> "贰零贰陆年零壹月壹拾伍日"."""
    year = "".join(DIGITS[int(digit)] for digit in f"{day.year:04d}")
    return f"{year}年{_MONTHS[day.month]}月{_DAYS[day.day]}日"


def read_capital_date(text: str) -> date:
    """Return the day of a capital date. Raises Invalid when it is not one, or when there is no such day."""
    written = text.strip().translate(_VARIANTS)
    parts = re.fullmatch(rf"([{DIGITS}]{{4}})年([{DIGITS}拾]{{1,3}})月([{DIGITS}拾]{{1,3}})日", written)
    month = _MONTHS_READ.get(parts[2]) if parts else None
    day = _DAYS_READ.get(parts[3]) if parts else None
    if not (parts and month and day):
        raise Invalid(
            _("“%(text)s”不是规范的大写日期，请按“贰零贰陆年零壹月壹拾伍日”的写法填写。") % {"text": text.strip()[:40]}
        )
    try:
        return date(int("".join(str(DIGITS.index(digit)) for digit in parts[1])), month, day)
    except ValueError as error:
        raise Invalid(_("没有“%(text)s”这一天，请核对日期。") % {"text": text.strip()}) from error


def _form(fen: int) -> list[str | _Gap]:
    """Return the words of an amount in order, and between them the gaps in which 零 or 整 must or may stand."""
    if not 0 <= fen <= LARGEST:
        raise ValueError(f"capitals are written from 0 to {LARGEST} fen, not for {fen}")
    whole, (jiao, cents) = fen // 100, divmod(fen % 100, 10)
    form: list[str | _Gap] = []
    above: int | None = None  # the section last written, counted in its own unit; None: nothing written yet
    skipped = False  # a whole section of zeros lies between
    for unit, size in (("亿", 10**8), ("万", 10**4), ("元", 1)):
        section = whole // size % 10**4
        if section and above is not None:
            if section < 1000:
                form.append(_Gap("零", _Zero.MUST))
            elif skipped or above % 10 == 0:
                form.append(_Gap("零", _Zero.WRITTEN if skipped else _Zero.OMITTED))
        if section:
            form += [_section(section), unit] if unit != "元" else [_section(section)]
            above, skipped = section, False
        else:
            skipped = above is not None
    if whole:
        form.append("元")
    elif fen == 0:
        form.append("零元")
    else:
        form.append(_Gap("零元", _Zero.OMITTED))
    if jiao:
        if whole % 10 == 0:
            form.append(_Gap("零", _Zero.WRITTEN if whole else _Zero.OMITTED))
        form.append(DIGITS[jiao] + "角")
    elif cents:
        form.append(_Gap("零", _Zero.MUST if whole else _Zero.OMITTED))
    if cents:
        form.append(DIGITS[cents] + "分")
    else:
        form.append(_Gap("整", _Zero.WRITTEN if jiao else _Zero.MUST))
    return form


def _section(number: int) -> str:
    """Write 1 .. 9999; zeros between its digits become one 零, zeros at its ends none."""
    digits = f"{number:04d}"
    written = "".join(DIGITS[int(d)] + (place if d != "0" else "") for d, place in zip(digits, _PLACES, strict=True))
    return re.sub("零+", "零", written).strip("零")


def _pattern(fen: int) -> re.Pattern[str]:
    return re.compile(
        "".join(
            part if isinstance(part, str) else f"(?:{part.word})" + "?" * (part.rule is not _Zero.MUST)
            for part in _form(fen)
        )
    )


def _loosely(written: str) -> int | None:
    """Return the amount if 零 and 整 stood right; None when the digits and units do not fit."""
    match = _LOOSE.fullmatch(written)
    if not match or not re.search(f"[{DIGITS}].*[元角分]", written):
        return None
    found = [DIGITS.index(sign) if sign and len(sign) == 1 and sign in DIGITS else 0 for sign in match.groups()]
    sections = [int("".join(str(found[start + place]) for place in (1, 2, 3, 4))) for start in (0, 5, 10)]
    return ((sections[0] * 10**4 + sections[1]) * 10**4 + sections[2]) * 100 + found[15] * 10 + found[16]


def _ordinal(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (DIGITS[tens] + "拾" if tens else "") + (DIGITS[ones] if ones else "")


# 零 stands before 壹, 贰 and 壹拾 of months, before 壹..玖, 壹拾, 贰拾, 叁拾 of days.
_MONTHS = {month: ("零" if month in {1, 2, 10} else "") + _ordinal(month) for month in range(1, 13)}
_DAYS = {day: ("零" if day < 10 or day % 10 == 0 else "") + _ordinal(day) for day in range(1, 32)}
_MONTHS_READ = {text: month for month, text in _MONTHS.items()} | {"零" + _ordinal(n): n for n in range(3, 10)}
_DAYS_READ = {text: day for day, text in _DAYS.items()}
