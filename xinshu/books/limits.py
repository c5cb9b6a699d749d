"""Concentration limits as acts: net assets reported, groups founded, customers put in and taken out.

All of them take accounts in id order, groups after accounts and the total last, as every transfer does: nobody waits
in a circle.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.books.concentration import CLIENT, GROUP, TOTAL, TOTAL_SMALL, rules_on
from xinshu.books.models import Account, Capital, CustomerGroup, GroupMember, TotalLimit
from xinshu.core.actors import Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.recording import record

USED = "line_used"  # the account that counts what a customer has taken up (lines.py)
_EXPOSURE = F("credits_pending") + F("credits_posted") - F("debits_posted")


@dataclass(frozen=True)
class Ceilings:
    """The limits of one client, of one group and of all customers, in 分; None where no share or capital is known."""

    client: int | None = None
    group: int | None = None
    total: int | None = None


@transaction.atomic
def report_capital(
    issuer: Organisation,
    amount: int,
    *,
    as_of: date,
    source: str,
    by: Actor,
    at: datetime,
    mainly_small: bool = False,
) -> Capital:
    """Take note of the issuer's net assets; the limits of clients, groups and of all customers follow at once.

    Nothing is taken back from customers who stand above a limit that fell: they can only take up nothing more.
    `mainly_small`: the house serves mainly small firms and farming, which allows it the higher multiple.
    """
    if amount < 0:
        raise Invalid(_("净资产不能是负数。"), fields={"amount": _("请核对金额")})
    if as_of > local_day(at):
        raise Invalid(_("基准日不能在今天之后。"), fields={"as_of": _("请核对日期")})
    if len(source.strip()) < 4:
        raise Invalid(_("请写明数字出自哪份报表。"), fields={"source": _("至少 4 个字")})
    hold_limits(issuer.pk)
    last = capital_of(issuer)
    if last is not None and as_of < last.as_of:
        raise Invalid(
            _("已有 %(day)s 的净资产，不能再登记更早的。") % {"day": last.as_of.isoformat()},
            fields={"as_of": _("请核对日期")},
        )
    capital = Capital.objects.create(
        issuer=issuer, amount=amount, as_of=as_of, source=source.strip()[:120], mainly_small=mainly_small,
        recorded_at=at, recorded_by=by.actor_label[:60],
    )  # fmt: skip
    ceilings = ceilings_of(issuer, local_day(at))
    apply_ceilings(issuer, ceilings.client, ceilings.group, ceilings.total)
    record(
        "capital.reported", capital, by=by, at=at, issuer=issuer.pk, amount=amount, as_of=as_of.isoformat(),
        source=capital.source, mainly_small=mainly_small, client=ceilings.client, group=ceilings.group,
        total=ceilings.total,
    )  # fmt: skip
    return capital


def hold_limits(issuer_id: int) -> None:
    """Let nobody else change this issuer's limits, groups or customers until we are done. Reservations do not wait."""
    Organisation.objects.select_for_update(no_key=True).get(pk=issuer_id)


def capital_of(issuer: Organisation) -> Capital | None:
    """Return the net assets that the limits are counted from now."""
    return Capital.objects.filter(issuer=issuer).order_by("-as_of", "-id").first()


def ceilings_of(issuer: Organisation, on: date) -> Ceilings:
    """Return the issuer's limits on a day."""
    capital, rules = capital_of(issuer), rules_on(issuer.kind, on)
    if capital is None:
        return Ceilings()
    total = TOTAL_SMALL if capital.mainly_small and TOTAL_SMALL in rules else TOTAL
    return Ceilings(
        *(rules[scope].ceiling(capital.amount) if scope in rules else None for scope in (CLIENT, GROUP, total))
    )


@transaction.atomic
def apply_ceilings(issuer: Organisation, client: int | None, group: int | None, total: int | None = None) -> None:
    """Write the limits into the rows that are checked. What stands above one is kept as its excess."""
    accounts = Account.objects.filter(holder=issuer, purpose=USED)
    list(accounts.order_by("pk").select_for_update().values_list("pk", flat=True))
    accounts.update(ceiling=client, excess=_above(client, _EXPOSURE))
    groups = CustomerGroup.objects.filter(issuer=issuer)
    list(groups.order_by("pk").select_for_update().values_list("pk", flat=True))
    groups.update(ceiling=group, excess=_above(group, F("used")))
    whole = total_of(issuer)
    TotalLimit.objects.filter(pk=whole.pk).update(ceiling=total, excess=_above(total, F("used")))


