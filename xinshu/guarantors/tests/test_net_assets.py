"""Net assets: filed by one, confirmed by another, and every limit follows in that very act; nothing of it is edited."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from xinshu.accounts.models import Organisation
from xinshu.books.models import Capital, TotalLimit
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantors.actions import confirm_filing, discard_filing, end_filing, file_net_assets
from xinshu.guarantors.capacity import capacities
from xinshu.guarantors.models import NetAssets
from xinshu.guarantors.tests.conftest import Town
from xinshu.guarantors.tests.test_filings import PDF

STATED: dict[str, Any] = {"amount": 1_000_000_00, "valid_from": date(2025, 12, 31), "source": "2025 年度审计报告"}
SMALL = {"mainly_small": True, "basis": "小微和三农余额占比 62%，主管部门核定"}
FORM = {"amount": "1000万元", "valid_from": "2025-12-31", "source": "2025 年度审计报告", "basis": ""}


def test_nothing_is_counted_before_a_second_person_of_the_operator_confirmed_it(town: Town) -> None:
    filed = file_net_assets(town.house, STATED, by=town.first, at=town.at)

    with pytest.raises(NotPermitted):
        confirm_filing(filed, by=town.first, at=town.at)
    with pytest.raises(NotPermitted):
        confirm_filing(filed, by=town.reviewer, at=town.at)
    assert not Capital.objects.exists()
    confirm_filing(filed, by=town.second, at=town.at)

    assert Capital.objects.get().recorded_by == town.second.actor_label
    assert capacities([town.house])[town.house.pk].most == 10_000_000_00


def test_the_newer_one_replaces_and_brings_the_higher_multiple(town: Town) -> None:
    confirm_filing(file_net_assets(town.house, STATED, by=town.reviewer, at=town.at), by=town.first, at=town.at)
    newer = file_net_assets(town.house, STATED | SMALL, by=town.reviewer, at=town.at)
    confirm_filing(newer, by=town.first, at=town.at)

    assert list(NetAssets.objects.order_by("pk").values_list("state", flat=True)) == ["replaced", "confirmed"]
    found = capacities([town.house])[town.house.pk]
    assert (found.most, found.multiple) == (15_000_000_00, 15)


def test_net_assets_are_replaced_never_ended_and_a_draft_may_be_thrown_away(town: Town) -> None:
    filed = confirm_filing(file_net_assets(town.house, STATED, by=town.first, at=town.at), by=town.second, at=town.at)
    with pytest.raises(NotNow):
        end_filing(filed, by=town.first, at=town.at, reason="不再使用了")
    other = file_net_assets(town.house, STATED, by=town.first, at=town.at)
    discard_filing(other, by=town.first, at=town.at, reason="数字抄错了")

    assert Capital.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": -1}, "amount"),
        ({"source": "x"}, "source"),
        ({"mainly_small": True, "basis": ""}, "basis"),
        ({"valid_from": date(2999, 1, 1)}, "valid_from"),
    ],
)
def test_what_is_wrong_is_named_beside_its_field(town: Town, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        file_net_assets(town.house, STATED | wrong, by=town.first, at=town.at)

    assert field in refused.value.fields


def test_only_a_guarantee_company_has_the_higher_multiple(town: Town) -> None:
    bank = town.organisation("云州银行", Organisation.Kind.BANK)
    with pytest.raises(Invalid):
        file_net_assets(bank, STATED | SMALL, by=town.first, at=town.at)


def test_an_older_day_than_the_last_is_refused_and_nothing_changes(town: Town) -> None:
    confirm_filing(file_net_assets(town.house, STATED, by=town.first, at=town.at), by=town.second, at=town.at)
    older = file_net_assets(
        town.house, STATED | {"valid_from": STATED["valid_from"] - timedelta(days=9)}, by=town.first, at=town.at
    )
    with pytest.raises(Invalid):
        confirm_filing(older, by=town.second, at=town.at)

    assert NetAssets.objects.get(pk=older.pk).state == "draft"
    assert TotalLimit.objects.get().ceiling == 10_000_000_00


def test_in_the_browser_a_house_files_and_the_operator_confirms(town: Town, browser_of: Any) -> None:
    house, operator = browser_of(town.reviewer), browser_of(town.first)
    report = SimpleUploadedFile("审计报告.pdf", PDF, "application/pdf")
    new = reverse("guarantors:new_net_assets")

    assert "报表基准日" in house.get(new).content.decode()
    for junk in ("", "x" * 3000, "-1", "9" * 40):
        for name in FORM:
            assert house.post(new, FORM | {name: junk}).status_code in (302, 422)
    NetAssets.objects.all().delete()
    assert house.post(new, FORM | {"file": report}).status_code == 302
    filed = NetAssets.objects.get()
    page = reverse("guarantors:net_assets", args=[filed.reference])
    edit = reverse("guarantors:edit_net_assets", args=[filed.reference])
    assert house.post(edit, FORM | {"version": filed.version, "amount": "2000万元"}).status_code == 302
    filed.refresh_from_db()
    assert "审计报告.pdf" in operator.get(page).content.decode()
    assert filed.file is not None
    assert operator.get(reverse("documents:file", args=[filed.file.reference])).status_code == 200
    act = reverse("guarantors:net_assets_act", args=[filed.reference, "confirm_filing"])
    assert house.post(act, {"version": filed.version}).status_code == 403
    assert operator.post(act, {"version": filed.version}).status_code == 302

    shown = house.get(reverse("guarantors:list")).content.decode()
    assert "2.0 亿" in shown or "2 亿" in shown
    applicant = town.member("app", town.organisation("云州建设有限公司", "enterprise"), "applicant")
    assert browser_of(applicant).get(page).status_code == 404
    assert "停用" not in operator.get(page).content.decode()
