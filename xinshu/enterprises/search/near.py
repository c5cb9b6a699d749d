"""名称相近: customers whose name was meant though it was typed otherwise: a slip of a reader, a former name, other
brackets, a short form, a part left out. Shown below what holds the words as typed, each with the reason.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.enterprises.models import Enterprise, Relation
from xinshu.enterprises.naming.comparing import (
    BRANCH,
    DIFFERS,
    FORM,
    FORMER,
    MISSING,
    NAMESAKE,
    SHORT,
    SLIP,
    WRITTEN,
    Point,
    Verdict,
)
from xinshu.enterprises.naming.resolving import resolve

LEAST = re.compile("[\u4e00-\u9fff].*[\u4e00-\u9fff].*[\u4e00-\u9fff].*[\u4e00-\u9fff]", re.DOTALL)  # four signs
MOST = 60  # candidates of one key: a name that so many have says nothing


@dataclass(frozen=True)
class Near:
    """A customer who may be meant, the name by which it was found, and why."""

    enterprise: Enterprise
    name: str
    why: str
    score: int


def near(typed: str, member: Member, besides: Iterable[Enterprise] = ()) -> list[Near]:
    """Return customers of the member's institution whose name is near to what was typed, the likeliest first.

    `besides`: who was found as typed. Less than four signs are no name.
    """
    typed = typed.encode("utf-8", "ignore").decode()
    if not LEAST.search(typed) or not member.can("enterprises.view"):
        return []
    house = member.organisation_id
    customer = Relation.objects.filter(guarantor=house, enterprise__organisation=OuterRef("organisation"))
    found = resolve(
        [typed], among=Q(enterprise__relations__guarantor=house), named=Q(Exists(customer)), most=MOST
    ).get(typed, [])  # fmt: skip
    firms = Enterprise.objects.visible_to(member).filter(organisation__in=[one.organisation.pk for one in found])
    records = {one.organisation_id: one for one in firms.select_related("organisation")}
    known = {one.pk for one in besides}
    return [
        Near(record, one.name, why(one.name, record.organisation.name, one.verdict), one.verdict.score)
        for one in found
        if (record := records.get(one.organisation.pk)) is not None and record.pk not in known
    ]


def why(name: str, called: str, verdict: Verdict) -> str:
    """Return why somebody who is called `called` is shown, found by `name`, in one line."""
    said = {
        WRITTEN: _("括号、空格或全半角写法不同"), FORM: _("“有限公司”与“有限责任公司”写法不同"), FORMER: _("曾用名"),
        SLIP: _("疑似错字"), SHORT: _("疑似简称"), BRANCH: _("分支机构与总公司"), NAMESAKE: _("有同名机构，未核实"),
    }.get(verdict.how, _("名称的一部分相同"))  # fmt: skip
    told = [words for point in verdict.points if (words := _differs(point))]
    text = f"{said}：{'，'.join(told)}" if told and verdict.how != FORM else said
    return f"{text}（{name}）" if name != called else text


def _differs(point: Point) -> str:
    words = {"part": point.label, "here": point.here, "there": point.there}
    if point.says == MISSING and (point.here or point.there):
        return (_("输入里没有%(part)s“%(there)s”") if point.there else _("资料里没有%(part)s“%(here)s”")) % words
    if point.says == DIFFERS and point.here and point.there:
        return _("%(part)s输入“%(here)s”，资料“%(there)s”") % words
    return f"{point.label}“{point.here or point.there}”" if point.says == DIFFERS else ""
