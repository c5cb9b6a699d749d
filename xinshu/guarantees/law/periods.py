"""How long a guarantee must last (担保期限), and where in the project's life it has its place. Pure."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from xinshu.core.clock import local_day
from xinshu.guarantees.kinds import Kind
from xinshu.guarantees.law.findings import FAILS, MEETS, SUBMISSION, UNKNOWN, Facts, Finding
from xinshu.guarantees.law.legal import RULES
from xinshu.guarantees.pricing import add_months

LONGEST_DEFECTS = 24  # months


def period_findings(facts: Facts, kind: Kind, at: datetime) -> list[Finding]:
    """Return what the rules say about effective_on and expires_on."""
    label = _("担保期限")
    if facts.effective_on is None or facts.expires_on is None:
        return [Finding("period.stated", label, FAILS, _("没有写明生效日和到期日。"), stops=SUBMISSION)]
    if facts.expires_on < facts.effective_on or facts.expires_on < local_day(at):
        return [Finding("period.stated", label, FAILS, _("到期日早于生效日或已经过去。"), stops=SUBMISSION)]
    stated = _("%(start)s 至 %(end)s。") % {
        "start": facts.effective_on.isoformat(),
        "end": facts.expires_on.isoformat(),
    }
    found = [Finding("period.stated", label, MEETS, stated, stops=SUBMISSION)]
    found += _before_opening(facts, kind, at) if kind.stage == "tendering" else _after_opening(facts, kind, at)
    if any(finding.verdict == FAILS for finding in found):
        return found
    if kind.stage == "completion":
        found += _completed(facts, kind, at)
    return [*found, *PERIOD_RULES[kind.period](facts, at)]


def _after_opening(facts: Facts, kind: Kind, at: datetime) -> list[Finding]:
    """Before the bids are open a performance guarantee would betray a bidder, and nobody has won yet."""
    if facts.opens_at is None or facts.opens_at <= at:
        return []
    message = _("还没有开标，不能申请%(kind)s。") % {"kind": kind.label}
    return [Finding("period.opening", _("开标时间"), FAILS, message, stops=SUBMISSION)]


def _before_opening(facts: Facts, kind: Kind, at: datetime) -> list[Finding]:
    label = _("开标时间")
    if facts.opens_at is None:
        return [Finding("period.opening", label, FAILS, _("项目没有登记开标时间，请先补充。"), stops=SUBMISSION)]
    if facts.opens_at <= at:
        message = _("已经开标，不能再出具%(kind)s。") % {"kind": kind.label}
        return [Finding("period.opening", label, FAILS, message, stops=SUBMISSION)]
    return [Finding("period.opening", label, MEETS, _("尚未开标。"), stops=SUBMISSION)]


def _completed(facts: Facts, kind: Kind, at: datetime) -> list[Finding]:
    label = _("竣工验收")
    if facts.completed_on is None:
        message = _("项目没有登记竣工验收日期，请核对是否已经竣工。")
        return [Finding("period.completed", label, UNKNOWN, message)]
    if facts.completed_on > local_day(at):
        message = _("竣工验收日期 %(day)s 还没有到。") % {"day": facts.completed_on.isoformat()}
        return [Finding("period.completed", label, UNKNOWN, message)]
    message = _("已于 %(day)s 竣工验收。") % {"day": facts.completed_on.isoformat()}
    return [Finding("period.completed", label, MEETS, message)]


def _bid_validity(facts: Facts, at: datetime) -> list[Finding]:
    label = _("投标有效期")
    source = _("招标投标法实施条例第26条：投标保证金有效期应当与投标有效期一致")
    if facts.bid_validity_days is None or facts.opens_at is None:
        return [Finding("period.bid", label, UNKNOWN, _("项目没有登记投标有效期。"), source)]
    needed = local_day(facts.opens_at) + timedelta(days=facts.bid_validity_days)
    assert facts.expires_on is not None
    if facts.expires_on < needed:
        message = _("到期日 %(end)s 早于投标有效期届满日 %(needed)s。") % {
            "end": facts.expires_on.isoformat(),
            "needed": needed.isoformat(),
        }
        return [Finding("period.bid", label, FAILS, message, source, stops=SUBMISSION)]
    message = _("覆盖投标有效期（至 %(needed)s）。") % {"needed": needed.isoformat()}
    return [Finding("period.bid", label, MEETS, message, source, stops=SUBMISSION)]


def _contract_days(facts: Facts, at: datetime) -> list[Finding]:
    label = _("合同工期")
    if facts.contract_days is None:
        message = _("项目没有登记合同工期，请核对担保期是否覆盖竣工验收。")
        return [Finding("period.contract", label, UNKNOWN, message)]
    needed = _contract_end(facts)
    assert facts.expires_on is not None
    if facts.expires_on < needed:
        message = _("到期日早于按工期推算的竣工日 %(needed)s，请核对。") % {"needed": needed.isoformat()}
        return [Finding("period.contract", label, UNKNOWN, message)]
    message = _("覆盖合同工期（至 %(needed)s）。") % {"needed": needed.isoformat()}
    return [Finding("period.contract", label, MEETS, message)]


def _construction(facts: Facts, at: datetime) -> list[Finding]:
    label, rule = _("施工工期"), RULES["wage.period"]
    if not rule.holds(local_day(at)) or facts.contract_days is None:
        return _contract_days(facts, at)
    needed = _contract_end(facts)
    assert facts.expires_on is not None
    if facts.expires_on < needed:
        message = _("到期日 %(end)s 早于按工期推算的竣工日 %(needed)s。") % {
            "end": facts.expires_on.isoformat(),
            "needed": needed.isoformat(),
        }
        return [Finding(rule.rule, label, FAILS, message, rule.source, stops=SUBMISSION)]
    message = _("不短于施工工期（至 %(needed)s）。") % {"needed": needed.isoformat()}
    return [Finding(rule.rule, label, MEETS, message, rule.source, stops=SUBMISSION)]


def _defects(facts: Facts, at: datetime) -> list[Finding]:
    label = _("缺陷责任期")
    end = defects_end(facts.completed_on, facts.defects_months)
    if end is None or facts.defects_months is None:
        message = _("项目没有登记竣工验收日期或缺陷责任期，请核对担保期是否覆盖。")
        return [Finding("period.defects", label, UNKNOWN, message)]
    assert facts.expires_on is not None
    if facts.expires_on < end:
        message = _("到期日早于缺陷责任期届满日 %(end)s，请核对。") % {"end": end.isoformat()}
        return [Finding("period.defects", label, UNKNOWN, message)]
    return [
        Finding("period.defects", label, MEETS, _("覆盖缺陷责任期（至 %(end)s）。") % {"end": end.isoformat()}),
        *_longest_defects(facts.defects_months, local_day(at)),
    ]


def _longest_defects(months: int, on: date) -> list[Finding]:
    rule, label = RULES["defects.longest"], _("缺陷责任期长度")
    if not rule.holds(on):
        return []
    if months > LONGEST_DEFECTS:
        message = _("登记的缺陷责任期 %(n)d 个月，超过 %(most)d 个月，请核对。") % {
            "n": months,
            "most": LONGEST_DEFECTS,
        }
        return [Finding(rule.rule, label, UNKNOWN, message, rule.source)]
    return [Finding(rule.rule, label, MEETS, _("%(n)d 个月。") % {"n": months}, rule.source)]


def defects_end(completed_on: date | None, months: int | None) -> date | None:
    """Return the last day of the defects period, or None while something for it is not known."""
    return None if completed_on is None or months is None else add_months(completed_on, months)


def _contract_end(facts: Facts) -> date:
    assert facts.effective_on is not None
    assert facts.contract_days is not None
    return facts.effective_on + timedelta(days=facts.contract_days)


PERIOD_RULES = {
    "bid_validity": _bid_validity,
    "contract_days": _contract_days,
    "construction": _construction,
    "defects": _defects,
}
