"""Trying a type on a sample: its letter in each of the three natures, linted, and what its rules would say. Pure.

Everything that a guarantee of this type would be refused for is found here, before anybody applies for one.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.core.capitals import capitals
from xinshu.core.clock import local_day
from xinshu.core.money import share, yuan
from xinshu.guarantees.kinds import BUYER, CONTRACTOR, Kind, Nature
from xinshu.guarantees.law.compliance import compliance_findings
from xinshu.guarantees.law.findings import FAILS, Facts
from xinshu.guarantees.law.legal import MOST, in_force
from xinshu.guarantees.law.periods import defects_end, period_findings
from xinshu.guarantees.letters.linting import errors, lint
from xinshu.guarantees.letters.wording import Terms, clauses, demand_documents, faults, kind_of, nature_of, text_of

BASE_AMOUNT = 20_000_000_00  # 分
VALIDITY, CONTRACT, DEFECTS = 90, 360, 24
FORMS = {  # form of the letter: who issues it, and what its words must make it
    "accessory": ("guarantor", Nature.JOINT, gettext_lazy("担保公司：连带责任保证")),
    "independent": ("bank", Nature.INDEPENDENT, gettext_lazy("银行：独立保函")),
    "insurance": ("insurer", Nature.INSURANCE, gettext_lazy("保险公司：保证保险")),
}
_ISSUERS = {"guarantor": "示例融资担保有限公司", "bank": "示例银行股份有限公司", "insurer": "示例财产保险股份有限公司"}
_NAMES = {CONTRACTOR: "示例建筑工程有限公司", BUYER: "示例建设管理中心", "labour": "示例市人力资源和社会保障局"}


@dataclass(frozen=True)
class Letter:
    """The sample letter of one form: its text as the letter has it, and what is wrong with it."""

    form: str
    label: str
    paragraphs: list[str]
    documents: list[str]
    nature: str
    faults: list[str]


def sample_amount(kind: Kind, on: date) -> int:
    """Return what the wizard would propose for the sample project, in 分."""
    limits = [cap.limit(BASE_AMOUNT) for cap in in_force(kind.caps, on) if cap.bound == MOST]
    return min([share(BASE_AMOUNT, Decimal(kind.usual_share)), *(limit for limit in limits if limit is not None)])


def sample_terms(kind: Kind, form: str, on: date) -> Terms:
    """Return the terms of the sample letter in one of FORMS."""
    issuer = FORMS[form][0]
    return Terms(
        kind=kind.code,
        issuer_kind=issuer,
        guarantor=_ISSUERS[issuer],
        applicant=_NAMES[kind.applicant],
        beneficiary=_NAMES[kind.beneficiary],
        project="示例市政工程一标段",
        project_number="SL-2026-001",
        amount=sample_amount(kind, on),
        effective_on=on + timedelta(days=1),
        expires_on=_ends(kind, on),
        drafted=kind,
        extras={extra.name: extra.example() for extra in kind.fields},
    )


def letters(kind: Kind, on: date) -> list[Letter]:
    """Return the sample letter in each form."""
    return [_letter(kind, form, on) for form in FORMS]


def _letter(kind: Kind, form: str, on: date) -> Letter:
    terms = sample_terms(kind, form, on)
    paragraphs = clauses(terms)
    issuer, wanted, label = FORMS[form]
    nature = nature_of(issuer, "".join(paragraphs))
    found = [fault.message for fault in faults(terms, paragraphs)]
    if nature != wanted:
        found.append(_("文字使它成为%(nature)s，与出具机构不符。") % {"nature": dict(Nature.CHOICES)[nature]})
    if not found:
        found = [f"{remark.place}：{remark.message}" for remark in errors(lint(text_of(terms), terms))]
    return Letter(form, str(label), paragraphs, demand_documents(terms), str(dict(Nature.CHOICES)[nature]), found)


def values_of(kind: Kind, form: str, on: date) -> dict[str, Any]:
    """Return what the sample letter's PDF is set from: a draft, with a watermark and without a seal."""
    return draft_values(sample_terms(kind, form, on), on)


def draft_values(terms: Terms, on: date) -> dict[str, Any]:
    """Return what a draft letter of `terms` says, on `on`: with a watermark, without a seal."""
    kind, paragraphs = kind_of(terms), clauses(terms)
    return {
        "title": str(kind.label),
        "number": f"{kind.prefix}{on:%Y%m%d}-SAMPLE22",
        "verify_code": "000000",
        "verify_url": "https://verify.xinshu.example/verify/SAMPLE/?code=000000",
        "guarantor": terms.guarantor,
        "applicant": terms.applicant,
        "beneficiary": terms.beneficiary,
        "project": terms.project,
        "project_number": terms.project_number,
        "amount": yuan(terms.amount),
        "amount_in_words": capitals(terms.amount),
        "effective_on": terms.effective_on.isoformat(),
        "expires_on": terms.expires_on.isoformat(),
        "issued_on": on.isoformat(),
        "nature": str(dict(Nature.CHOICES)[nature_of(terms.issuer_kind, "".join(paragraphs))]),
        "clauses": paragraphs,
        "documents": demand_documents(terms),
        "draft": True,
    }


def report_on(kind: Kind, at: datetime) -> list[dict[str, Any]]:
    """Return what a sample application of this type would meet: rows of label, message, passed (JSON values)."""
    on = local_day(at)
    told: list[dict[str, Any]] = []
    for letter in letters(kind, on):
        message = "".join(letter.faults) or _("性质、金额、大写、到期日和各方名称都齐全一致。")
        told.append({"label": letter.label, "message": message, "passed": not letter.faults})
    facts = _sample_facts(kind, at)
    for finding in (*compliance_findings(facts, kind, on), *period_findings(facts, kind, at)):
        told.append({"label": finding.label, "message": finding.message, "passed": finding.verdict != FAILS})
    return told


def _sample_facts(kind: Kind, at: datetime) -> Facts:
    on = local_day(at)
    facts = Facts(
        kind=kind.code,
        amount=sample_amount(kind, on),
        base_amount=BASE_AMOUNT,
        base_source=_("示例"),
        effective_on=on + timedelta(days=1),
        expires_on=_ends(kind, on),
        opens_at=at - timedelta(days=30),
        bid_validity_days=VALIDITY,
        contract_days=CONTRACT,
        applicant_verified=True,
        missing_fields=(),
        stale_fields=(),
        line_available=BASE_AMOUNT,
        auto_limit=BASE_AMOUNT,
        completed_on=on,
        defects_months=DEFECTS,
    )
    return replace(facts, opens_at=at + timedelta(days=5)) if kind.stage == "tendering" else facts


def _ends(kind: Kind, on: date) -> date:
    if kind.period == "bid_validity":
        return on + timedelta(days=5 + VALIDITY)
    if kind.period == "defects":
        end = defects_end(on, DEFECTS)
        assert end is not None
        return end
    return on + timedelta(days=1 + CONTRACT)
