"""Lists that mark firms (重点、百强、骨干、异常): kept by operator and departments, imported, filtered, shown."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from xinshu.accounts.tests.browsers import signed_in
from xinshu.core.clock import local_day, moved_to
from xinshu.core.refusals import NotPermitted
from xinshu.credit.actions.lists import Wanted, confirm_entry, propose_entry, propose_from_source
from xinshu.credit.kinds import APPLICANT
from xinshu.credit.models import ListEntry
from xinshu.credit.portrait import standing
from xinshu.credit.tests.conftest import Town

SHEET = "企业,名单,理由,依据,自,至\n"


def wanted(town: Town, colour: str, effect: str = "mark") -> Wanted:
    on = local_day(town.at)
    return Wanted(town.firm, APPLICANT, colour, effect, "市重点培育企业", "云建发〔2026〕3 号", on, on + timedelta(90))


def listed(town: Town, colour: str) -> ListEntry:
    return confirm_entry(propose_entry(wanted(town, colour), by=town.first, at=town.at), by=town.second, at=town.at)


def brought(town: Town, *rows: str, by: Any = None) -> Any:
    file = SimpleUploadedFile("名单.csv", (SHEET + "\n".join(rows)).encode())
    with moved_to(town.at):
        return signed_in(by or town.first).post(reverse("credit:import_lists"), {"file": file})


@pytest.mark.django_db
def test_a_department_keeps_lists_that_mark_and_no_others(town: Town) -> None:
    office = town.organisation("云州市住建局", "department")
    first, second = (town.member(name, office, "department") for name in ("d1", "d2"))

    own = confirm_entry(propose_entry(wanted(town, "core"), by=first, at=town.at), by=second, at=town.at)
    with pytest.raises(NotPermitted):
        propose_entry(wanted(town, "black", "block"), by=first, at=town.at)

    assert own.owner == office
    assert ListEntry.objects.visible_to(first).get() == own
    assert not ListEntry.objects.visible_to(town.manager).exists()


@pytest.mark.django_db
def test_a_source_proposes_and_one_of_the_operators_people_decides(town: Town) -> None:
    told = {"reason": "被列入经营异常名录，决定书 7", "evidence": "登记机关，2026-11-01"}

    entry = propose_from_source(town.firm, at=town.at, **told)
    again = propose_from_source(town.firm, at=town.at, **told)
    assert entry is not None
    before = entry.state
    held = confirm_entry(entry, by=town.first, at=town.at)

    assert (before, again, held.state, held.owner, held.colour) == ("proposed", None, "standing", None, "odd")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("没有的公司,重点企业名单,市重点培育企业,文号,,2027-01-01", "没有找到这家企业"),
        ("云州大山建设有限公司,金名单,市重点培育企业,文号,,2027-01-01", "没有这种名单"),
        ("云州大山建设有限公司,百强,市重点培育企业,文号,,明年", "日期写成"),
        ("云州大山建设有限公司,骨干,短,文号,,2027-01-01", "至少 4 个字"),
        ("云州大山建设有限公司,骨干,市重点培育企业,文号,,2020-01-01", "不能早于生效日"),
        ("云州大山建设有限公司,百强企业名单,市重点培育企业,文号,,2027-01-01", "已有一条"),
    ],
)
def test_a_sheet_with_a_wrong_row_brings_nothing_and_says_which(town: Town, row: str, fault: str) -> None:
    good = "云州大山建设有限公司,百强企业名单,市重点培育企业,云建发〔2026〕3 号,,2027-06-30"

    answer = brought(town, good, row)

    assert answer.status_code == 422
    assert fault in answer.text
    assert not ListEntry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"a,b\n1,2", b"\x00\x01", SHEET.encode()])
def test_what_is_no_such_sheet_is_refused_in_words(town: Town, content: bytes) -> None:
    file = SimpleUploadedFile("名单.csv", content)

    answer = signed_in(town.first).post(reverse("credit:import_lists"), {"file": file} if content else {})

    assert answer.status_code == 422


@pytest.mark.req("CS-13")
@pytest.mark.django_db
def test_lists_come_by_sheet_take_two_people_narrow_the_firms_page_and_stand_on_the_portrait(town: Town) -> None:
    other = town.organisation("云州小河建设有限公司", "enterprise")
    rows = [
        f"{firm.name},{name},市重点培育企业,云建发〔2026〕3 号,2026/11/21,2027-06-30"
        for firm, name in ((town.firm, "重点企业名单"), (town.firm, "百强"), (town.firm, "骨干企业"), (other, "异常"))
    ]
    assert brought(town, *rows).status_code == 302
    chosen = list(ListEntry.objects.values_list("reference", flat=True))

    with moved_to(town.at):
        signed_in(town.first).post(reverse("credit:confirm_lists"), {"entry": chosen})
        own = ListEntry.objects.filter(state="standing").count()
        signed_in(town.second).post(reverse("credit:confirm_lists"), {"entry": [*chosen, "nonsense"]})
        browser, page = signed_in(town.manager), reverse("enterprises:list")
        shown = {code: browser.get(page, {"list": code}).text for code in ("", "key", "odd", "nonsense")}
        narrowed = signed_in(town.first).get(reverse("credit:lists"), {"colour": "top100", "q": "大山"}).text
        exported = signed_in(town.first).get(reverse("credit:export_lists"), {"colour": "odd"})
        chapter = standing(town.enterprise, town.manager, town.at)

    assert (own, ListEntry.objects.filter(state="standing").count()) == (0, 4)  # who proposed does not confirm
    assert all("云州大山建设" in shown[code] for code in ("", "key", "nonsense"))
    assert "百强企业名单" in shown["key"]
    assert "云州大山建设" not in shown["odd"]
    assert "云州大山建设" in narrowed
    assert exported.status_code == 200
    assert chapter is not None
    assert ("info", "重点企业名单") in chapter.tags
    assert any(line.as_of == date(2026, 11, 21) and "市重点培育企业" in line.text for line in chapter.sentences)
