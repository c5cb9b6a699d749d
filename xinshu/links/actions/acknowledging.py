"""签收: the beneficiary, by link or by account, says that it has the letter. It gives up nothing and binds nobody."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import NotNow, NotPermitted
from xinshu.guarantees.actions.amendments import held
from xinshu.guarantees.history import remember
from xinshu.guarantees.models import Guarantee
from xinshu.links.models import Receipt


def may_acknowledge(guarantee: Guarantee, by: Member, at: datetime) -> bool:
    """Tell whether it is `by`'s to say so: of the beneficiary, in force, no secret."""
    theirs = "beneficiary" in guarantee.sides_of(by) and by.can("guarantees.view")
    return theirs and guarantee.state == "in_force" and not guarantee.is_secret(at)


@transaction.atomic
def acknowledge(guarantee: Guarantee, *, by: Member, at: datetime) -> Receipt:
    """Keep that the letter was received, once."""
    guarantee = held(guarantee.pk)
    if "beneficiary" not in guarantee.sides_of(by):
        raise NotPermitted(_("函件由受益人签收。"))
    if not may_acknowledge(guarantee, by, at):
        raise NotNow(_("保函现在不在保，不用签收。"))
    if Receipt.objects.filter(guarantee=guarantee).exists():
        raise NotNow(_("函件已经签收过。"), advice=_("刷新页面可以看到是谁在什么时候签收的。"))
    receipt = Receipt.objects.create(guarantee=guarantee, by_label=by.actor_label[:200], at=at)
    assert guarantee.letter is not None
    remember(
        "guarantee.acknowledged", guarantee, by=by, at=at, number=guarantee.number, letter=guarantee.letter.pdf_sm3
    )
    return receipt
