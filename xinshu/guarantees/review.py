"""Automatic review (自动审查): one application's facts against every rule, each answer with its evidence. Pure.

A rule answers three ways: meets, fails, unknown (a person must find out). A failing rule that `stops` something stops
it: SUBMISSION is the applicant's to mend, APPROVAL the guarantor's. The rest goes to a person.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.legal import caps
from xinshu.guarantees.wording import Fault

RULES_VERSION = "2026.11"
MEETS, FAILS, UNKNOWN = "meets", "fails", "unknown"
SUBMISSION, APPROVAL = "submission", "approval"
AUTHORITY = "authority.auto"  # the one rule that no table may waive: it is the table's own limit


@dataclass(frozen=True)
class Facts:
    """What is known of an application on the day of review. Amounts in 分; None is "not known", never zero."""

    kind: str
    amount: int
    base_amount: int | None
    base_source: str
    effective_on: date | None
    expires_on: date | None
    opens_at: datetime | None
    bid_validity_days: int | None
    contract_days: int | None
    applicant_verified: bool
    missing_fields: tuple[str, ...]
    stale_fields: tuple[str, ...]
    line_available: int | None
    line_bound_by: str = field(default="", kw_only=True)  # a limit narrower than the line, in words
    auto_limit: int | None  # 分 that the authority table lets pass without a person; None: no row for this applicant
    waived: tuple[str, ...] = ()  # rules whose "unknown" the authority table accepts for such applicants
    wording_faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One rule's answer: what it asked, what it found, on what evidence."""

    rule: str
    label: str
    verdict: str
    message: str
    source: str = ""
    stops: str = ""
    waived: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def review(facts: Facts, at: datetime) -> list[Finding]:
    """Return every rule's finding on `facts` at the moment `at`."""
    on = local_day(at)
    findings = [
        *_cap_findings(facts, on),
        *_period_findings(facts, on, at),
        _identity(facts),
        _record(facts),
        _line(facts),
        *(Finding(fault.rule, _("函件文本"), FAILS, fault.message, stops=SUBMISSION) for fault in facts.wording_faults),
        _authority(facts),
    ]
    return [
        replace(finding, waived=True)
        if finding.verdict == UNKNOWN and finding.rule in facts.waived and finding.rule != AUTHORITY
        else finding
        for finding in findings
    ]


def passes_alone(findings: list[Finding]) -> bool:
    """Return whether no person is needed: every rule meets, or what is unknown is waived by the authority table."""
    return all(finding.verdict == MEETS or finding.waived for finding in findings)


def obstacles(findings: list[Finding], to: str) -> list[Finding]:
    """Return the failing findings that stop a SUBMISSION, or an APPROVAL (stopped by either kind)."""
    stopping = {SUBMISSION} if to == SUBMISSION else {SUBMISSION, APPROVAL}
    return [finding for finding in findings if finding.verdict == FAILS and finding.stops in stopping]


def _cap_findings(facts: Facts, on: date) -> list[Finding]:
    found = []
    label = KINDS[facts.kind].base_label
    for cap in caps(facts.kind, on):
        limit = cap.limit(facts.base_amount)
        if limit is None:
            verdict, message = UNKNOWN, _("没有%(base)s，无法核对上限。") % {"base": label}
        elif facts.amount <= limit:
            verdict = MEETS
            message = _("保函金额 %(amount)s 元，上限 %(limit)s 元（%(base)s来自%(source)s）。") % {
                "amount": yuan(facts.amount),
                "limit": yuan(limit),
                "base": label,
                "source": facts.base_source or _("申请填写"),
            }
        else:
            verdict = FAILS if cap.checked else UNKNOWN
            message = _("保函金额 %(amount)s 元，超过上限 %(limit)s 元。") % {
                "amount": yuan(facts.amount),
                "limit": yuan(limit),
            }
        found.append(
            Finding(cap.rule, _("法定上限"), verdict, message, cap.source, stops=SUBMISSION if cap.checked else "")
        )
    return found


def _period_findings(facts: Facts, on: date, at: datetime) -> list[Finding]:
    label = _("担保期限")
    if facts.effective_on is None or facts.expires_on is None:
        return [Finding("period.stated", label, FAILS, _("没有写明生效日和到期日。"), stops=SUBMISSION)]
    if facts.expires_on < facts.effective_on or facts.expires_on < on:
        return [Finding("period.stated", label, FAILS, _("到期日早于生效日或已经过去。"), stops=SUBMISSION)]
    found = [
        Finding(
            "period.stated",
            label,
            MEETS,
            _("%(start)s 至 %(end)s。")
            % {"start": facts.effective_on.isoformat(), "end": facts.expires_on.isoformat()},
            stops=SUBMISSION,
        )
    ]
    if facts.kind == "bid":
        found += _bid_period(facts, at)
    else:
        found += [*_opened(facts, at), _contract_period(facts)]
    return found


