"""集团客户认定: what the graph finds is proposed to the books, whose people decide; books keep the limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.books.limits import USED, found_group, group_of, join_group
from xinshu.books.models import Account, CustomerGroup, GroupMember
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.enterprises.models import Relation
from xinshu.ties.analysis import Analysis
from xinshu.ties.analysis import Member as Belonging

LIMITS = "books.limits"


@dataclass(frozen=True)
class Proposal:
    """One customer of a house that the graph counts into a group, and in which group the books count it now."""

    organisation: Organisation
    why: str
    group: CustomerGroup | None


def customers_in(house_id: int, members: Sequence[Belonging]) -> list[tuple[Organisation, str]]:
    """Return those of a group who are customers of a house, with why they belong."""
    firms = {one.node.organisation_id: one for one in members if one.node.organisation_id}
    mine = set(
        Relation.objects.filter(guarantor=house_id, enterprise__organisation__in=firms).values_list(
            "enterprise__organisation", flat=True
        )
    )
    return [(one.node.organisation, one.why) for pk, one in firms.items() if pk in mine and one.node.organisation]


def proposals(house: Organisation, found: Analysis) -> list[Proposal]:
    """Return what the graph proposes to the books: nothing where fewer than two customers belong together."""
    there = customers_in(house.pk, found.group)
    if len(there) < 2:
        return []
    return [Proposal(one, why, group_of(house, one)) for one, why in there]


def settled(of: Sequence[Proposal]) -> bool:
    """Say whether the books count them all into one group already."""
    return len({one.group.pk if one.group else None for one in of}) == 1 and of[0].group is not None


@transaction.atomic
def take_into_books(house: Organisation, of: Sequence[Proposal], *, by: Member, at: datetime) -> CustomerGroup:
    """Count customers who belong together by the graph into one group of the books, founded now where there is none.

    Raises NotNow where they stand in several groups already: people decide which of them is right.
    """
    if not by.can(LIMITS) or by.organisation_id != house.pk:
        raise NotPermitted(_("您没有认定集团客户的权限。"), advice=_("由本机构维护限额的人员办理。"))
    groups = {one.group.pk: one.group for one in of if one.group}
    if not of:
        raise NotNow(_("图谱里没有两家以上的本机构客户属于同一集团。"))
    if len(groups) > 1:
        raise NotNow(
            _("这些客户已分在 %(n)s 个集团里，没有改动。") % {"n": len(groups)},
            advice=_("请先在集中度管理里移出，再归入同一个集团。"),
        )
    group = next(iter(groups.values())) if groups else _founded(house, of, by, at)
    for one in of:
        if one.group is None:
            relation = GroupMember.Relation.CONTROLLED
            basis = _("关联图谱：%(why)s") % {"why": one.why}
            join_group(group, one.organisation, relation=relation, basis=basis, by=by, at=at)
    return group


def _founded(house: Organisation, of: Sequence[Proposal], by: Member, at: datetime) -> CustomerGroup:
    name = _("%(name)s 关联集团") % {"name": of[0].organisation.name[:60]}
    if CustomerGroup.objects.filter(issuer=house, name=name).exists():
        raise Invalid(
            _("已经有名为“%(name)s”的集团，没有改动。") % {"name": name},
            advice=_("请在集中度管理里打开这个集团，归入成员。"),
        )
    return found_group(house, name, by=by, at=at)


def exposure_of(house_id: int, parties: Sequence[int]) -> int:
    """Return what these customers have taken up at a house together, in 分."""
    found = Account.objects.filter(holder=house_id, party__in=parties, purpose=USED, unit=Account.Unit.LINE)
    return sum(account.exposure for account in found)
