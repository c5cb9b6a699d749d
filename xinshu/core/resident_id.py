"""公民身份号码 (GB 11643-1999): 18 characters, the birthday inside, and a check character."""

import re
from datetime import date

from django.utils.translation import gettext as _

from xinshu.core import uscc

_WEIGHTS = [pow(2, 17 - place, 11) for place in range(17)]


def normalise(text: str) -> str:
    """Return the number as it is kept: half-width, x in upper case, without spaces."""
    return uscc.normalise(text)


def problems(number: str) -> list[str]:
    """Return what is wrong with a normalised number, in sentences for the person; nothing wrong: an empty list."""
    if not number:
        return [_("请填写身份证号码。")]
    if len(number) != 18:
        return [_("身份证号码应为 18 位，现在是 %(length)s 位。") % {"length": len(number)}]
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        return [_("身份证号码前 17 位应当是数字，最后一位是数字或 X。")]
    if birthday(number) is None:
        return [_("身份证号码第 7 至 14 位不是有效的出生日期。")]
    if check_character(number) != number[17]:
        return [_("身份证号码的校验位不对，可能有一位填错，请对照身份证核对。")]
    return []


def birthday(number: str) -> date | None:
    """Return the day of birth that the number carries, None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def check_character(number: str) -> str:
    """Return the 18th character that belongs to the first 17 (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11]
