"""客户经理: every customer has exactly one per institution; who takes it over, why and when is kept, both are told."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import Actor
from xinshu.core.refusals import Changed, Invalid, NotPermitted
from xinshu.documents.models import Reading
from xinshu.enterprises.models import Enterprise, HandOver, Relation
from xinshu.ledger.recording import record

ASSIGN = "enterprises.assign"  # whoever arranges the customers of colleagues
KEEPS = "guarantees.apply"  # what an account manager does: bring a customer's applications


@transaction.atomic
def take_customer(organisation: Organisation, *, manager: Member, by: Actor, at: datetime) -> Relation:
    """Make `organisation` a customer of the manager's institution. One manager per institution: a second is refused."""
    enterprise, _begun = Enterprise.objects.get_or_create(organisation=organisation)
    relation, new = Relation.objects.get_or_create(
        guarantor=manager.organisation, enterprise=enterprise, defaults={"manager": manager, "since": at}
    )
    if not new:
        if relation.manager_id != manager.pk:
            raise Invalid(
                _("%(name)s 已由 %(manager)s 负责。") % {"name": organisation, "manager": relation.manager.user.name},
                advice=_("一家企业在本机构只有一位客户经理。"),
            )
        return relation
    record("enterprise.customer_taken", enterprise, by=by, at=at, guarantor=manager.organisation_id, manager=manager.pk)
    return relation


@transaction.atomic
def hand_over_customer(
    relation: Relation, *, to: Member, reason: str, by: Actor, at: datetime, seen: int | None = None
) -> Relation:
    """Give a customer to another account manager of the same institution; both are told (tasks.tell_of_hand_over).

    `seen` is the manager whom the person had before them. Raises NotPermitted, Invalid, Changed when it has gone to
    somebody else meanwhile.
    """
    relation = (
        Relation.objects.select_for_update(of=("self",))
        .select_related("enterprise__organisation", "manager__user")
        .get(pk=relation.pk)
    )
    may_hand_over(relation, by)
    if seen is not None and relation.manager_id != seen:
        raise Changed(
            _("您打开页面以后，这家客户已移交给 %(name)s，您的移交没有执行。") % {"name": relation.manager.user.name},
            case=relation.enterprise,
            advice=_("请先看最新内容，再决定是否继续移交。"),
        )
    if not reason.strip():
        raise Invalid(_("请写明移交的原因。"), fields={"reason": _("还没有填写")})
    if not Member.objects.acting().filter(pk=to.pk, organisation=relation.guarantor_id).exists() or not to.can(KEEPS):
        raise Invalid(_("接手的人须是本机构的客户经理。"), fields={"manager": _("请选择本机构的客户经理")})
    if to.pk == relation.manager_id:
        raise Invalid(_("这家客户现在就由 %(name)s 负责。") % {"name": to.user.name}, fields={"manager": _("没有变化")})
    return pass_on(relation, to, reason.strip()[:500], by, at)


def may_hand_over(relation: Relation, by: Actor) -> None:
    """Raise NotPermitted unless `by` is the customer's manager or arranges customers in the same institution."""
    arranges = getattr(by, "organisation_id", None) == relation.guarantor_id and by.can(ASSIGN)
    if not arranges and getattr(by, "pk", None) != relation.manager_id:
        raise NotPermitted(_("您没有移交这家客户的权限。"), advice=_("由负责的客户经理或分管负责人移交。"))


def pass_on(relation: Relation, to: Member, reason: str, by: Actor, at: datetime) -> Relation:
    """Change the manager, keep who had it before, record it. Must run in a transaction that holds the row."""
    former = relation.manager_id
    relation.manager = to
    relation.save(update_fields=["manager"])
    # what was brought for the customer goes along: the former manager sees it no longer
    Reading.objects.filter(owner=relation.enterprise.organisation_id, keeper=former).update(keeper=to)
    HandOver.objects.create(relation=relation, former_id=former, manager=to, reason=reason, at=at, by=by.actor_key)
    record(
        "enterprise.customer_handed_over", relation.enterprise, by=by, at=at, former=former, manager=to.pk,
        guarantor=relation.guarantor_id, reason=reason,
    )  # fmt: skip
    return relation
