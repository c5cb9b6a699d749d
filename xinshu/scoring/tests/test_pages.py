"""The pages: a table brought and described, a round begun, compared, promoted; card, drift, scores; strangers."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member, Organisation
from xinshu.scoring.actions.versions import make_model, propose_version
from xinshu.scoring.models import DataSet, Drift, ModelVersion, RiskModel, Score
from xinshu.scoring.tests.conftest import House, csv_of
from xinshu.scoring.tests.test_versions import scored

Browser = Callable[[Member], Client]


def test_a_table_is_brought_described_confirmed_and_a_round_begins(house: House, browser_of: Browser) -> None:
    browser = browser_of(house.trainer)
    page = reverse("scoring:data_new")

    nothing = browser.post(page, {"name": "历史业务", "note": "2024 年起"})
    wrong = browser.post(page, {"name": "历史业务", "file": SimpleUploadedFile("x.csv", b"a,a\n1,2\n")})
    browser.post(page, {"name": "历史业务", "note": "2024 年起", "file": SimpleUploadedFile("x.csv", csv_of())})
    table = DataSet.objects.get()
    here = reverse("scoring:data", args=[table.reference])
    same = browser.post(here, {"version": table.version, "c1-label": "保函类型", "bad_value": "1"})
    kept = browser.post(here, {"version": table.version, "bad_value": "1", "note": "改过", **{
        f"c{n}-label": one["label"] for n, one in enumerate(table.columns)}})  # fmt: skip
    table.refresh_from_db()
    browser.post(f"{here}confirm/", {"version": table.version})
    browser.post(reverse("scoring:list"), {"name": "违约模型", "purpose": "guarantee"})
    model = RiskModel.objects.get()
    browser.post(reverse("scoring:model_act", args=[model.reference, "train"]),
                 {"version": model.version, "data": table.reference})  # fmt: skip
    shown = browser.get(reverse("scoring:model", args=[model.reference])).content.decode()

    assert nothing.status_code == wrong.status_code == same.status_code == 422
    assert "历史业务" in nothing.content.decode()  # nothing typed is lost
    assert "不止一次" in wrong.content.decode()
    assert "已有同名的列" in same.content.decode()
    assert kept.status_code == 302
    assert "正在训练" in shown
    assert set(ModelVersion.objects.values_list("form", flat=True)) == {"boosting", "scorecard"}


def test_the_comparison_stands_before_the_eyes_of_whoever_promotes(house: House, browser_of: Browser) -> None:
    champion = house.champion()
    version = propose_version(house.challenger(), by=house.trainer, at=house.at)
    here = reverse("scoring:version", args=[version.reference])
    trainer, second = browser_of(house.trainer), browser_of(house.second)

    own = trainer.get(here).content.decode()
    page = second.get(here).content.decode()
    refused = trainer.post(f"{here}promote/", {"version": version.version})
    stale = second.post(f"{here}promote/", {"version": version.version - 1})
    done = second.post(f"{here}promote/", {"version": version.version})
    champion.refresh_from_db()

    assert "等另一人批准" in own
    assert "promote/" not in own
    assert "promote/" in page
    assert f"V{champion.number}" in page
    assert "0.8100" in page
    assert (refused.status_code, stale.status_code, done.status_code) == (403, 409, 302)
    assert champion.state == "retired"


def test_card_figures_and_scores_are_taken_away(house: House, browser_of: Browser) -> None:
    version = house.champion()
    scored(house, 1)
    browser = browser_of(house.second)

    card = browser.get(reverse("scoring:card", args=[version.reference]))
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(card.content)).pages)
    figures = browser.get(reverse("scoring:export", args=[version.model.reference]))
    scores = browser.get(reverse("scoring:export_scores") + "?grade=E")
    rows = [
        CalamineWorkbook.from_filelike(BytesIO(b"".join(one.streaming_content))).get_sheet_by_index(0).to_python()[2:]  # type: ignore[attr-defined]
        for one in (figures, scores)
    ]

    assert "模型卡" in text
    assert version.model_sm3[:16] in text.replace("\n", "")
    assert "不单独作为拒绝的理由" in text.replace("\n", "")
    assert len(rows[0]) > 4
    assert rows[1][0][2] == "E"


def test_a_score_tells_reasons_missing_values_and_its_replay(house: House, browser_of: Browser) -> None:
    house.champion()
    score = scored(house, 1, None)
    browser = browser_of(house.trainer)
    here = reverse("scoring:score", args=[score.reference])

    page = browser.get(here).content.decode()
    browser.post(f"{here}replay/", {"version": score.version})
    waiting = browser.get(here).content.decode()

    for words in ("缺失", "没有当作 0", "资不抵债", "保函违约模型 V1"):
        assert words in page
    assert "正在重放" in waiting


def test_a_neighbour_and_roles_without_the_right_find_nothing(house: House, browser_of: Browser) -> None:
    version, score = house.champion(), scored(house, 1)
    other = Organisation.objects.create(name="安平保险", kind="insurer", verified=True)
    paths = [
        reverse("scoring:version", args=[version.reference]), reverse("scoring:drift", args=[version.reference]),
        reverse("scoring:model", args=[version.model.reference]), reverse("scoring:score", args=[score.reference]),
        reverse("scoring:data", args=[version.data_set.reference]),
    ]  # fmt: skip

    for member, status in ((house.member("rival", "reviewer", other), 404), (house.member("cash", "finance"), 403)):
        browser = browser_of(member)
        assert {browser.get(path).status_code for path in paths} == {status}


def test_empty_pages_say_what_to_do_next_and_lists_ask_as_often_for_many(
    house: House, browser_of: Browser, django_assert_max_num_queries: Any
) -> None:
    browser = browser_of(house.trainer)
    empty = [browser.get(reverse(f"scoring:{name}")).content.decode() for name in ("list", "data_list", "scores")]
    version = house.champion()
    drifting = reverse("scoring:drift", args=[version.reference])
    none = browser.get(drifting).content.decode()
    Drift.objects.create(model_version=version, month=house.at.date().replace(day=1), label="模型评分", psi="0.3",
                         rows=60)  # fmt: skip
    some = browser.get(drifting).content.decode()
    score = scored(house, 1)
    with django_assert_max_num_queries(30) as one:
        browser.get(reverse("scoring:scores"))
    fields = {f.attname: getattr(score, f.attname) for f in Score._meta.fields if f.name not in ("id", "reference")}
    Score.objects.bulk_create([Score(**{**fields, "cause": 10 + n, "reference": f"S{n}"}) for n in range(29)])
    with django_assert_max_num_queries(30) as thirty:
        browser.get(reverse("scoring:scores"))

    for page, words in zip(empty, ("还没有模型", "还没有训练数据", "还没有评分"), strict=True):
        assert words in page
    assert "还没有漂移数据" in none
    assert "0.300" in some
    assert len(one) == len(thirty)


def test_the_list_of_models_and_the_figures_ask_as_often_for_many(
    house: House, browser_of: Browser, django_assert_max_num_queries: Any
) -> None:
    version, browser = house.champion(), browser_of(house.second)
    pages = [reverse("scoring:list"), reverse("scoring:export", args=[version.model.reference])]

    def asked() -> list[int]:
        found = []
        for page in pages:
            with django_assert_max_num_queries(60) as queries:
                assert browser.get(page).status_code == 200
            found.append(len(queries))
        return found

    asked()  # sessions and the like are warm
    one = asked()
    for n in range(4):
        make_model(f"内部分析{n}", "other", by=house.trainer, at=house.at)
        house.challenger()

    assert asked() == one


@pytest.mark.parametrize("nonsense", ["", "９９", "-1", "<script>", "不存在", "a" * 3_000, "\0"])
def test_nonsense_never_breaks_a_page(house: House, browser_of: Browser, nonsense: str) -> None:
    table = house.table(ready=False)
    model = house.model()
    browser = browser_of(house.trainer)
    here = reverse("scoring:data", args=[table.reference])

    answers = [
        browser.get(reverse("scoring:scores"), {"q": nonsense, "grade": nonsense, "page": nonsense}),
        browser.post(here, {"version": nonsense, "c0-role": nonsense, "c0-label": nonsense, "bad_value": nonsense}),
        browser.post(reverse("scoring:list"), {"name": nonsense[:1], "purpose": nonsense}),
        browser.post(reverse("scoring:model_act", args=[model.reference, "train"]), {"version": "1", "data": nonsense}),
    ]

    assert {answer.status_code for answer in answers} <= {200, 302, 400, 404, 409, 422}
