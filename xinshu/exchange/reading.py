"""Reading a spreadsheet of guarantee numbers: XLSX by its bytes, else CSV text. No database."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from xinshu.core.refusals import Invalid
from xinshu.documents.sheets import cells_of

MOST = 500  # numbers in one file
LARGEST = 2 * 1024 * 1024
_SHAPE = re.compile(r"[A-Za-z]{2}[0-9]{8}-[0-9A-Za-z]{8}")
_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True)
class Asked:
    """One line: where it stands in the file, the number as typed, the code ("" for none), what is wrong with it."""

    line: int
    number: str
    code: str = ""
    problem: str = ""


def read_numbers(content: bytes, name: str) -> list[Asked]:
    """Return the lines of a file that hold anything. Raises Invalid for a file that is none, is empty or too long."""
    cells = cells_of(content, name, rows=MOST * 4, largest=LARGEST)
    found: list[Asked] = []
    for line, row in enumerate(cells, start=1):
        texts = [text for text in row[:6] if text]
        if not texts or (not found and not any(_SHAPE.fullmatch(text) for text in texts)):
            continue  # nothing, or a heading
        if len(found) >= MOST:
            raise _refused(
                _("文件里的编号超过 %(most)d 个，没有核验。") % {"most": MOST}, _("请分成几份文件，每份单独核验。")
            )
        found.append(_asked(line, texts))
    if not found:
        raise _refused(
            _("文件里没有找到保函编号，没有核验。"),
            _("一行一个编号；有验证码的写在旁边一列。编号形如 LY20261121-ABCDEFGH。"),
        )
    return found


def _asked(line: int, texts: list[str]) -> Asked:
    number = next((text for text in texts if _SHAPE.fullmatch(text)), "")
    if not number:
        return Asked(line, texts[0][:40], problem=_("不是保函编号"))
    rest = texts[texts.index(number) + 1 :]
    code = rest[0] if rest else ""
    code = code.zfill(6) if code.isascii() and code.isdecimal() and len(code) < 6 else code  # Excel drops leading zeros
    if code and not _CODE.fullmatch(code):
        return Asked(line, number.upper(), problem=_("验证码应是 6 位数字"))
    return Asked(line, number.upper(), code)


def _refused(message: str, advice: str) -> Invalid:
    return Invalid(message, advice=advice, fields={"file": message})
