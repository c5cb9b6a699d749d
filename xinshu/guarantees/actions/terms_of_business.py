"""What a guarantor decides once for many cases: its tariff and its authority table."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.refusals import Invalid
from xinshu.guarantees.models import Authority, Tariff
from xinshu.ledger.recording import record


@transaction.atomic
def publish_tariff(
    guarantor: Organisation,
    kind: str,
    *,
    annual_rate: Decimal,
    by: Actor,
    at: datetime,
    valid_from: date,
    period: str = "daily",
    basis: int = 365,
    minimum_amount: int = 1,
) -> Tariff:
    """Publish the next version of a tariff. Fees already quoted keep the version they were quoted under.

    Raises Invalid for a rate below zero or no minimum: a fee of nothing could never be paid, so never be issued upon.
    """
    if annual_rate < 0 or minimum_amount <= 0 or basis <= 0:
        raise Invalid(_("费率不能是负数，每笔最低收费应大于零。"), fields={"minimum_amount": _("应大于零")})
    last = Tariff.objects.filter(guarantor=guarantor, kind=kind).aggregate(last=Max("number"))["last"] or 0
    tariff = Tariff.objects.create(
        guarantor=guarantor,
        kind=kind,
        number=last + 1,
        annual_rate=annual_rate,
        period=period,
        basis=basis,
        minimum_amount=minimum_amount,
        valid_from=valid_from,
    )
    record("tariff.published", tariff, by=by, at=at, guarantor=guarantor.pk, kind_code=kind, rate=str(annual_rate))
    return tariff


@transaction.atomic
def set_authority(
    guarantor: Organisation,
    kind: str,
    *,
    unverified: bool,
    auto_amount: int,
    person_amount: int,
    waives: list[str],
    by: Actor,
    at: datetime,
) -> Authority:
    """Set one row of the authority table: up to which amount (分) rules decide alone, and a person may decide."""
    row, _new = Authority.objects.update_or_create(
        guarantor=guarantor,
        kind=kind,
        unverified=unverified,
        defaults={"auto_amount": auto_amount, "person_amount": person_amount, "waives": waives},
    )
    record(
        "authority.set", row, by=by, at=at, guarantor=guarantor.pk, kind_code=kind, unverified=unverified,
        auto_amount=auto_amount, person_amount=person_amount, waives=waives,
    )  # fmt: skip
    return row
