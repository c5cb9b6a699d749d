"""The decision record (决策记录): per run every rule, its value, its source and its answer, kept for good."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import Actor
from xinshu.core.statements import insert
from xinshu.guarantees.favour.tiers import Standing
from xinshu.guarantees.judging.sources import origin_of
from xinshu.guarantees.law.findings import FAILS, MEETS, Finding
from xinshu.guarantees.law.review import RULES_VERSION
from xinshu.guarantees.models import Decision, Guarantee, Tariff
from xinshu.work.models import Approval
from xinshu.work.queries import names_of
from xinshu.work.runs import table_of

ANSWERS = {MEETS: True, FAILS: False}  # whatever else is not known: None


def tariff_finding(guarantee: Guarantee, tariff: Tariff | None) -> Finding:
    """Say whether a fee can be quoted: without one nothing can be approved."""
    label = _("费率")
    if tariff is None:
        return Finding("tariff.in_force", label, FAILS, _("保证人没有这类保函的有效费率，无法报价。"))
    return Finding("tariff.in_force", label, MEETS, _("费率表 V%(n)s。") % {"n": tariff.number})


def keep_decision(
    guarantee: Guarantee,
    findings: Iterable[Finding],
    outcome: str,
    *,
    favour: Standing,
    by: Actor,
    at: datetime,
    approval: Approval | None = None,
) -> Decision:
    """Write down what the engine found. Must run in the transaction of the act that follows from it."""
    names = []
    if approval is not None:
        may = table_of(approval, at).decision().may
        names = [name for _person, name in sorted(names_of(set(may)).items())]
    decision = Decision(
        guarantee=guarantee,
        outcome=outcome,
        rules_version=RULES_VERSION,
        answers=[answer_of(finding) for finding in findings],
        favour={
            "tier": favour.tier.name if favour.tier else "",
            "set_by_hand": favour.set_by_hand,
            "answers": [vars(answer) for answer in favour.answers],
        },
        sent_to=approval.level_name[:60] if approval is not None else "",
        signs=names,
        decided_by=by.actor_key,
        at=at,
    )
    insert(decision)
    return decision


def answer_of(finding: Finding) -> dict[str, Any]:
    """Return one answer as it is kept. Unknown is None: it is neither yes nor no, and never passes by itself."""
    return {
        "rule": finding.rule,
        "label": str(finding.label),
        "value": finding.message,
        "law": finding.source,
        "origin": origin_of(finding),
        "answer": ANSWERS.get(finding.verdict),
        "stops": finding.stops,
        "waived": finding.waived,
    }


def decisions_of(guarantee: Guarantee, member: Member) -> list[Decision]:
    """Return the runs over `guarantee`, the latest first, for those inside the case; nothing for others."""
    if not guarantee.sides_of(member) & {"applicant", "guarantor"}:
        return []
    return list(guarantee.reviews.order_by("-pk")[:10])
