"""A type as it is kept: one JSON object, and back. What cannot be a type is refused here, field by field. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from xinshu.core.refusals import Invalid
from xinshu.guarantees.extras import Extra, faults_of
from xinshu.guarantees.kinds import BASES, DEPOSITS, PERIODS, SIDES, STAGES, Document, Kind, Register
from xinshu.guarantees.law.compliance import ASKED
from xinshu.guarantees.law.legal import LEAST, MOST, PROCUREMENT, TENDER, Cap
from xinshu.guarantees.letters.library import faults_in
from xinshu.guarantees.letters.texts import PLACES

CODE = re.compile(r"[a-z][a-z0-9_]{1,19}")
PREFIX = re.compile(r"[A-Z]{2}")
SIMPLE = (
    "code", "prefix", "base", "usual_share", "secret_until_opening", "applicant", "beneficiary", "stage", "period",
    "deposit", "template", "duty", "events", "proof", "pays_within",
)  # fmt: skip
# What a new version may not change: guarantees under way would turn into something else.
LASTING = ("prefix", "secret_until_opening", "applicant", "beneficiary")


def as_json(kind: Kind) -> dict[str, Any]:
    """Return `kind` as it is kept. Amounts in 分, shares as decimal strings, days ISO."""
    return {
        **{name: getattr(kind, name) for name in SIMPLE},
        "label": str(kind.label),
        "documents": [{"title": one.title, "required": one.required} for one in kind.documents],
        "more": list(kind.more),
        "rules": list(kind.rules),
        "fields": [
            {
                "name": one.name,
                "sort": one.sort,
                "required": one.required,
                "help": one.help,
                "choices": list(one.choices),
            }
            for one in kind.fields
        ],
        "caps": [
            {
                "rule": cap.rule,
                "regime": cap.regime,
                "source": cap.source,
                "since": cap.since.isoformat(),
                "until": cap.until.isoformat() if cap.until else None,
                "share": None if cap.share is None else str(cap.share),
                "ceiling": cap.ceiling,
                "checked": cap.checked,
                "bound": cap.bound,
            }
            for cap in kind.caps
        ],
    }


def read(kept: Mapping[str, Any], number: int, *, retired: bool = False) -> Kind:
    """Return the type that `as_json` wrote, as version `number`."""
    code = kept["code"]
    kind = Kind(code, kept["label"], kept["prefix"], kept["base"], kept["usual_share"])
    return replace(
        kind,
        **{name: kept[name] for name in SIMPLE},
        number=number,
        retired=retired,
        documents=tuple(Document(one["title"], one["required"]) for one in kept["documents"]),
        more=tuple(kept["more"]),
        rules=tuple(kept["rules"]),
        fields=tuple(  # written since types have fields of their own
            Extra(one["name"], one["sort"], one["required"], one["help"], tuple(one["choices"]))
            for one in kept.get("fields", ())
        ),
        caps=tuple(
            Cap(
                cap["rule"], code, cap["regime"], cap["source"], date.fromisoformat(cap["since"]),
                until=date.fromisoformat(cap["until"]) if cap["until"] else None,
                share=None if cap["share"] is None else Decimal(cap["share"]),
                ceiling=cap["ceiling"], checked=cap["checked"], bound=cap["bound"],
            )
            for cap in kept["caps"]
        ),
    )  # fmt: skip


def check(kind: Kind, register: Register) -> None:
    """Raise Invalid, naming every field, for what cannot be a type beside those of `register`."""
    problems: dict[str, str] = {}
    if not CODE.fullmatch(kind.code):
        problems["code"] = _("代码用小写字母开头，2 到 20 位小写字母、数字或下划线。")
    if not PREFIX.fullmatch(kind.prefix):
        problems["prefix"] = _("编号前缀是两个大写字母。")
    elif any(other.prefix == kind.prefix for other in register.values() if other.code != kind.code):
        problems["prefix"] = _("这个前缀已用于其他类型。")
    if not 2 <= len(str(kind.label)) <= 20:
        problems["label"] = _("名称填 2 到 20 个字。")
    elif any(str(other.label) == str(kind.label) for other in register.values() if other.code != kind.code):
        problems["label"] = _("已有同名的类型。")
    for name, known in (
        ("base", BASES), ("applicant", SIDES), ("beneficiary", SIDES), ("stage", STAGES), ("period", PERIODS),
        ("deposit", DEPOSITS),
    ):  # fmt: skip
        if getattr(kind, name) not in known:
            problems[name] = _("请选择其中一项。")
    if faults := faults_of(kind.fields, tuple(PLACES)):
        problems["fields"] = "".join(faults)
    problems |= _parties(kind) | _secrecy(kind) | _texts(kind) | _limits(kind)
    if not _is_share(kind.usual_share):
        problems["usual_share"] = _("比例填 0 到 100 之间的数。")
    titles = [document.title for document in kind.documents]
    if len(set(titles)) < len(titles) or any(not 1 <= len(title) <= 60 for title in titles):
        problems["documents"] = _("材料名称 1 到 60 个字，不能重复。")
    if set(kind.rules) - ASKED.keys():
        problems["rules"] = _("没有这样的规则。")
    present = register.get(kind.code)
    if present is not None:
        for name in LASTING:
            if getattr(present, name) != getattr(kind, name):
                problems[name] = _("新版本不能改变这一项，已出具的保函会因此变成另一种。需要时请新建类型。")
    if problems:
        raise Invalid(_("类型没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)


def _parties(kind: Kind) -> dict[str, str]:
    if kind.applicant == kind.beneficiary:
        return {"beneficiary": _("申请人和受益人不能是同一方。")}
    if kind.applicant == "labour":
        return {"applicant": _("申请人是承包人或建设单位。")}
    return {}


def _secrecy(kind: Kind) -> dict[str, str]:
    if (kind.stage == "tendering") != kind.secret_until_opening:
        return {"secret_until_opening": _("招标阶段的保函会透露投标人，必须开标前保密；其他阶段的不保密。")}
    if kind.secret_until_opening and (kind.applicant, kind.beneficiary) != ("contractor", "buyer"):
        return {"beneficiary": _("招标阶段由投标人申请、向招标人出具。")}
    if kind.stage == "tendering" and kind.base != "estimate":
        return {"base": _("开标前只有招标项目估算价可作基数。")}
    return {}


def _texts(kind: Kind) -> dict[str, str]:
    problems = {}
    fields = [extra.name for extra in kind.fields]
    for name in ("duty", "events", "proof"):
        text = getattr(kind, name)
        if len(text.strip()) < 4:
            problems[name] = _("请填写这一条款。")
        elif faults := faults_in(text, fields):
            problems[name] = "".join(faults)
    if faults := [fault for text in kind.more for fault in faults_in(text, fields)]:
        problems["more"] = "".join(faults)
    if not re.fullmatch(r"[一二三四五六七八九十]{1,3}个工作日", kind.pays_within):
        problems["pays_within"] = _("写成“七个工作日”这样的中文数字。")
    return problems


def _limits(kind: Kind) -> dict[str, str]:
    for cap in kind.caps:
        whole = (cap.share is None) != (cap.ceiling is None)
        dated = cap.until is None or cap.since <= cap.until
        known = cap.bound in (MOST, LEAST) and cap.regime in ("", TENDER, PROCUREMENT)
        positive = (cap.share is None or 0 < cap.share <= 1) and (cap.ceiling is None or cap.ceiling > 0)
        if not (whole and dated and known and positive and cap.source.strip()):
            return {
                "caps": _("每条限额写明比例或金额之一（比例不超过 100%）、依据和起始日期，终止日期不早于起始日期。")
            }
    return {}


def _is_share(text: str) -> bool:
    try:
        return 0 < Decimal(text) <= 1
    except InvalidOperation:
        return False
