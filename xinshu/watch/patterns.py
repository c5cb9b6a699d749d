"""What is watched: one table of patterns (监测项) with their thresholds, and what holds where nobody wrote a rule.

Shares are percent, amounts 分, windows days. A pattern `of_tender` is about several bidders of one tender: what it finds
exists for nobody until the bids are open. Pure.
"""

# ruff: noqa: E501  (a table is read across)

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

COUNT, DAYS, AMOUNT, PERCENT = "count", "days", "amount", "percent"
UNITS: dict[str, "StrOrPromise"] = {COUNT: "", DAYS: lazy("天"), AMOUNT: lazy("元"), PERCENT: "%"}
NOTE, WARN, SEVERE = "note", "warn", "severe"
GRADES: dict[str, "StrOrPromise"] = {NOTE: lazy("关注"), WARN: lazy("预警"), SEVERE: lazy("严重")}
GRADE_TONES = {NOTE: "info", WARN: "warn", SEVERE: "danger"}
POINTS = {NOTE: 10, WARN: 30, SEVERE: 60}  # what a fresh alert adds to a firm's level
ANOMALY, EVENT = "anomaly", "event"


@dataclass(frozen=True)
class Limit:
    """One threshold: what people call it, its kind, where it stands unless a rule says otherwise, its bounds."""

    label: "StrOrPromise"
    kind: str
    usual: int
    least: int
    most: int

    @property
    def unit(self) -> "StrOrPromise":
        return UNITS[self.kind]


@dataclass(frozen=True)
class Pattern:
    """One thing that is watched. `blocks`: what it finds freezes new business of the firm, unless a rule says not."""

    code: str
    label: "StrOrPromise"
    says: "StrOrPromise"
    grade: str
    limits: Mapping[str, Limit] = field(default_factory=dict)
    blocks: bool = False
    on: bool = True
    of_tender: str = ""  # which trace several bidders of one tender must not share
    group: str = ANOMALY


def _several(what: str, label: "StrOrPromise", says: "StrOrPromise", grade: str, *, blocks: bool = False) -> Pattern:
    return Pattern(
        f"same_{what}", label, says, grade, {"firms": Limit(lazy("投标单位至少"), COUNT, 2, 2, 50)}, blocks,
        of_tender=what,
    )  # fmt: skip


def _event(kind: str, label: "StrOrPromise", grade: str, half_life: int) -> Pattern:
    return Pattern(
        f"event_{kind}", label, lazy("负面事件按这个等级预警，影响按半衰期减弱。"), grade,
        {"half_life": Limit(lazy("半衰期"), DAYS, half_life, 1, 3650)}, group=EVENT,
    )  # fmt: skip


_MOST_YUAN = 10_000_000_000_000  # 分: a hundred billion yuan
PATTERNS: dict[str, Pattern] = {
    one.code: one
    for one in (
        Pattern("often_firm", lazy("申请频繁"), lazy("同一企业在期间内提交的申请过多。"), WARN,
                {"number": Limit(lazy("申请笔数达到"), COUNT, 20, 2, 10_000), "days": Limit(lazy("期间"), DAYS, 7, 1, 366)}),
        Pattern("often_agent", lazy("代办频繁"), lazy("同一经办人在期间内为多家企业提交申请。"), WARN,
                {"firms": Limit(lazy("企业家数达到"), COUNT, 3, 2, 1_000), "days": Limit(lazy("期间"), DAYS, 30, 1, 366)}),
        Pattern("over_sum", lazy("担保总额超限"), lazy("企业在本机构未了结的担保合计超过限额。"), SEVERE,
                {"amount": Limit(lazy("合计超过"), AMOUNT, 50_000_000_000, 1, _MOST_YUAN)}),
        Pattern("over_share", lazy("集中度超限"), lazy("企业占本机构未了结担保的比例过高，每晚核对。"), WARN,
                {"percent": Limit(lazy("占比超过"), PERCENT, 20, 1, 100),
                 "amount": Limit(lazy("且合计超过"), AMOUNT, 10_000_000_000, 0, _MOST_YUAN)}),
        Pattern("odd_amount", lazy("金额偏离法定限额"), lazy("保函金额远低于项目的法定限额。"), NOTE,
                {"percent": Limit(lazy("低于限额的"), PERCENT, 10, 1, 99)}),
        Pattern("edited_often", lazy("反复修改"), lazy("申请提交前修改次数过多。"), NOTE,
                {"number": Limit(lazy("修改次数达到"), COUNT, 10, 2, 1_000)}),
        Pattern("odd_party", lazy("申请人与中标人不符"), lazy("项目已登记中标人，申请人不在其中。"), WARN),
        Pattern("odd_payer", lazy("付款人与申请人不符"), lazy("保费由申请人以外的单位转账。"), WARN),
        _several("device", lazy("同一设备投标"), lazy("同一标段不同投标人的申请出自同一设备，开标后公布。"), SEVERE, blocks=True),
        _several("address", lazy("同一网络地址投标"), lazy("同一标段不同投标人的申请出自同一网络地址，开标后公布。"), WARN),
        _several("agent", lazy("同一经办人投标"), lazy("同一标段不同投标人由同一人经办，开标后公布。"), SEVERE, blocks=True),
        _several("account", lazy("同一账户付费"), lazy("同一标段不同投标人的保费出自同一账户，开标后公布。"), SEVERE, blocks=True),
        _event("registration", lazy("工商变更"), NOTE, 90),
        _event("lawsuit", lazy("涉诉与执行"), WARN, 180),
        _event("tax", lazy("税务"), WARN, 180),
        _event("opinion", lazy("舆情"), NOTE, 30),
        _event("credit", lazy("信用处罚"), SEVERE, 365),
    )
}  # fmt: skip
ANOMALIES = {code: one for code, one in PATTERNS.items() if one.group == ANOMALY}
EVENTS = {code.removeprefix("event_"): one for code, one in PATTERNS.items() if one.group == EVENT}
TRACES = tuple(one.of_tender for one in PATTERNS.values() if one.of_tender)


def kind_label(kind: str) -> "StrOrPromise":
    """Return what a kind of event is called."""
    return EVENTS[kind].label if kind in EVENTS else kind
