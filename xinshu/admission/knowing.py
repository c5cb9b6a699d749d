"""What is known of firms now, fact by fact, for one firm or for all of a house's customers: the same few queries.

Only what is on the platform is looked at: nobody is asked here. A value whose papers or days have run out is not known,
with the reason, so that nothing is decided by it and the firm reads what to renew.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.admission.models import Carry, Given
from xinshu.admission.purposes import (
    ANSWERS,
    OF_SOURCES,
    RATIO,
    RECKONED,
    RECORD,
    REGISTRATION,
    TAGS,
    VERIFIED,
    share,
)
from xinshu.core.clock import local_day
from xinshu.enterprises.fields import FIELDS
from xinshu.enterprises.models import RecordField, Relation
from xinshu.enterprises.queries import LATEST
from xinshu.rules.engine.facts import Fact, FactType, read_value, unknown
from xinshu.rules.models import SourceCall
from xinshu.rules.sources.protocol import ANSWERED, CACHED

Known = dict[int, dict[str, Fact]]  # by the firm's id, then by the fact's code
SOURCES_COUNT = timedelta(days=90)  # an older answer of a data source is not known any more
_SOURCE_FACTS = {one.code: one for one in OF_SOURCES}


def customers_of(house: Organisation) -> QuerySet[Any, int]:
    """Return the ids of the firms that are the house's customers."""
    return Relation.objects.filter(guarantor=house).values_list("enterprise__organisation_id", flat=True)


def known_of(
    house: Organisation, types: Iterable[FactType], at: datetime, firms: Collection[int] | None = None, about: str = ""
) -> Known:
    """Return the facts `types` of `firms` (None: of all customers of `house`); `about`: of what they answered for."""
    types = list(types)
    ids = list(customers_of(house)) if firms is None else list(firms)
    everybody = firms is None
    found: Known = {pk: {} for pk in ids}
    by_source: dict[str, list[FactType]] = {}
    for one in types:
        by_source.setdefault(one.source, []).append(one)
    for source, asked in by_source.items():
        if source == RECORD:
            _from_record(found, asked, house, at, everybody)
        elif source == REGISTRATION:
            _from_registration(found, at, everybody, house)
        elif source == TAGS:
            _from_tags(found, asked, house)
        elif source == ANSWERS:
            _from_answers(found, asked, house, about, everybody)
        else:
            _from_source(found, source, asked, house, at, everybody)
    return found


def _from_record(found: Known, asked: list[FactType], house: Organisation, at: datetime, everybody: bool) -> None:
    on = local_day(at)
    wanted = {part for one in asked for part in RECKONED.get(one.code, (one.code,))}
    rows = RecordField.objects.standing().filter(code__in=wanted, valid_from__lte=on, recorded_at__lte=at)
    if everybody:
        rows = rows.filter(enterprise__relations__guarantor=house)
    else:
        rows = rows.filter(enterprise__organisation__in=list(found))
    rows = rows.annotate(
        place_in_line=Window(RowNumber(), partition_by=[F("enterprise"), F("code")], order_by=LATEST)
    ).filter(place_in_line=1)
    types = {one.code: one for one in asked}
    values: dict[int, dict[str, Fact]] = {}
    columns = ("enterprise__organisation_id", "code", "value", "valid_until", "recorded_at")
    for firm, code, value, until, recorded_at in rows.values_list(*columns).iterator(chunk_size=5_000):
        values.setdefault(firm, {})[code] = _of_field(code, value, until, recorded_at, on)
    for firm, facts in found.items():
        mine = values.get(firm, {})
        for code in types:
            facts[code] = _reckoned(mine) if code == RATIO else mine.get(code) or unknown(RECORD, _("资料里没有填写"))


def _of_field(code: str, value: str, until: date | None, recorded_at: datetime, on: date) -> Fact:
    field, as_of = FIELDS[code], local_day(recorded_at)
    if not value:
        return unknown(RECORD, _("资料里没有填写"))
    if until is not None and until < on:
        return unknown(RECORD, _("证照已到期，请更新"), as_of.isoformat())
    if field.days is not None and as_of + timedelta(days=field.days) < on:
        return unknown(RECORD, _("资料已过期，请核对"), as_of.isoformat())
    kind = {"money": "amount", "count": "number", "day": "day"}.get(field.kind, "text")
    try:
        return Fact(read_value(kind, int(value) if kind == "amount" else value), RECORD, as_of.isoformat())
    except ValueError:
        return unknown(RECORD, _("资料的内容读不出来，请更正"), as_of.isoformat())


