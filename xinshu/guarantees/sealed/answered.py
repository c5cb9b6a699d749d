"""The guarantor's written answer to a change of the main contract: consent or not, sealed (民法典 469: in writing)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.documents.letters import render
from xinshu.documents.sealing import keep_sealed, seal
from xinshu.documents.templates import active_version
from xinshu.guarantees.actions.contract_changes import keep_answer
from xinshu.guarantees.models import ContractChange
from xinshu.guarantees.sealed.amended import TEMPLATE
from xinshu.guarantees.sealed.issued import verify_address
from xinshu.guarantees.terms_now import values_now


def values_of(change: ContractChange) -> dict[str, Any]:
    """Return what the letter says."""
    guarantee = change.guarantee
    assert change.ended_at is not None
    return {
        "title": _("主合同变更复函"),
        "number": guarantee.number,
        "verify_code": guarantee.verify_code,
        "verify_url": verify_address(guarantee),
        "guarantor": guarantee.letter_values.get("guarantor", guarantee.guarantor.name),
        **values_now(guarantee),
        "issued_on": local_day(change.ended_at).isoformat(),
        "nature": _("书面同意") if change.state == "consented" else _("不同意"),
        "clauses": clauses(change),
    }


def clauses(change: ContractChange) -> list[str]:
    """Return the paragraphs: which contract changed how, the answer, what follows by which rule."""
    effect = change.effect_now
    about = _("贵方通知：%(project)s的主合同变更（%(what)s%(amount)s），内容是：%(reason)s") % {
        "project": change.guarantee.project.name,
        "what": change.get_effect_display(),
        "amount": _("，涉及 %(amount)s 元") % {"amount": yuan(change.amount)} if change.amount else "",
        "reason": change.reason.rstrip("。") + "。",
    }
    answer = _("我方书面同意上述变更。") if change.state == "consented" else _("我方不同意上述变更。")
    follows = f"{effect.words}（{effect.source}）"
    return [
        about,
        answer,
        follows,
        _("保函（编号 %(number)s）的金额和到期日不变。") % {"number": change.guarantee.number},
    ]


def send_answer(change: ContractChange, *, at: datetime) -> ContractChange:
    """Write and seal the answer, then keep it. Of two at once, one keeps and the other is refused."""
    guarantee, values = change.guarantee, values_of(change)
    sealed = seal(render(active_version(TEMPLATE, guarantee.guarantor), values), guarantee.guarantor, at=at)
    name = f"{guarantee.number}-{change.reference}.pdf"
    with transaction.atomic():
        letter = keep_sealed(sealed, name=name, subject=guarantee, at=at, sealed_until=guarantee.secret_until)
        return keep_answer(change, letter, values=values, at=at)
