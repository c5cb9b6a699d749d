"""Automatic review (自动审查): one application's facts against every rule, each answer with its evidence. Pure.

A rule answers three ways: meets, fails, unknown (a person must find out). A failing rule that `stops` something stops
it: SUBMISSION is the applicant's to mend, APPROVAL the guarantor's. The rest goes to a person.
"""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.law.compliance import compliance_findings
from xinshu.guarantees.law.findings import APPROVAL, FAILS, MEETS, SUBMISSION, UNKNOWN, Facts, Finding
from xinshu.guarantees.law.periods import period_findings

__all__ = ["APPROVAL", "FAILS", "MEETS", "SUBMISSION", "UNKNOWN", "Facts", "Finding"]  # what readers of reviews need
RULES_VERSION = "2026.11.3"
AUTHORITY = "authority.auto"  # the one rule that no table may waive: it is the table's own limit


def review(facts: Facts, at: datetime) -> list[Finding]:
    """Return every rule's finding on `facts` at the moment `at`."""
    kind = KINDS.version_of(facts.kind, facts.kind_number)
    findings = [
        *compliance_findings(facts, kind, local_day(at)),
        *period_findings(facts, kind, at),
        _identity(facts),
        _record(facts),
        *_documents(facts),
        *_extras(facts),
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


def _identity(facts: Facts) -> Finding:
    if facts.applicant_verified:
        return Finding("identity.verified", _("主体身份"), MEETS, _("统一社会信用代码已核验。"))
    return Finding("identity.verified", _("主体身份"), UNKNOWN, _("身份未核验，请核对营业执照。"))


def _record(facts: Facts) -> Finding:
    if facts.missing_fields or facts.stale_fields:
        message = _("缺少或过期：%(fields)s。") % {"fields": "、".join((*facts.missing_fields, *facts.stale_fields))}
        return Finding("record.complete", _("企业资料"), UNKNOWN, message)
    return Finding("record.complete", _("企业资料"), MEETS, _("资料齐全且在有效期内。"))


def _documents(facts: Facts) -> list[Finding]:
    if not facts.missing_documents:
        return []
    message = _("还缺：%(titles)s。") % {"titles": "、".join(facts.missing_documents)}
    return [Finding("documents.complete", _("申请材料"), UNKNOWN, message)]


def _extras(facts: Facts) -> list[Finding]:
    if not facts.missing_extras:
        return []
    message = _("这种保函还要填写：%(names)s。") % {"names": "、".join(facts.missing_extras)}
    return [Finding("extras.complete", _("类型字段"), FAILS, message, stops=SUBMISSION)]


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
    because = f"（{facts.auto_because}）" if facts.auto_because else ""
    if facts.amount > facts.auto_limit:
        return Finding(
            AUTHORITY,
            label,
            UNKNOWN,
            _("超过自动审批权限 %(limit)s 元%(because)s，需人工审批。")
            % {"limit": yuan(facts.auto_limit), "because": because},
        )
    words = _("在自动审批权限 %(limit)s 元以内%(because)s。")
    return Finding(AUTHORITY, label, MEETS, words % {"limit": yuan(facts.auto_limit), "because": because})
