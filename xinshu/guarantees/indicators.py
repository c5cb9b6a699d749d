"""指标: how many guarantees for how much stand behind a region at a moment; measured on change, pushed, and asked for.

Written in the words of SDMX (ISO 17369): indicator, ref_area, time_period, observations with obs_value, unit_measure,
unit_mult, `_T` for a total. Regions are GB/T 2260 codes, currencies ISO 4217. A bid guarantee counts for nobody before
its opening; afterwards it counts from its delivery on, so a moment asked for later may know more than what was pushed.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moment
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.lifecycle import INSTRUMENT
from xinshu.guarantees.models import Guarantee
from xinshu.integrations.events import Subject, offer, subscribers
from xinshu.integrations.leaving import given
from xinshu.integrations.schemas import moment as written
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later
from xinshu.ledger.recording import record
from xinshu.projects.supervision import guarantees_under, supervises

MEASURED = "indicators.measured"
AMOUNT = "guarantees.Guarantee.amount"  # of which the sums leave
SUPERVISE = "guarantees.supervise"
EVERY = timedelta(minutes=1)  # no more often, however much happens
SOON = 30  # days
TOTAL = "_T"
NUMBER, FEN = ("NUMBER", 0), ("CNY", -2)  # unit_measure, unit_mult: 分 are hundredths of a yuan

DEFINITIONS = {
    # indicator                        name                 definition                                        unit
    "guarantees.in_force.count": (_("在保笔数"), _("时点上已送达受益人、尚未解保或到期的保函笔数"), NUMBER),
    "guarantees.in_force.amount": (_("在保金额"), _("上述保函的函件载明金额之和"), FEN),
    "guarantees.issued_today.count": (_("当日新增笔数"), _("时点所在日（北京时间）零时至该时点送达的保函笔数"), NUMBER),
    "guarantees.issued_today.amount": (_("当日新增金额"), _("上述保函的函件载明金额之和"), FEN),
    "guarantees.expiring.count": (_("即将到期笔数"), _("在保保函中，到期日在时点所在日起 30 日内的笔数"), NUMBER),
    "guarantees.expiring.amount": (_("即将到期金额"), _("上述保函的函件载明金额之和"), FEN),
}


class Observation(Schema):
    """一个观测值。"""

    kind: str = Field(description="保函品种；_T 为合计")
    guarantor_kind: str = Field(description="保证人类别 bank、insurer、guarantor；_T 为合计")
    obs_value: int = Field(description="整数；金额以分为单位（unit_mult 为 -2）")


class Indicator(Schema):
    """一项指标：含义、单位和各分组的值，合计在前。"""

    indicator: str
    name: str
    definition: str
    unit_measure: str = Field(description="NUMBER 笔数，或 ISO 4217 币种")
    unit_mult: int = Field(description="单位的十进幂：-2 即分")
    observations: list[Observation]


class Indicators(Schema):
    """一个地区在一个时点的指标。字段名取自 SDMX（ISO 17369）。"""

    ref_area: str = Field(description="GB/T 2260 行政区划代码，含其下级")
    time_period: str = Field(description="时点，ISO 8601")
    indicators: list[Indicator]


class IndicatorsEvent(Indicators):
    """指标事件的数据。"""

    href: str = Field(description="在接口中读取任一时点指标的地址")


def measure(house: Organisation, as_of: datetime, at: datetime) -> dict[str, list[list[Any]]]:
    """Return the values at `as_of` of what `house` supervises at `at`: rows of kind, guarantor's kind, value."""
    day = local_day(as_of)
    opened = ~Q(kind__in=SECRET) | Q(project__opens_at__lte=at)
    known = Guarantee.objects.filter(opened, guarantees_under(house, at), state__in=INSTRUMENT, delivered_at__lte=as_of)
    in_force = Q(ended_at=None) | Q(ended_at__gt=as_of)
    narrowed = {
        "in_force": known.filter(in_force),
        "issued_today": known.filter(delivered_at__gte=moment(day)),
        "expiring": known.filter(in_force, expires_on__gte=day, expires_on__lte=day + timedelta(days=SOON)),
    }
    values: dict[str, list[list[Any]]] = {}
    for name, found in narrowed.items():
        counts: dict[tuple[str, str], int] = defaultdict(int, {(TOTAL, TOTAL): 0})
        amounts: dict[tuple[str, str], int] = defaultdict(int, {(TOTAL, TOTAL): 0})
        for kind, guarantor, count, amount in (
            found.order_by().values_list("kind", "guarantor__kind").annotate(Count("pk"), Sum("amount"))
        ):
            for group in ((TOTAL, TOTAL), (kind, TOTAL), (TOTAL, guarantor), (kind, guarantor)):
                counts[group] += count
                amounts[group] += amount
        for measured, groups in (("count", counts), ("amount", amounts)):
            values[f"guarantees.{name}.{measured}"] = [[*group, value] for group, value in sorted(groups.items())]
    return values