def _opened(facts: Facts, at: datetime) -> list[Finding]:
    """A performance guarantee before the bids are open would betray a bidder, and nobody has won yet."""
    label = _("开标时间")
    if facts.opens_at is None or facts.opens_at <= at:
        return []
    return [Finding("period.opening", label, FAILS, _("还没有开标，不能申请履约保函。"), stops=SUBMISSION)]


def _bid_period(facts: Facts, at: datetime) -> list[Finding]:
    source = _("招标投标法实施条例第26条：投标保证金有效期应当与投标有效期一致")
    if facts.opens_at is None:
        return [
            Finding("period.opening", _("开标时间"), FAILS, _("项目没有登记开标时间，请先补充。"), stops=SUBMISSION)
        ]
    if facts.opens_at <= at:
        return [Finding("period.opening", _("开标时间"), FAILS, _("已经开标，不能再出具投标保函。"), stops=SUBMISSION)]
    found = [Finding("period.opening", _("开标时间"), MEETS, _("尚未开标。"), stops=SUBMISSION)]
    if facts.bid_validity_days is None:
        return [*found, Finding("period.bid", _("投标有效期"), UNKNOWN, _("项目没有登记投标有效期。"), source)]
    needed = local_day(facts.opens_at) + timedelta(days=facts.bid_validity_days)
    assert facts.expires_on is not None
    if facts.expires_on < needed:
        message = _("到期日 %(end)s 早于投标有效期届满日 %(needed)s。") % {
            "end": facts.expires_on.isoformat(),
            "needed": needed.isoformat(),
        }
        return [*found, Finding("period.bid", _("投标有效期"), FAILS, message, source, stops=SUBMISSION)]
    message = _("覆盖投标有效期（至 %(needed)s）。") % {"needed": needed.isoformat()}
    return [*found, Finding("period.bid", _("投标有效期"), MEETS, message, source, stops=SUBMISSION)]


def _contract_period(facts: Facts) -> Finding:
    label = _("合同工期")
    if facts.contract_days is None:
        return Finding("period.contract", label, UNKNOWN, _("项目没有登记合同工期，请核对担保期是否覆盖竣工验收。"))
    assert facts.effective_on is not None
    assert facts.expires_on is not None
    needed = facts.effective_on + timedelta(days=facts.contract_days)
    if facts.expires_on < needed:
        return Finding(
            "period.contract",
            label,
            UNKNOWN,
            _("到期日早于按工期推算的竣工日 %(needed)s，请核对。") % {"needed": needed.isoformat()},
        )
    return Finding(
        "period.contract", label, MEETS, _("覆盖合同工期（至 %(needed)s）。") % {"needed": needed.isoformat()}
    )


def _identity(facts: Facts) -> Finding:
    if facts.applicant_verified:
        return Finding("identity.verified", _("主体身份"), MEETS, _("统一社会信用代码已核验。"))
    return Finding("identity.verified", _("主体身份"), UNKNOWN, _("身份未核验，请核对营业执照。"))


def _record(facts: Facts) -> Finding:
    if facts.missing_fields or facts.stale_fields:
        message = _("缺少或过期：%(fields)s。") % {"fields": "、".join((*facts.missing_fields, *facts.stale_fields))}
        return Finding("record.complete", _("企业资料"), UNKNOWN, message)
    return Finding("record.complete", _("企业资料"), MEETS, _("资料齐全且在有效期内。"))


def _line(facts: Facts) -> Finding:
    label = _("授信额度")
    if facts.line_available is None:
        return Finding("line.enough", label, FAILS, _("保证人尚未给申请人核定额度。"), stops=APPROVAL)
    bound = _("（受%(limit)s约束）") % {"limit": facts.line_bound_by} if facts.line_bound_by else ""
    if facts.line_available < facts.amount:
        return Finding(
            "line.enough",
            label,
            FAILS,
            _("可用额度 %(left)s 元%(bound)s，不足 %(amount)s 元。")
            % {"left": yuan(facts.line_available), "amount": yuan(facts.amount), "bound": bound},
            stops=APPROVAL,
        )
    enough = _("可用额度 %(left)s 元%(bound)s。") % {"left": yuan(facts.line_available), "bound": bound}
    return Finding("line.enough", label, MEETS, enough, stops=APPROVAL)


def _authority(facts: Facts) -> Finding:
    label = _("审批授权")
    if facts.auto_limit is None:
        return Finding(AUTHORITY, label, UNKNOWN, _("授权表没有覆盖这类申请，需人工审批。"))
    if facts.amount > facts.auto_limit:
        return Finding(
            AUTHORITY,
            label,
            UNKNOWN,
            _("超过自动审批权限 %(limit)s 元，需人工审批。") % {"limit": yuan(facts.auto_limit)},
        )
    return Finding(AUTHORITY, label, MEETS, _("在自动审批权限 %(limit)s 元以内。") % {"limit": yuan(facts.auto_limit)})
