"""统一社会信用代码 (GB 32100-2015), the organisation code inside (GB 11714), old 15-digit registration numbers."""

import re

from django.utils.translation import gettext as _

from xinshu.core.refusals import Invalid

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_WEIGHTS = [pow(3, place, 31) for place in range(17)]
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_MISTAKEN = str.maketrans("OIZS", "0125")  # letters that the code never has, for the digits that they look like
_ALIKE = {"0": "DQ", "D": "0", "Q": "0", "8": "B", "B": "8", "1": "L", "L": "1", "5": "6", "6": "5G", "G": "6"}
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_GAPS = re.compile(r"[\s\u200b\ufeff\-]+")


def normalise(text: str) -> str:
    """Return the code as it is kept: half-width, upper case, without spaces and hyphens."""
    return _GAPS.sub("", text.translate(_FULL_WIDTH)).upper()


def problems(code: str) -> list[str]:
    """Return what is wrong with a normalised code, in sentences for the person; nothing wrong: an empty list."""
    if not code:
        return [_("请填写统一社会信用代码。")]
    if is_old_registration_number(code):
        return [_("这是旧的 15 位工商注册号，请填写营业执照上 18 位的统一社会信用代码。")]
    if len(code) != 18:
        return [_("统一社会信用代码应为 18 位，现在是 %(length)s 位。") % {"length": len(code)}]
    strange = [(place, sign) for place, sign in enumerate(code, start=1) if sign not in ALPHABET]
    if strange:
        return [
            _("第 %(place)s 位“%(sign)s”不会出现在统一社会信用代码里。") % {"place": place, "sign": sign}
            for place, sign in strange
        ]
    if not code[2:8].isdigit():
        return [_("第 3 至 8 位是登记机关的行政区划，应当全是数字。")]
    if check_digit(code) != code[17]:
        return [_("统一社会信用代码的校验位不对，可能有一位填错，请对照营业执照核对。")]
    return []


def hint(code: str) -> str:
    """Return "您要填的是不是 ...？" when exactly one likely correction passes (O for 0 ...), else ""."""
    if not problems(code):
        return ""
    corrected = code.translate(_MISTAKEN)
    if corrected == code or problems(corrected):
        # No such letter explains it. One character taken for its like is a guess: both check digits must agree to it.
        found = {
            swapped
            for place, sign in enumerate(corrected)
            for other in _ALIKE.get(sign, "")
            if not problems(swapped := corrected[:place] + other + corrected[place + 1 :]) and not warning(swapped)
        }
        if len(found) != 1:
            return ""
        corrected = found.pop()
    return _("您要填的是不是 %(code)s？") % {"code": corrected}


def warning(code: str) -> str:
    """Return a remark when the organisation code inside a valid code does not check, else ""."""
    if problems(code) or organisation_check_digit(code[8:16]) == code[16]:
        return ""
    return _("代码第 9 至 17 位的组织机构代码校验不符，请与营业执照核对；确认无误的，可以继续。")


def read_uscc(text: str) -> str:
    """Return the normalised code. Raises Invalid with what is wrong and, where there is one, the likely correction."""
    code = normalise(text)
    if found := problems(code):
        raise Invalid("".join(found[:3]), advice=hint(code))
    return code


def check_digit(code: str) -> str:
    """Return the 18th character that belongs to the first 17."""
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(code, _WEIGHTS, strict=False))
    return ALPHABET[-total % 31]


def organisation_check_digit(body: str) -> str:
    """Return the check character of an organisation code's eight characters (0-9, A-Z; GB 11714)."""
    total = sum(int(sign, 36) * weight for sign, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def is_old_registration_number(code: str) -> bool:
    """Say whether this is a 15-digit registration number as issued before 2015 (GS 15-2006: ISO 7064 MOD 11,10)."""
    if not re.fullmatch(r"[0-9]{15}", code):
        return False
    carry = 10
    for digit in code[:14]:
        carry = ((carry + int(digit)) % 10 or 10) * 2 % 11
    return (11 - carry) % 10 == int(code[14])
