"""A type's own fields in a batch: a column each, judged as the wizard judges them, kept with the guarantee."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.documents.sheets import cells_of
from xinshu.guarantees.actions.terms_of_business import publish_tariff, set_authority
from xinshu.guarantees.batches.actions import prepare_batch
from xinshu.guarantees.batches.columns import OWN, all_columns, own_values, title_of
from xinshu.guarantees.batches.running import work_on
from xinshu.guarantees.batches.workbooks import faults_in_words, template_for
from xinshu.guarantees.extras import AMOUNT, CHOICE, DAY, Extra
from xinshu.guarantees.models import Batch
from xinshu.guarantees.tests.batches import again, row_for
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.test_types import LOW_PRICE, active, second  # noqa: F401

OWN_FIELDS = (
    Extra("监理单位", required=True), Extra("保留金", AMOUNT), Extra("验收日", DAY),
    Extra("付款方式", CHOICE, choices=("按月", "按节点")),
)  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.fixture
def asking(city: City, second: Member) -> City:  # noqa: F811
    """The city with a type that asks for four things of its own, and a guarantor that offers it."""
    house = city.guarantor
    active(city, second, replace(LOW_PRICE, deposit="none", documents=(), fields=OWN_FIELDS))
    publish_tariff(
        house, "low_price", annual_rate=Decimal("0.01"), minimum_amount=300_00, valid_from=date(2024, 1, 1),
        by=SYSTEM, at=city.at,
    )  # fmt: skip
    set_authority(
        house, "low_price", unverified=False, auto_amount=300_000_000, person_amount=300_000_000,
        waives=["period.contract"], by=SYSTEM, at=city.at,
    )  # fmt: skip
    return city


def uploaded(city: City, *rows: dict[str, str]) -> Batch:
    content = io.StringIO()
    codes = [column.code for column in all_columns()]
    writer = csv.writer(content)
    writer.writerow([title_of(code) for code in codes])
    writer.writerows([row.get(code, "") for code in codes] for row in rows)
    made = prepare_batch(
        content.getvalue().encode(), "表.csv", name="低价风险", guarantor=city.guarantor, by=city.manager, at=city.at
    )
    return again(made)


def row(city: City, key: str, **own: str) -> dict[str, str]:
    return row_for(city, key, kind="低价风险保函", amount="500,000") | {
        f"{OWN}{name}": text for name, text in own.items()
    }


def test_own_fields_are_columns_of_the_form_and_arrive_with_the_guarantee(asking: City) -> None:
    form = cells_of(template_for(asking.manager, asking.at), "模板.xlsx", rows=50, largest=10**7)
    batch = uploaded(
        asking,
        row(asking, "1", 监理单位="云州监理公司", 保留金="5万元", 验收日="2026/12/1", 付款方式="按月"),
        row_for(asking, "2"),
    )

    assert set(form[0]) >= {extra.name for extra in OWN_FIELDS}
    assert (batch.state, list(batch.rows.values_list("faults", flat=True))) == ("ready", [[], []])
    first = batch.rows.get(line=2)
    assert own_values(first.kind, first.typed)[0] == {
        "监理单位": "云州监理公司", "保留金": 5_000_000, "验收日": "2026-12-01", "付款方式": "按月",
    }  # fmt: skip
    assert work_on is not None


def test_what_is_wrong_in_an_own_field_is_said_at_its_column(asking: City) -> None:
    batch = uploaded(
        asking,
        row(asking, "1", 保留金="许多", 验收日="某天", 付款方式="按年"),
        row_for(asking, "2") | {f"{OWN}监理单位": "不该填"},
    )

    one, other = batch.rows.order_by("line")
    assert [fault["column"].removeprefix(OWN) for fault in one.faults] == ["保留金", "验收日", "付款方式", "监理单位"]
    assert "【监理单位】没有填写监理单位。" in faults_in_words(one)
    assert faults_in_words(other) == "【监理单位】履约保函没有这个字段，请留空。"
    assert batch.state != "ready"
