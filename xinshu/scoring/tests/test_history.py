"""Stories: training data from the house's own past: too few cases are refused with their count."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from xinshu.core.refusals import Invalid
from xinshu.ledger.models import Entry
from xinshu.scoring import history
from xinshu.scoring.actions.data import confirm_data
from xinshu.scoring.actions.history import build_from_history
from xinshu.scoring.history import History
from xinshu.scoring.learning.kinds import IGNORE, TARGET, TIME, Column
from xinshu.scoring.models import DataSet

pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-31")]
COLUMNS = (
    Column("number", "保函编号", "category", IGNORE), Column("issued_on", "出函日期", "category", TIME),
    Column("debt_ratio", "资产负债率"), Column("default", "十二个月内发生代偿", "category", TARGET),
)  # fmt: skip


def told(rows: int, bad: int) -> History:
    first = date(2024, 1, 1)
    cells = [[f"YZ{n:05}", (first + timedelta(days=n % 300)).isoformat(), str(n % 90), str(int(n < bad))]
             for n in range(rows)]  # fmt: skip
    return History(COLUMNS, cells, bad, first, first + timedelta(days=299))


@pytest.fixture
def past(monkeypatch):
    """Let rooms above tell so many cases, of which so many defaulted."""

    def tell(rows: int, bad: int) -> None:
        monkeypatch.setattr(history, "_tellers", [lambda _house, _until: told(rows, bad)])

    return tell


@pytest.mark.parametrize(("rows", "bad"), [(0, 0), (199, 60), (400, 29), (400, 371)])
def test_too_few_cases_are_refused_with_how_many_there_are(house, past, at, rows, bad):
    past(rows, bad)
    with pytest.raises(Invalid, match=f"有 {rows} 笔，其中十二个月内发生代偿的 {bad} 笔"):
        build_from_history("历史保函", by=house.trainer, at=at)
    assert not DataSet.objects.exists()
    assert not Entry.objects.filter(kind="scoring.data_built").exists()


def test_enough_cases_become_training_data_with_their_count_by_label(house, past, at):
    past(240, 36)

    built = build_from_history("历史保函 2024", by=house.trainer, at=at)

    assert (built.state, built.origin, built.row_count, built.bad_value) == ("draft", "history", 240, "1")
    assert built.described == COLUMNS
    entry = Entry.objects.get(kind="scoring.data_built")
    assert (entry.data["rows"], entry.data["bad"], entry.data["good"]) == (240, 36, 204)
    confirmed = confirm_data(built, by=house.trainer, at=at)  # the usual way from here on
    assert (confirmed.state, confirmed.bad_count) == ("ready", 36)


def test_a_bad_name_is_said_beside_its_field_and_nothing_is_kept(house, past, at):
    past(240, 36)
    with pytest.raises(Invalid) as refused:
        build_from_history("字", by=house.trainer, at=at)
    assert "name" in refused.value.fields
    assert not DataSet.objects.exists()


def test_the_page_counts_refuses_and_builds(house, past, browser_of):
    past(150, 3)
    browser, here = browser_of(house.trainer), reverse("scoring:data_history")
    page = browser.get(here).text
    assert "现在还不能生成" in page
    assert "150 笔" in page
    answer = browser.post(here, {"name": "历史保函"})
    assert answer.status_code == 422
    assert "至少要 200 笔" in answer.text

    past(240, 36)

    assert "生成训练数据" in browser.get(here).text
    answer = browser.post(here, {"name": "历史保函"})
    assert answer.status_code == 302
    assert "本机构历史" in browser.get(reverse("scoring:data_list")).text


def test_who_only_reads_models_does_not_build(house, browser_of):
    assert browser_of(house.second).get(reverse("scoring:data_history")).status_code == 403
