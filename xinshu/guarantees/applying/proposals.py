"""What the wizard proposes for a new application, and why: the usual share, the period the law wants."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from xinshu.core.clock import local_day
from xinshu.core.money import share
from xinshu.guarantees.law.legal import MOST, in_force
from xinshu.guarantees.law.periods import defects_end
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.pricing import add_months


@dataclass(frozen=True)
class Proposal:
    """A proposed value (None: nothing to go by) and the sentence that explains it."""

    value: int | date | None
    why: str


def proposed_terms(guarantee: Guarantee, on: date) -> dict[str, Proposal]:
    """Return what to propose on the day `on` for amount, effective_on and expires_on."""
    starts = Proposal(on + timedelta(days=1), _("自明天起生效"))
    assert isinstance(starts.value, date)
    return {
        "amount": _amount(guarantee, on),
        "effective_on": starts,
        "expires_on": ENDS.get(guarantee.type.period, _contract_end)(guarantee, starts.value),
    }


def _amount(guarantee: Guarantee, on: date) -> Proposal:
    kind, regime = guarantee.type, guarantee.project.regime
    base = kind.base_named(regime)
    if guarantee.base_amount is None:
        return Proposal(None, _("项目没有登记%(base)s，请填写金额") % {"base": base})
    usual = share(guarantee.base_amount, Decimal(kind.usual_share))
    limits = [
        limit
        for cap in in_force(kind.caps, on, regime)
        if cap.bound == MOST and (limit := cap.limit(guarantee.base_amount)) is not None
    ]
    why = _("按%(base)s的 %(share)s%% 计算，不超过法定上限") % {
        "base": base,
        "share": f"{Decimal(kind.usual_share) * 100:.6f}".rstrip("0").rstrip("."),
    }
    return Proposal(min([usual, *limits]), why)


def _bid_end(guarantee: Guarantee, _start: date) -> Proposal:
    project = guarantee.project
    if project.opens_at is None or project.bid_validity_days is None:
        return Proposal(None, _("项目没有登记开标时间或投标有效期，请填写"))
    return Proposal(
        local_day(project.opens_at) + timedelta(days=project.bid_validity_days),
        _("与投标有效期届满日一致（实施条例第26条）"),
    )


def _contract_end(guarantee: Guarantee, start: date) -> Proposal:
    if guarantee.project.contract_days is None:
        return Proposal(add_months(start, 12), _("项目没有登记工期，先按一年，请核对"))
    return Proposal(start + timedelta(days=guarantee.project.contract_days), _("按合同工期推算"))


def _defects_end(guarantee: Guarantee, _start: date) -> Proposal:
    end = defects_end(guarantee.project.completed_on, guarantee.project.defects_months)
    if end is None:
        return Proposal(None, _("项目没有登记竣工验收日期或缺陷责任期，请填写"))
    return Proposal(end, _("至缺陷责任期届满"))


ENDS = {"bid_validity": _bid_end, "defects": _defects_end}
