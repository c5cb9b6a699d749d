"""The facts of a project that travel, both ways: one table of names, labels and shapes. Plain JSON, no database.

分 as integers, days and moments as ISO text (moments in UTC with Z), organisations by their names. `award` is
{"winner", "members", "amount"}. What is not known is absent. There is no field for bidders, on purpose.
"""

from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.clock import CHINA
from xinshu.core.sm import sm3
from xinshu.integrations.schemas import moment
from xinshu.ledger.canonical import canonical_json
from xinshu.projects.models import Party, Project
from xinshu.web.words import yuan

Facts = dict[str, Any]

FIELDS: dict[str, str | Promise] = {
    "name": lazy("项目名称"),
    "kind": lazy("工程类别"),
    "region_code": lazy("行政区划代码"),
    "site": lazy("建设地点"),
    "buyer": lazy("建设单位"),
    "regime": lazy("采购方式"),
    "estimate_amount": lazy("招标项目估算价"),
    "opens_at": lazy("开标时间"),
    "bid_validity_days": lazy("投标有效期"),
    "contract_days": lazy("工期"),
    "contract_amount": lazy("施工合同价款"),
    "completed_on": lazy("竣工验收日期"),
    "award": lazy("中标结果"),
}
AMOUNTS = {"estimate_amount": "estimate_source", "contract_amount": "contract_source"}  # and where it was read
# Whoever changes these could bring a secret project to light early: never by rule while one is secret.
REVEALING = ("opens_at", "buyer", "award")


def facts_of(project: Project) -> Facts:
    """Return what the platform knows of `project`, without its registrant and without anybody who bids."""
    told: Facts = {"number": project.number}
    for name in FIELDS:
        value = _award(project) if name == "award" else getattr(project, name)
        if value not in (None, ""):
            told[name] = _plain(value)
    return told


def _award(project: Project) -> Facts | None:
    if project.state != Project.AWARDED:
        return None
    parties = list(project.parties.select_related("organisation"))
    winner = next((one.organisation.name for one in parties if one.role == Party.Role.WINNER), "")
    members = [one.organisation.name for one in parties if one.role == Party.Role.CONSORTIUM_MEMBER]
    return {"winner": winner, "members": members, "amount": project.award_amount}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | dict) else value.name


def for_action(name: str, value: Any, source: str) -> Facts:
    """Return a fact as `amend_project` wants it, with where it was read."""
    if value is None:
        return {name: None}
    if name == "opens_at":
        return {name: datetime.fromisoformat(value)}
    if name == "completed_on":
        return {name: date.fromisoformat(value)}
    return {name: value, AMOUNTS[name]: source} if name in AMOUNTS else {name: value}


def digest_of(facts: Facts, *, withdrawn: bool) -> str:
    """Return what tells one content from another."""
    return sm3(canonical_json({"facts": facts, "withdrawn": withdrawn}).encode()).hex()


def in_words(name: str, value: Any) -> str:
    """Return a fact for people."""
    if value in (None, ""):
        return _("没有填写")
    if name in ("kind", "regime"):
        choices = Project.Kind.choices if name == "kind" else Project.Regime.choices
        return str(dict(choices).get(value, value))
    if name.endswith("_amount"):
        return _("%(yuan)s 元") % {"yuan": yuan(value)}
    if name.endswith("_days"):
        return _("%(n)s 天") % {"n": value}
    if name == "opens_at":
        return f"{datetime.fromisoformat(value).astimezone(CHINA):%Y-%m-%d %H:%M}"
    if name == "award":
        others = _("（联合体成员：%(names)s）") % {"names": "、".join(value["members"])} if value.get("members") else ""
        return _("%(winner)s%(others)s，%(yuan)s 元") % {
            "winner": value["winner"], "others": others, "yuan": yuan(value["amount"]),
        }  # fmt: skip
    return str(value)
