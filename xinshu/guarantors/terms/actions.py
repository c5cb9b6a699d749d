"""What can be done with terms: written, edited, activated by a second person, discarded."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.core.sm import sm3
from xinshu.guarantors.naming import kind_choices
from xinshu.guarantors.terms.lifecycle import LIFECYCLE
from xinshu.guarantors.terms.models import Terms
from xinshu.ledger.recording import record

LONGEST = 20_000  # characters


@transaction.atomic
def write_terms(kind: str, text: str, *, by: Member, at: datetime) -> Terms:
    """Begin the next version of the own house's terms, for a kind or ("") for all. Raises Invalid per field."""
    house = by.organisation
    terms = Terms(
        state="draft", guarantor=house, kind=kind, text=_tidy(text), authors=[by.user_id],
        written_by=by.actor_label[:60], created_at=at, changed_at=at,
    )  # fmt: skip
    LIFECYCLE.step("edit", terms, by)
    if house.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有保证人条款。"))
    _check(terms)
    terms.save()
    record("terms.written", terms, by=by, at=at, kind_code=kind, sm3=sm3(terms.text.encode()).hex())
    return terms


@transaction.atomic
def edit_terms(terms: Terms, kind: str, text: str, *, by: Member, at: datetime) -> Terms:
    """Rewrite a draft. Whoever does is one of its authors, too."""
    terms = Terms.objects.locked(terms)
    step = LIFECYCLE.step("edit", terms, by)
    says: dict[str, Any] = {"kind": kind, "text": _tidy(text)}
    terms.kind, terms.text = says["kind"], says["text"]
    _check(terms)
    terms.change(step, authors=sorted({*terms.authors, by.user_id}), changed_at=at, **says)
    record("terms.edited", terms, by=by, at=at, kind_code=kind, sm3=sm3(terms.text.encode()).hex())
    return terms


@transaction.atomic
def activate_terms(terms: Terms, *, by: Member, at: datetime) -> Terms:
    """Put the draft in force as the next version, by somebody who has not written it; the present one is superseded."""
    terms = Terms.objects.locked(terms)
    step = LIFECYCLE.step("activate_terms", terms, by)
    if by.user_id in terms.authors:
        raise NotPermitted(_("您写过这份条款，须由另一人启用。"))
    Organisation.objects.select_for_update(no_key=True).get(pk=terms.guarantor_id)  # two at once get two numbers
    series = Terms.objects.filter(guarantor=terms.guarantor_id, kind=terms.kind)
    for present in series.filter(state="active").select_for_update():
        present.change(state="superseded", changed_at=at)
    number = (series.aggregate(last=Max("number"))["last"] or 0) + 1
    terms.change(step, number=number, activated_by=by.actor_label[:60], activated_at=at, changed_at=at)
    record(
        "terms.activated", terms, by=by, at=at, kind_code=terms.kind, number=number, sm3=sm3(terms.text.encode()).hex()
    )
    return terms


@transaction.atomic
def discard_terms(terms: Terms, *, by: Member, at: datetime, reason: str) -> Terms:
    """Throw the draft away; what is in force stays."""
    terms = Terms.objects.locked(terms)
    step = LIFECYCLE.step("discard_terms", terms, by)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明作废的原因。"), fields={"reason": _("至少 4 个字")})
    terms.change(step, changed_at=at)
    record("terms.discarded", terms, by=by, at=at, reason=reason.strip()[:500])
    return terms


def _tidy(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _check(terms: Terms) -> None:
    problems = {}
    if terms.kind and terms.kind not in dict(kind_choices()):
        problems["kind"] = _("请选择")
    if not 20 <= len(terms.text) <= LONGEST:
        problems["text"] = _("填 20 到 %(most)d 个字") % {"most": LONGEST}
    if problems:
        raise Invalid(_("条款没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
