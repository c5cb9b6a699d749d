"""The columns that the register can show, in their order; number and type stand first, the state always shows."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

COLUMNS = {
    "applicant": _("申请人"),
    "guarantor": _("保证人"),
    "project": _("项目与受益人"),
    "amount": _("保函金额"),
    "fee": _("保费"),
    "issued": _("出函日"),
    "effective": _("生效日"),
    "expires": _("到期日"),
    "due": _("时限 / 到期"),
    "changed": _("更新时间"),
}
USUAL = ("applicant", "project", "amount", "fee", "due", "changed")


def chosen(words: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that `words` name, in the table's order; the usual ones when they name none."""
    asked = {part for word in words for part in word.split(",")}
    return tuple(code for code in COLUMNS if code in asked) or USUAL
