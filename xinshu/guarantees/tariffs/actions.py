"""What can be done with the next version of a tariff: written, edited, thrown away, published by a second person."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees import pricing
from xinshu.guarantees.actions.terms_of_business import problems_of, publish_terms
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.models import TariffDraft
from xinshu.guarantees.tariffs.lifecycle import LIFECYCLE
from xinshu.guarantees.tariffs.models import COLUMNS
from xinshu.ledger.recording import record


@dataclass(frozen=True)
class Offer:
    """What the next version says: for which kind, from which day, how it charges."""

    kind: str
    valid_from: date
    terms: pricing.Tariff

    def columns(self) -> dict[str, Any]:
        terms = {COLUMNS.get(name, name): value for name, value in vars(self.terms).items()}
        return {"kind": self.kind, "valid_from": self.valid_from, **terms}


@transaction.atomic
def write_tariff(offer: Offer, *, by: Member, at: datetime) -> TariffDraft:
    """Begin the next version of the own house's tariff for a kind. Raises Invalid per field."""
    house = by.organisation
    draft = TariffDraft(state="draft", guarantor=house)
    LIFECYCLE.step("edit", draft, by)
    if house.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司可以发布费率。"))
    _check(offer, local_day(at))
    draft = TariffDraft.objects.create(
        state="draft", guarantor=house, authors=[by.user_id], created_at=at, changed_at=at, **offer.columns()
    )
    record("tariff.written", draft, by=by, at=at, kind_code=offer.kind, **_told(offer))
    return draft


@transaction.atomic
def edit_tariff(draft: TariffDraft, offer: Offer, *, by: Member, at: datetime) -> TariffDraft:
    """Rewrite a draft. Whoever does is one of its authors, too."""
    draft = TariffDraft.objects.locked(draft)
    step = LIFECYCLE.step("edit", draft, by)
    _check(offer, local_day(at))
    draft.change(step, authors=sorted({*draft.authors, by.user_id}), changed_at=at, **offer.columns())
    record("tariff.edited", draft, by=by, at=at, kind_code=offer.kind, **_told(offer))
    return draft


@transaction.atomic
def publish_draft(draft: TariffDraft, *, by: Member, at: datetime) -> TariffDraft:
    """Make the draft the next version, by somebody who has not written it. Quotes from its first day on follow it."""
    draft = TariffDraft.objects.locked(draft)
    step = LIFECYCLE.step("publish_tariff", draft, by)
    if by.user_id in draft.authors:
        raise NotPermitted(_("您写过这份费率，须由另一人发布。"))
    _check(Offer(draft.kind, draft.valid_from, draft.terms()), local_day(at))
    tariff = publish_terms(draft.guarantor, draft.kind, draft.terms(), valid_from=draft.valid_from, by=by, at=at)
    return draft.change(step, tariff=tariff, changed_at=at)


@transaction.atomic
def discard_draft(draft: TariffDraft, *, by: Member, at: datetime, reason: str) -> TariffDraft:
    """Throw the draft away; what is charged now stays."""
    draft = TariffDraft.objects.locked(draft)
    step = LIFECYCLE.step("discard_tariff", draft, by)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明作废的原因。"), fields={"reason": _("至少 4 个字")})
    draft.change(step, changed_at=at)
    record("tariff.discarded", draft, by=by, at=at, reason=reason.strip()[:500])
    return draft


def _told(offer: Offer) -> dict[str, Any]:
    return {name: str(value) for name, value in offer.columns().items() if name != "kind"}


def _check(offer: Offer, on: date) -> None:
    problems = problems_of(offer.terms)
    if offer.kind not in KINDS or KINDS[offer.kind].retired:
        problems["kind"] = _("请选择可以申请的类型。")
    if offer.valid_from < on:
        problems["valid_from"] = _("生效日不能早于今天，已经报出的价不能改。")
    if problems:
        raise Invalid(_("费率没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
