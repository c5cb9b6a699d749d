"""The letter of one amendment: the terms as they would stand, what replaces what; sealed, sent to the beneficiary."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.core.capitals import capitals
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.documents.letters import render
from xinshu.documents.sealing import keep_sealed, seal
from xinshu.documents.templates import active_version
from xinshu.guarantees.actions.amendments import offer_amendment
from xinshu.guarantees.actions.extending import keep_letter
from xinshu.guarantees.models import Amendment
from xinshu.guarantees.sealed.issued import verify_address
from xinshu.guarantees.terms_now import differing, values_now

TEMPLATE = "amendment"


def after(amendment: Amendment) -> dict[str, str]:
    """Return the terms as letter values, as they stand once the amendment is accepted."""
    values = values_now(amendment.guarantee) | amendment.wording
    if amendment.new_amount is not None:
        values |= {"amount": yuan(amendment.new_amount), "amount_in_words": capitals(amendment.new_amount)}
    if amendment.new_expires_on is not None:
        values["expires_on"] = amendment.new_expires_on.isoformat()
    return values


def values_of(amendment: Amendment) -> dict[str, Any]:
    """Return what the letter of an issued amendment says: the one source for PDF and verification."""
    guarantee, values = amendment.guarantee, after(amendment)
    assert amendment.issued_at is not None
    return {
        "title": _("保函修改函"),
        "number": guarantee.number,
        "verify_code": guarantee.verify_code,
        "verify_url": verify_address(guarantee),
        "guarantor": guarantee.letter_values.get("guarantor", guarantee.guarantor.name),
        **values,
        "issued_on": local_day(amendment.issued_at).isoformat(),
        "nature": _("第 %(number)d 号修改") % {"number": amendment.number or 0},
        "clauses": clauses(amendment, values),
    }


def clauses(amendment: Amendment, values: dict[str, str]) -> list[str]:
    """Return the paragraphs: which letter it changes, each term old and new, and that the rest stays."""
    guarantee = amendment.guarantee
    opening = _("我方 %(day)s 签发的%(kind)s（编号 %(number)s）修改如下，本函是该保函的第 %(n)d 号修改。") % {
        "day": guarantee.letter_values.get("issued_on", ""),
        "kind": guarantee.get_kind_display(),
        "number": guarantee.number,
        "n": amendment.number or 0,
    }
    changed = [
        _("%(what)s由“%(old)s”改为“%(new)s”。")
        % {"what": label, "old": f"{old} 元" if label == "保函金额" else old,
           "new": f"{new} 元" if label == "保函金额" else new}
        for label, old, new in differing(amendment.before, values)
    ]  # fmt: skip
    closing = _(
        "本修改自我方签发时约束我方，自贵方整体接受时生效；贵方只接受其中一部分的，视为不接受。贵方接受以前，原条款继续有效。"
        "其余条款不变。"
    )
    if amendment.on_demand:
        closing = _(
            "贵方在索赔（编号 %(demand)s）中要求展期或付款，即已同意本修改；本修改自我方签发之日生效，"
            "该次索赔视为撤回。其余条款不变。"
        ) % {"demand": amendment.on_demand}
    return [opening, *changed, closing]


def send_amendment_letter(amendment: Amendment, *, at: datetime) -> Amendment:
    """Write and seal the letter, then keep it and offer it. Of two at once, one offers and the other is refused."""
    guarantee, values = amendment.guarantee, values_of(amendment)
    sealed = seal(render(active_version(TEMPLATE, guarantee.guarantor), values), guarantee.guarantor, at=at)
    name = f"{guarantee.number}-{amendment.number}.pdf"
    with transaction.atomic():
        letter = keep_sealed(sealed, name=name, subject=guarantee, at=at, sealed_until=guarantee.secret_until)
        send = keep_letter if amendment.on_demand else offer_amendment
        return send(amendment, letter, values=values, at=at)
