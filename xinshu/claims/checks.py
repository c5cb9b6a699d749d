"""What an examiner looks at, by the nature of the promise, each with the rule that it rests on. Pure data.

Of an independent guarantee the papers are judged on their face; a surety and an insurer look at the facts as well.
"""

# ruff: noqa: E501  (a table is read across)

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from xinshu.guarantees.kinds import Nature

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MEETS, FAILS, NOT_ASKED, OPEN = "meets", "fails", "not_asked", ""
VERDICTS: dict[str, "StrOrPromise"] = {
    OPEN: _("还没有看"),
    MEETS: _("符合"),
    FAILS: _("不符"),
    NOT_ASKED: _("不适用"),
}
ALL = (Nature.INDEPENDENT, Nature.JOINT, Nature.GENERAL, Nature.INSURANCE)
SURETY = (Nature.JOINT, Nature.GENERAL)
OTHER = "other"  # a discrepancy in the examiner's own words


@dataclass(frozen=True)
class Check:
    """One thing to look at: its words, for which natures, on which rule it rests."""

    code: str
    label: "StrOrPromise"
    natures: tuple[str, ...]
    source: "StrOrPromise"


CHECKS = (
    Check("in_time",     _("在到期日当日结束前送达"),                 ALL,    _("函件约定的到期日；URDG 758 第 14 条")),
    Check("amount",      _("金额不超过可索赔余额"),                   ALL,    _("函件约定的最高金额；URDG 758 第 17 条")),
    Check("claimant",    _("索赔人是受益人，索赔通知由有权人签章"),   ALL,    _("函件约定的索赔通知")),
    Check("statement",   _("写明申请人在哪一方面违约"),               ALL,    _("URDG 758 第 15 条；函件约定")),
    Check("documents",   _("函件要求的单据在提交时齐全"),             ALL,    _("URDG 758 第 14、19 条；函件约定")),
    Check("consistent",  _("单据之间、单据与函件之间没有矛盾"),       (Nature.INDEPENDENT,), _("URDG 758 第 19 条")),
    Check("default",     _("申请人确实没有履行所担保的义务"),         SURETY, _("民法典第 681、701 条")),
    Check("debt",        _("主债权存在，所索金额不超过实际损失"),     SURETY, _("民法典第 691、701 条")),
    Check("changes",     _("主合同变更没有未经同意而加重债务"),       SURETY, _("民法典第 695 条")),
    Check("event",       _("属于保险责任，不在免责范围"),             (Nature.INSURANCE,), _("经备案的保险条款；保险法第 22 条")),
    Check("loss",        _("损失金额已核定"),                         (Nature.INSURANCE,), _("保险法第 23 条")),
)  # fmt: skip


def checks_for(nature: str) -> list[Check]:
    """Return what to look at for a promise of this nature, in order."""
    return [check for check in CHECKS if nature in check.natures]
