"""Data sources of the approval engine (秒批, BH-22): whoever knows something of an application says it here.

Rooms above register what they know (claims: 追偿), as panels do. A source answers from what the platform has at hand:
it never calls outside, and raises SourceDown where what it would answer from is missing or too old. Then the answer is
"unknown", which no authority table waives: a person decides.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.guarantees.law.findings import UNKNOWN, Finding
from xinshu.guarantees.models import Guarantee

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class SourceDown(Exception):
    """A source cannot answer now; the message says why, in words for the person who has to find out instead."""


Ask = Callable[[Guarantee, datetime], Iterable[Finding]]


@dataclass(frozen=True)
class Source:
    """One source: its code, what people call it, and how it is asked."""

    code: str
    label: "StrOrPromise"
    ask: Ask


SOURCES: list[Source] = []
# Where the answers of this room's own rules come from, by the beginning of the rule's name.
ORIGINS: tuple[tuple[str, "StrOrPromise"], ...] = (
    ("identity.", gettext_lazy("机构注册核验")),
    ("record.", gettext_lazy("企业资料库")),
    ("documents.", gettext_lazy("申请材料")),
    ("papers.", gettext_lazy("审批记录")),
    ("line.", gettext_lazy("授信额度台账")),
    ("authority.", gettext_lazy("审批授权表和守信优惠方案")),
    ("product.", gettext_lazy("产品货架")),
    ("guarantor.", gettext_lazy("保证人资质登记")),
    ("tariff.", gettext_lazy("费率表")),
    ("wording.", gettext_lazy("函件文本")),
    ("period.", gettext_lazy("工程项目登记")),
)
OTHERWISE = gettext_lazy("法规规则库和工程项目登记")


def register_source(code: str, label: "StrOrPromise") -> Callable[[Ask], Ask]:
    """Have a function asked at every review. Called at start-up, once."""

    def keep(ask: Ask) -> Ask:
        SOURCES.append(Source(code, label, ask))
        return ask

    return keep


def ask_all(guarantee: Guarantee, at: datetime) -> list[Finding]:
    """Return what every registered source says; one that is down says "unknown"."""
    found: list[Finding] = []
    for source in SOURCES:
        try:
            answers = list(source.ask(guarantee, at))
        except SourceDown as why:
            message = _("“%(source)s”没有答复：%(why)s。由人工核实。") % {"source": source.label, "why": why}
            answers = [Finding(f"source.{source.code}", str(source.label), UNKNOWN, message)]
        found += [replace(answer, origin=str(source.label)) for answer in answers]
    return found


def origin_of(finding: Finding) -> str:
    """Return the source of an answer in words."""
    if finding.origin:
        return finding.origin
    return str(next((label for start, label in ORIGINS if finding.rule.startswith(start)), OTHERWISE))
