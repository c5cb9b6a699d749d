"""Cards are written, edited, measured on all scores, activated by a second person, discarded."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.credit.kinds import SIDES
from xinshu.credit.lifecycle import CARD
from xinshu.credit.models import Card
from xinshu.credit.reckoning import read_card
from xinshu.credit.scores import refresh_all
from xinshu.ledger.recording import record
from xinshu.rules.actions import content_sm3
from xinshu.rules.engine.answers import Problems

Content = dict[str, Any]  # reckoning.read_card


@transaction.atomic
def write_card(side: str, content: Content, *, by: Member, at: datetime) -> Card:
    """Begin the next version of one side's card. Raises NotNow while another draft waits, Invalid."""
    card = Card(state="draft", side=side)
    CARD.step("edit", card, by)
    if side not in SIDES:
        raise Invalid(_("请选择是申请人还是保证人的规则。"))
    _check(content, side)
    card = Card(
        state="draft", side=side, content=content, authors=[by.user_id], written_by=by.actor_label[:60],
        created_at=at, changed_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            card.save()
    except IntegrityError:
        raise NotNow(_("已有一份草稿。"), advice=_("请在那份草稿上修改，或先作废它。")) from None
    record("credit_card.written", card, by=by, at=at, side=side, sm3=content_sm3(content))
    return card


@transaction.atomic
def edit_card(card: Card, content: Content, *, by: Member, at: datetime) -> Card:
    """Rewrite a draft. Whoever does is one of its authors; what was measured of the former content no longer counts."""
    card = Card.objects.locked(card)
    step = CARD.step("edit", card, by)
    _check(content, card.side)
    card.change(step, content=content, authors=sorted({*card.authors, by.user_id}), changed_at=at)
    record("credit_card.edited", card, by=by, at=at, side=card.side, sm3=content_sm3(content))
    return card


@transaction.atomic
def activate_card(card: Card, *, by: Member, at: datetime) -> Card:
    """Let a draft hold, by somebody who has not written it; every score follows in the same transaction.

    Raises NotNow while the effect of this very content on the scores of today was not measured.
    """
    card = Card.objects.locked(card)
    step = CARD.step("activate_card", card, by)
    if by.user_id in card.authors:
        raise NotPermitted(_("您写过这份规则，须由另一人启用。"))
    _check(card.content, card.side)
    digest = content_sm3(card.content)
    if not card.effects.filter(content_sm3=digest, on=local_day(at)).exists():
        raise NotNow(
            _("今天还没有测算这份规则对现有信用分的影响，没有启用。"), advice=_("请先测算，看谁升谁降、谁换等级。")
        )
    for present in Card.objects.filter(side=card.side, state="active").select_for_update():
        present.change(state="superseded", changed_at=at)
    number = (Card.objects.filter(side=card.side).aggregate(last=Max("number"))["last"] or 0) + 1
    card.change(step, number=number, activated_by=by.actor_label[:60], activated_at=at, changed_at=at)
    changed = refresh_all(card.side, at)
    record("credit_card.activated", card, by=by, at=at, side=card.side, number=number, sm3=digest, changed=changed)
    return card


@transaction.atomic
def discard_card(card: Card, *, by: Member, at: datetime, reason: str) -> Card:
    """Throw a draft away; what holds stays."""
    card = Card.objects.locked(card)
    step = CARD.step("discard_card", card, by)
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), fields={"reason": _("至少 2 个字")})
    card.change(step, changed_at=at)
    record("credit_card.discarded", card, by=by, at=at, side=card.side, reason=reason.strip()[:500])
    return card


def _check(content: Content, side: str) -> None:
    try:
        read_card(content, side)
    except Problems as wrong:
        raise Invalid(
            _("评分规则没有保存，请修改：%(what)s") % {"what": wrong}, advice=_("已填写的内容都在。"),
        ) from None  # fmt: skip
