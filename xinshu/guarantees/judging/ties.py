"""关联关系 at every review: the applicant's group, its circle and who falls with it, as the house knows them.

What was found is kept with the decision, for the guarantor's people alone. In the record that the applicant reads too
stands only whether a person had to look: whose customers are linked with it is not the applicant's to learn.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.books.limits import ceilings_of, group_of
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.enterprises.models import Enterprise
from xinshu.guarantees.judging.sources import register_source
from xinshu.guarantees.law.findings import FAILS, MEETS, Finding
from xinshu.guarantees.models import Decision, Guarantee, RelatedParties
from xinshu.guarantees.panels import Panel, register_panel
from xinshu.ties.analysis import THE_RULE, Analysis, analyse, words_of
from xinshu.ties.grouping import customers_in, exposure_of
from xinshu.ties.models import Tie
from xinshu.ties.nodes import found_node
from xinshu.ties.queries import known_by, surroundings, ties_of

RULE = "ties.group"
SHOWN = 20


@dataclass(frozen=True)
class Seen:
    """What the house knows: the conclusions, what its customers in the group take up together, and the limit."""

    analysis: Analysis
    customers: tuple[tuple[str, str], ...]  # name, why
    exposure: int  # 分 at this house, of the whole group, this application not yet among it; of nobody else: 0
    ceiling: int | None
    grouped: bool  # the books count all of them into one group


def look(guarantee: Guarantee, at: datetime) -> Seen | None:
    """Return what follows from the ties that the house knows; None where none are known of the applicant."""
    node = found_node(guarantee.applicant)
    if node is None:
        return None
    on, house = local_day(at), guarantee.guarantor_id
    own = ties_of(node.pk, house, on, known_by(on))
    if not own:
        return None
    ties = Tie.objects.seen_from(house, customers=True).standing(on, known_by(on))
    seen = analyse(surroundings(node, ties, begun=own))
    if len(seen.group) == 1:
        return Seen(seen, (), exposure=0, ceiling=None, grouped=True)
    customers = customers_in(guarantee.guarantor_id, seen.group)
    parties = {one.pk for one, _why in customers} | {guarantee.applicant_id}
    return Seen(
        seen, tuple((one.name, why) for one, why in customers if one.pk != guarantee.applicant_id),
        exposure_of(guarantee.guarantor_id, sorted(parties)), ceilings_of(guarantee.guarantor, on).group,
        grouped=len(parties) < 2 or _one_group(guarantee.guarantor, [one for one, _why in customers]),
    )  # fmt: skip


def _one_group(house: Organisation, customers: Sequence[Organisation]) -> bool:
    groups = [group_of(house, one) for one in customers]
    return groups[0] is not None and len({group and group.pk for group in groups}) == 1


@register_source("ties", lazy("关联关系"))
def ask_ties(guarantee: Guarantee, at: datetime) -> Iterator[Finding]:
    """Send to a person whoever stands in a guarantee circle, or whose group is larger than its limit."""
    seen = look(guarantee, at)
    if seen is None:
        return
    stands_out = bool(seen.analysis.circle) or seen.analysis.cut or (seen.customers and _over_with(seen, guarantee))
    told = _("按保证人的内部核查由人审批。") if stands_out else _("没有需要人工核对的关联。")
    yield Finding(RULE, _("关联关系"), FAILS if stands_out else MEETS, told, seen=seen)


def _over_with(seen: Seen, guarantee: Guarantee) -> bool:
    """Say whether the group would stand above its limit with this application."""
    return seen.ceiling is not None and seen.exposure + (guarantee.amount or 0) > seen.ceiling


def keep_related(decision: Decision, findings: Iterable[Finding]) -> RelatedParties | None:
    """Keep the group that a decision was made by. Must run in the transaction of the act that decided."""
    seen: Seen | None = next((finding.seen for finding in findings if finding.rule == RULE), None)
    if seen is None:
        return None
    analysis = seen.analysis
    return RelatedParties.objects.create(
        decision=decision,
        members=[{"node": one.node.reference, "name": one.node.name, "why": one.why} for one in analysis.group],
        circle=[
            {"tie": tie.reference, "from": tie.source.name, "to": tie.target.name, "says": words_of(tie)}
            for tie in analysis.ring
        ],
        struck=[
            {"node": one.node.reference, "name": one.node.name, "step": one.step, "by": one.by.name, "how": one.how,
             "tie": one.tie.reference, "says": words_of(one.tie), "goes_on": one.goes_on}
            for one in analysis.struck
        ],
        controller=analysis.controller.name if analysis.controller else "",
        customers=[{"name": name, "why": why} for name, why in seen.customers],
        exposure=seen.exposure, ceiling=seen.ceiling, grouped=seen.grouped, cut=analysis.cut,
    )  # fmt: skip


@register_panel
def related_panel(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Show the reviewer group, circle and contagion as they were at the last decision; None to all others."""
    if member.organisation_id != guarantee.guarantor_id or not member.can("enterprises.view"):
        return None
    kept = (
        RelatedParties.objects.filter(decision__guarantee=guarantee).select_related("decision").order_by("-pk").first()
    )
    if kept is None:
        return None
    firm = Enterprise.objects.visible_to(member).filter(organisation=guarantee.applicant_id).first()
    context: dict[str, Any] = {
        "kept": kept, "firm": firm, "members": kept.members[1 : SHOWN + 1], "struck": kept.struck[:SHOWN],
        "over": kept.over(guarantee.amount or 0), "limit": yuan(kept.ceiling) if kept.ceiling is not None else "",
        "used": yuan(kept.exposure), "rule": str(THE_RULE) % (),
    }  # fmt: skip
    return Panel("guarantees/_related.html", context, beside=True)