def total_of(issuer: Organisation) -> TotalLimit:
    """Return the issuer's total, begun now if it was not yet."""
    return TotalLimit.objects.get_or_create(issuer=issuer)[0]


def _above(ceiling: int | None, used: models.expressions.Combinable) -> models.expressions.Combinable:
    return Value(0) if ceiling is None else Greatest(Value(0), used - Value(ceiling))


@transaction.atomic
def found_group(issuer: Organisation, name: str, *, by: Actor, at: datetime) -> CustomerGroup:
    """Begin a group of customers that the issuer judges as one."""
    name = " ".join(name.split())[:80]
    if len(name) < 2:
        raise Invalid(_("请填写集团名称。"), fields={"name": _("至少 2 个字")})
    if CustomerGroup.objects.filter(issuer=issuer, name=name).exists():
        raise Invalid(_("已经有同名的集团。"), fields={"name": _("名称重复")})
    ceiling = ceilings_of(issuer, local_day(at)).group
    group = CustomerGroup.objects.create(issuer=issuer, name=name, ceiling=ceiling)
    record("group.founded", group, by=by, at=at, issuer=issuer.pk, name=name, ceiling=ceiling)
    return group


@transaction.atomic
def join_group(
    group: CustomerGroup, party: Organisation, *, relation: str, basis: str, by: Actor, at: datetime
) -> GroupMember:
    """Count a customer into a group, with all that it has taken up.

    A group that stands above its limit by that is a fact, not a refusal: it can only take up nothing more.
    """
    if relation not in GroupMember.Relation.values:
        raise Invalid(_("请选择关联关系。"), fields={"relation": _("请选择")})
    if len(basis.strip()) < 4:
        raise Invalid(_("请写明认定依据。"), fields={"basis": _("至少 4 个字")})
    hold_limits(group.issuer_id)
    standing = GroupMember.objects.filter(issuer=group.issuer_id, party=party, until=None).select_related("group")
    if (other := standing.first()) is not None:
        raise NotNow(
            _("%(party)s 已在“%(group)s”，一个客户只能归入一个集团。") % {"party": party, "group": other.group},
            advice=_("需要调整的，请先从原集团移出。"),
        )
    account = _account_of(group.issuer_id, party)
    group = CustomerGroup.objects.select_for_update().get(pk=group.pk)
    member = GroupMember.objects.create(
        group=group, issuer_id=group.issuer_id, party=party, relation=relation, basis=basis.strip()[:200], since=at
    )
    exposure = account.exposure if account else 0
    if account:
        Account.objects.filter(pk=account.pk).update(group=group)
        _shift(group, exposure)
    record(
        "group.joined", group, by=by, at=at, party=party.pk, relation=relation, basis=member.basis, exposure=exposure
    )
    return member


@transaction.atomic
def leave_group(member: GroupMember, *, by: Actor, at: datetime, reason: str) -> GroupMember:
    """Count a customer out of its group, with all that it has taken up."""
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明移出原因。"), fields={"reason": _("至少 4 个字")})
    hold_limits(member.issuer_id)
    account = _account_of(member.issuer_id, member.party)
    group = CustomerGroup.objects.select_for_update().get(pk=member.group_id)
    member = GroupMember.objects.select_for_update().select_related("party").get(pk=member.pk)
    if member.until is not None:
        raise NotNow(_("%(party)s 已经移出这个集团。") % {"party": member.party})
    member.until = at
    member.save(update_fields=["until"])
    exposure = account.exposure if account else 0
    if account:
        Account.objects.filter(pk=account.pk).update(group=None)
        _shift(group, -exposure)
    record("group.left", group, by=by, at=at, party=member.party_id, reason=reason.strip()[:200], exposure=exposure)
    return member


def group_of(issuer: Organisation, party: Organisation) -> CustomerGroup | None:
    """Return the group in which `issuer` counts `party` now."""
    member = GroupMember.objects.filter(issuer=issuer, party=party, until=None).select_related("group").first()
    return member.group if member else None


def _account_of(issuer_id: int, party: Organisation) -> Account | None:
    """Return the account that counts what `party` took up, locked, so that nothing moves until it is counted over."""
    found = Account.objects.filter(holder=issuer_id, party=party, purpose=USED, unit=Account.Unit.LINE)
    return found.select_for_update().first()


def _shift(group: CustomerGroup, amount: int) -> None:
    """Add to what the group has taken up; what comes to stand above its limit that way is its excess."""
    used = F("used") + amount
    excess = Case(When(Q(ceiling__isnull=True), then=Value(0)), default=Greatest(Value(0), used - F("ceiling")))
    CustomerGroup.objects.filter(pk=group.pk).update(used=used, excess=excess)
