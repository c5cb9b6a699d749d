"""Fields of a type's own (类型字段): what an application must say besides amount and period. Pure.

A version of a type defines them; the wizard asks for them; a letter prints them at the place {name}. A value is kept
as JSON: text, a number as decimal string, an ISO day, an amount in 分, one of the choices.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.core.money import LARGEST, yuan

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TEXT, NUMBER, DAY, AMOUNT, CHOICE = "text", "number", "date", "amount", "choice"
SORTS: dict[str, "StrOrPromise"] = {
    TEXT: gettext_lazy("文字"),
    NUMBER: gettext_lazy("数字"),
    DAY: gettext_lazy("日期"),
    AMOUNT: gettext_lazy("金额"),
    CHOICE: gettext_lazy("选项"),
}
MOST = 8  # fields of one type
LONGEST = 200  # signs of a text
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9]{0,14}")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")


@dataclass(frozen=True)
class Extra:
    """One field: its name (also its place in texts), what sort of value, and what the applicant is told."""

    name: str
    sort: str = TEXT
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()

    def told(self, value: Any) -> str:
        """Return a kept value in words, as the letter prints it; "无" where nothing is kept."""
        if value in (None, ""):
            return _("无")
        return yuan(value) if self.sort == AMOUNT and isinstance(value, int) else str(value)

    def example(self) -> Any:
        """Return a value that a sample letter may show."""
        examples: dict[str, Any] = {
            NUMBER: "30", DAY: "2026-12-31", AMOUNT: 100_000_00, CHOICE: self.choices[0] if self.choices else "",
        }  # fmt: skip
        return examples.get(self.sort, _("示例%(name)s") % {"name": self.name})


def faults_of(extras: Sequence[Extra], taken: Sequence[str] = ()) -> list[str]:
    """Return, in words, what keeps `extras` from being the fields of a type. `taken`: names of other places."""
    found = []
    names = [extra.name for extra in extras]
    if len(extras) > MOST:
        found.append(_("最多 %(n)d 个字段。") % {"n": MOST})
    if len(set(names)) < len(names):
        found.append(_("字段名称不能重复。"))
    if clash := sorted(set(names) & set(taken)):
        found.append(_("“%(names)s”已是固定的占位项，请换一个名称。") % {"names": "、".join(clash)})
    for extra in extras:
        if not _NAME.fullmatch(extra.name):
            found.append(_("字段名称用 1 到 15 个汉字、字母或数字，不以数字开头。"))
        if extra.sort not in SORTS:
            found.append(_("请选择字段“%(name)s”的形式。") % {"name": extra.name})
        if len(extra.help) > LONGEST:
            found.append(_("字段“%(name)s”的说明太长。") % {"name": extra.name})
        options = extra.choices
        if extra.sort == CHOICE and (len(set(options)) < 2 or len(set(options)) < len(options)):
            found.append(_("字段“%(name)s”至少要有两个不同的选项。") % {"name": extra.name})
        if any(not 1 <= len(option) <= 40 or "{" in option or "}" in option for option in options):
            found.append(_("字段“%(name)s”的每个选项 1 到 40 个字，不带大括号。") % {"name": extra.name})
    return list(dict.fromkeys(found))


def missing(extras: Sequence[Extra], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the required fields that `values` leaves open."""
    return tuple(extra.name for extra in extras if extra.required and values.get(extra.name) in (None, ""))


def read(extras: Sequence[Extra], values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return (what is kept of `values`, what is wrong by name). Unknown names are wrong; what is left open is not."""
    kept: dict[str, Any] = {}
    wrong = {str(name)[:40]: _("这种保函没有这个字段") for name in values.keys() - {extra.name for extra in extras}}
    for extra in extras:
        value = values.get(extra.name)
        if value in (None, ""):
            continue
        try:
            kept[extra.name] = _READ[extra.sort](extra, value)
        except (ValueError, InvalidOperation) as fault:
            wrong[extra.name] = str(fault) or _("没有读懂")
    return kept, wrong


def _text(_extra: Extra, value: Any) -> str:
    text = " ".join(str(value).split())
    if len(text) > LONGEST:
        raise ValueError(_("最多 %(n)d 个字") % {"n": LONGEST})
    if "\x00" in text:
        raise ValueError(_("含有不能保存的字符"))
    return text


def _number(_extra: Extra, value: Any) -> str:
    text = str(value).strip().replace(",", "")
    if not _NUMBER.fullmatch(text):
        raise ValueError(_("请填写数字，最多六位小数"))
    return f"{Decimal(text):f}"


def _day(_extra: Extra, value: Any) -> str:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(_("请填写日期，例如 2026-12-31")) from None
    if not 1990 <= day.year <= 2190:
        raise ValueError(_("日期应在 1990 年至 2190 年之间"))
    return day.isoformat()


def _amount(_extra: Extra, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValueError(_("请填写金额"))
    return value


def _choice(extra: Extra, value: Any) -> str:
    if value not in extra.choices:
        raise ValueError(_("请选择其中一项"))
    return str(value)


_READ = {TEXT: _text, NUMBER: _number, DAY: _day, AMOUNT: _amount, CHOICE: _choice}
