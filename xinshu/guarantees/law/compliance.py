"""What the law says about one application (合规检查): shares of an amount, and how kinds stand to each other. Pure.

Every rule is dated and names its source (legal.py); one whose official text is still to be checked only gives a hint.
"""

from datetime import date

from django.utils.translation import gettext as _

from xinshu.core.money import yuan
from xinshu.guarantees.kinds import Kind
from xinshu.guarantees.law.findings import FAILS, MEETS, SUBMISSION, UNKNOWN, Facts, Finding
from xinshu.guarantees.law.legal import MOST, RULES, Cap, Rule, in_force

EVERYWHERE = ("deposit.only_four", "form.accepted")  # asked of every type, whatever its definition names
FINANCIAL = ("bank", "insurer")
EXEMPT_BELOW = 3_000_000_00  # 分 of contract, below which wage deposits may be waived


def compliance_findings(facts: Facts, kind: Kind, on: date) -> list[Finding]:
    """Return what every rule of the type that is in force on the day `on` says."""
    found = [_within(cap, facts, kind) for cap in in_force(kind.caps, on, facts.regime)]
    for name in (*kind.rules, *EVERYWHERE):
        rule = RULES[name]
        if rule.holds(on) and name in ASKED:
            found += ASKED[name](rule, facts, kind)
    return found


def _within(cap: Cap, facts: Facts, kind: Kind) -> Finding:
    label = _("法定上限") if cap.bound == MOST else _("法定下限")
    stops = SUBMISSION if cap.checked else ""
    base, limit = kind.base_named(facts.regime), cap.limit(facts.base_amount)
    if limit is None:
        message = _("没有%(base)s，无法核对%(what)s。") % {
            "base": base,
            "what": _("上限") if cap.bound == MOST else _("下限"),
        }
        return Finding(cap.rule, label, UNKNOWN, message, cap.source, stops=stops)
    told = {"amount": yuan(facts.amount), "limit": yuan(limit), "base": base}
    if cap.keeps(facts.amount, limit):
        told["source"] = facts.base_source or _("申请填写")
        message = (
            _("保函金额 %(amount)s 元，上限 %(limit)s 元（%(base)s来自%(source)s）。")
            if cap.bound == MOST
            else _("保函金额 %(amount)s 元，下限 %(limit)s 元（%(base)s来自%(source)s）。")
        ) % told
        return Finding(cap.rule, label, MEETS, message, cap.source, stops=stops)
    message = (
        _("保函金额 %(amount)s 元，超过上限 %(limit)s 元。")
        if cap.bound == MOST
        else _("保函金额 %(amount)s 元，低于下限 %(limit)s 元。")
    ) % told
    return Finding(cap.rule, label, FAILS if cap.checked else UNKNOWN, message, cap.source, stops=stops)


def _mutual(rule: Rule, facts: Facts, kind: Kind) -> list[Finding]:
    label = _("与履约担保对等")
    if facts.performance_amount is None:
        message = _("这个项目没有在保的履约保函可以比对，请核对两者金额是否对等。")
        return [Finding(rule.rule, label, UNKNOWN, message, rule.source)]
    told = {"amount": yuan(facts.amount), "other": yuan(facts.performance_amount)}
    if facts.amount == facts.performance_amount:
        return [Finding(rule.rule, label, MEETS, _("与履约保函金额 %(other)s 元相同。") % told, rule.source)]
    message = _("保函金额 %(amount)s 元，履约保函金额 %(other)s 元，两者不同，请核对。") % told
    return [Finding(rule.rule, label, UNKNOWN, message, rule.source)]


def _not_with_performance(rule: Rule, facts: Facts, kind: Kind) -> list[Finding]:
    label = _("与履约担保并存")
    if facts.performance_amount is not None and facts.completed_on is None:
        message = _("这个项目的履约保函还在保，而且没有登记竣工，不应同时要求质量保函，请核对。")
        return [Finding(rule.rule, label, UNKNOWN, message, rule.source)]
    return [Finding(rule.rule, label, MEETS, _("没有与竣工前的履约担保并存。"), rule.source)]


def _may_be_exempt(rule: Rule, facts: Facts, kind: Kind) -> list[Finding]:
    if facts.base_amount is None or facts.base_amount >= EXEMPT_BELOW:
        return []
    message = _("合同额不到 %(limit)s 元，当地可能免于存储，申请前可向人社部门确认。") % {"limit": yuan(EXEMPT_BELOW)}
    return [Finding(rule.rule, _("工资保证金免除"), MEETS, message, rule.source)]


def _only_four(rule: Rule, facts: Facts, kind: Kind) -> list[Finding]:
    if kind.deposit != "other":
        return []
    message = _("%(kind)s替代的不是四种法定保证金，建设单位不得要求提供，请核对是否出于申请人自愿。") % {
        "kind": kind.label
    }
    return [Finding(rule.rule, _("保证金种类"), UNKNOWN, message, rule.source)]


def _accepted_form(rule: Rule, facts: Facts, kind: Kind) -> list[Finding]:
    if kind.deposit != "lawful" or not facts.issuer_kind:
        return []
    message = (
        _("由金融机构出具，建设单位不得拒绝以保函代替保证金。")
        if facts.issuer_kind in FINANCIAL
        else _("由担保公司出具，不在建设单位必须接受的形式之内，提交前请确认招标文件或合同接受担保公司保函。")
    )
    return [Finding(rule.rule, _("保函形式"), MEETS, message, rule.source)]


ASKED = {
    "mutual.payment": _mutual,
    "conflict.quality": _not_with_performance,
    "wage.exempt": _may_be_exempt,
    "deposit.only_four": _only_four,
    "form.accepted": _accepted_form,
}
