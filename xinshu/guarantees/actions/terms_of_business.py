"""What a guarantor decides once for many cases: its tariff and its authority table."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.actors import Actor
from xinshu.core.refusals import Invalid
from xinshu.guarantees import pricing
from xinshu.guarantees.models import Authority, Tariff
from xinshu.guarantees.tariffs.models import COLUMNS
from xinshu.ledger.recording import record


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
    """Publish a plain tariff: a rate a year and a minimum in 分 (publish_terms takes everything else, too)."""
    terms = pricing.Tariff(annual_rate, period, basis, minimum_amount)
    return publish_terms(guarantor, kind, terms, valid_from=valid_from, by=by, at=at)


@transaction.atomic
def publish_terms(
    guarantor: Organisation, kind: str, terms: pricing.Tariff, *, valid_from: date, by: Actor, at: datetime
) -> Tariff:
    """Publish the next version of a tariff. Fees already quoted keep the version they were quoted under.

    Raises Invalid for terms under which nothing could be charged, or never paid, so never be issued upon.
    """
    if problems := problems_of(terms):
        raise Invalid("；".join(problems.values()) + "。", fields=problems)
    Organisation.objects.select_for_update(no_key=True).get(pk=guarantor.pk)  # two at once get two numbers
    last = Tariff.objects.filter(guarantor=guarantor, kind=kind).aggregate(last=Max("number"))["last"] or 0
    tariff = Tariff(guarantor=guarantor, kind=kind, number=last + 1, valid_from=valid_from)
    for name, value in vars(terms).items():
        setattr(tariff, COLUMNS.get(name, name), value)
    tariff.save()
    record(
        "tariff.published", tariff, by=by, at=at, guarantor=guarantor.pk, kind_code=kind, rate=str(terms.annual_rate),
        number=tariff.number, valid_from=valid_from.isoformat(), terms={k: str(v) for k, v in vars(terms).items()},
    )  # fmt: skip
    return tariff


def problems_of(terms: pricing.Tariff) -> dict[str, str]:
    """Return what is wrong with a way to charge, by column."""
    problems = {}
    for column, rate in (
        ("annual_rate", terms.annual_rate), ("minimum_rate", terms.minimum_rate), ("tax_rate", terms.tax_rate),
    ):  # fmt: skip
        if not 0 <= rate <= 1:
            problems[column] = _("费率应在 0 和 100% 之间")
    if terms.minimum <= 0:
        problems["minimum_amount"] = _("每笔最低收费应大于零")
    for column, amount in (("base_amount", terms.base), ("period_minimum_amount", terms.period_minimum)):
        if amount < 0:
            problems[column] = _("不能是负数")
    if terms.period_minimum and terms.period not in (pricing.MONTH, pricing.QUARTER):
        problems["period_minimum_amount"] = _("只有按月、按季收费才有每期最低收费")
    if terms.period not in pricing.PERIOD_LABELS:
        problems["period"] = _("请选择")
    if terms.basis not in (360, 365):
        problems["basis"] = _("请选择 360 或 365 天")
    if terms.refunds not in dict(pricing.REFUNDS):
        problems["refunds"] = _("请选择")
    return problems


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