def written_out(region: str, as_of: datetime, values: dict[str, list[list[Any]]]) -> dict[str, Any]:
    """Return measured values with what they mean, as they leave the house (see `Indicators`)."""
    return {
        "ref_area": region,
        "time_period": written(as_of),
        "indicators": [
            {
                "indicator": code,
                "name": str(name),
                "definition": str(definition),
                "unit_measure": unit,
                "unit_mult": power,
                "observations": [
                    {"kind": kind, "guarantor_kind": guarantor, "obs_value": value}
                    for kind, guarantor, value in sorted(values[code], key=lambda row: (row[0] != TOTAL, *row))
                ],
            }
            for code, (name, definition, (unit, power)) in DEFINITIONS.items()
        ],
    }


def ask_for_measurement(at: datetime, guarantee: Guarantee | None = None) -> None:
    """Have the regions measured that a subscribed department supervises; only those that may know of `guarantee`.

    A region that already waits to be measured is not asked for twice. A bid guarantee moves nothing, not even the
    moment of a measurement, before its opening.
    """
    departments: dict[int, Organisation] = {}
    for caller in subscribers(MEASURED):
        region = caller.organisation.region_code
        if not region or not caller.can(SUPERVISE):
            continue
        if guarantee is not None and (
            guarantee.is_secret(at)
            or not supervises(
                caller.organisation, guarantee.kind, guarantee.project.kind, guarantee.project.region_code, at
            )
        ):
            continue
        departments[caller.organisation_id] = caller.organisation
    for key in sorted(departments):
        house = Organisation.objects.select_for_update(no_key=True).get(
            pk=key
        )  # one measures, the other waits and then looks
        if _last(house, "indicators.due") <= _last(house, MEASURED):
            record("indicators.due", house, by=SYSTEM, at=at)


def measure_due(entry: Entry, at: datetime) -> None:
    """Measure what was asked for, once a minute at most. Raises Later when it is too early."""
    with transaction.atomic():
        house = Organisation.objects.select_for_update(no_key=True).get(pk=entry.subject_id)
        last = _entries(house, MEASURED).first()
        if last is not None and last.pk > entry.pk:
            return
        if last is not None and at < last.at + EVERY:
            raise Later(last.at + EVERY)
        record(
            MEASURED, house, by=SYSTEM, at=at, region=house.region_code, values=measure(house, at, at)
        )  # fmt: skip


def _entries(house: Organisation, kind: str) -> Any:
    return Entry.objects.filter(
        kind=kind, subject_type=house._meta.label_lower, subject_id=house.pk
    ).order_by("-pk")  # fmt: skip


def _last(house: Organisation, kind: str) -> int:
    found: int | None = _entries(house, kind).values_list("pk", flat=True).first()
    return found or 0


def tell(entry: Entry, member: Member, at: datetime) -> Subject | None:
    """Return the indicators of an entry to the department that they were measured for, and to nobody else."""
    if member.organisation_id != entry.subject_id or not member.can(SUPERVISE):
        return None
    region = entry.data["region"]
    given(AMOUNT, region, member)
    return Subject(region, "/api/v1/indicators", written_out(region, entry.at, entry.data["values"]))


def indicators_for(member: Member, as_of: datetime, at: datetime) -> dict[str, Any] | None:
    """Return the indicators of the region that `member` supervises; None for somebody without a region."""
    region = member.organisation.region_code
    given(AMOUNT, region, member)
    return written_out(region, as_of, measure(member.organisation, as_of, at)) if region else None


offer({MEASURED: _("辖区指标")}, tell, schema="indicators", shape=IndicatorsEvent)
