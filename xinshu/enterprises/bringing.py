"""代客户上传: an account manager brings papers of their own customer, and of nobody else's."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import NotPermitted
from xinshu.documents.lifecycle import BRING
from xinshu.documents.models import Reading
from xinshu.documents.papers.actions import bring
from xinshu.enterprises.models import Enterprise, Relation


def looks_after(enterprise: Enterprise, member: Member) -> bool:
    """Say whether `member` is the customer's account manager and may bring papers for it."""
    return member.can(BRING) and Relation.objects.filter(enterprise=enterprise, manager=member).exists()


@transaction.atomic
def bring_for(
    enterprise: Enterprise, content: bytes, name: str, batch: str, *, asks_owner: bool, by: Member, at: datetime
) -> Reading:
    """Keep a customer's paper and have it read. Raises NotPermitted for who does not look after it, else as `bring`.

    `asks_owner`: once read, the customer is asked to confirm it; else the account manager confirms.
    """
    relation = Relation.objects.select_for_update(of=("self",)).filter(enterprise=enterprise, manager=by).first()
    if relation is None or not by.can(BRING):
        raise NotPermitted(_("您不是这家客户的客户经理，没有保存。"), advice=_("材料由负责的客户经理或客户自己上传。"))
    return bring(content, name, batch, by=by, at=at, customer=enterprise.organisation, asks_owner=asks_owner)