def _reckoned(mine: dict[str, Fact]) -> Fact:
    debts, assets = (mine.get(code) for code in RECKONED[RATIO])
    if debts is None or assets is None or not isinstance(debts.value, int) or not isinstance(assets.value, int):
        missing = next((one for one in (debts, assets) if one is not None and one.why), None)
        return unknown(RECORD, missing.why if missing else _("资料里没有填写资产总额和负债总额"))
    if not assets.value:
        return unknown(RECORD, _("资产总额为零"))
    return Fact(share(debts.value, assets.value), RECORD, min(debts.as_of, assets.as_of))


def _from_registration(found: Known, at: datetime, everybody: bool, house: Organisation) -> None:
    today = local_day(at).isoformat()
    verified = set(_rows_of(found, house, everybody).filter(verified=True).values_list("pk", flat=True))
    for firm, facts in found.items():
        facts[VERIFIED] = Fact(firm in verified, REGISTRATION, today)


def _rows_of(found: Known, house: Organisation, everybody: bool) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk__in=customers_of(house) if everybody else list(found))


def _from_tags(found: Known, asked: list[FactType], house: Organisation) -> None:
    carried: dict[str, dict[int, str]] = {}
    rows = Carry.objects.filter(tag__house=house, until=None, firm__in=list(found))
    for reference, firm, since in rows.values_list("tag__reference", "firm_id", "since"):
        carried.setdefault(f"tag_{reference.lower()}", {})[firm] = local_day(since).isoformat()
    for firm, facts in found.items():
        for one in asked:
            day = carried.get(one.code, {}).get(firm, "")
            facts[one.code] = Fact(bool(day), TAGS, day)


def _from_answers(found: Known, asked: list[FactType], house: Organisation, about: str, everybody: bool) -> None:
    rows = Given.objects.filter(house=house, code__in=[one.code for one in asked], about=about)
    if not everybody:
        rows = rows.filter(firm__in=list(found))
    types = {one.code: one for one in asked}
    said: dict[tuple[int, str], Fact] = {}
    for firm, code, value, on in rows.order_by("pk").values_list("firm_id", "code", "value", "on"):
        said[firm, code] = _answer(types[code], value, on)
    for firm, facts in found.items():
        for one in asked:
            facts[one.code] = said.get((firm, one.code)) or unknown(ANSWERS, _("问卷还没有回答"))


def _answer(kind: FactType, value: Any, on: date) -> Fact:
    try:
        read = read_value(kind.type, value)
    except ValueError:  # the question has another kind of answer now
        return unknown(ANSWERS, _("题目改过，请重新回答"), on.isoformat())
    if kind.choices and read is not None and read not in kind.choices:
        return unknown(ANSWERS, _("选项改过，请重新回答"), on.isoformat())
    return Fact(read, ANSWERS, on.isoformat(), "" if read is not None else _("问卷里没有回答"))


def _from_source(
    found: Known, source: str, asked: list[FactType], house: Organisation, at: datetime, everybody: bool
) -> None:
    firms = dict(_rows_of(found, house, everybody).exclude(uscc=None).values_list("uscc", "pk"))
    calls = SourceCall.objects.filter(
        owner=house, source=source, outcome__in=(ANSWERED, CACHED), at__gt=at - SOURCES_COUNT, at__lte=at
    )
    if not everybody:
        calls = calls.filter(key__in=list(firms))
    said: dict[int, tuple[dict[str, Any], str]] = {}
    for key, answer, as_of in calls.order_by("at", "pk").values_list("key", "answer", "as_of"):
        if key in firms:
            said[firms[key]] = answer, as_of
    for firm, facts in found.items():
        answer, as_of = said.get(firm, ({}, ""))
        for one in asked:
            facts[one.code] = _said(one, answer, as_of, firm in said)


def _said(kind: FactType, answer: dict[str, Any], as_of: str, was_asked: bool) -> Fact:
    if not was_asked:
        return unknown(kind.source, _("本机构近 90 天没有向数据源核查"))
    try:
        value = read_value(kind.type, answer.get(kind.code.removeprefix("src_")))
    except ValueError:
        return unknown(kind.source, _("数据源给的值类型不符"), as_of)
    return Fact(value, kind.source, as_of, "" if value is not None else _("数据源没有这一项"))
