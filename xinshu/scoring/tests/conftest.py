"""A house with somebody who trains and somebody who promotes, a small table, and a scorecard made by hand."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.clock import moved_to
from xinshu.scoring.actions.data import bring_table, confirm_data
from xinshu.scoring.actions.versions import (
    begin_training,
    finish_training,
    make_model,
    promote_version,
    propose_version,
)
from xinshu.scoring.demo import HEADS, rows_of
from xinshu.scoring.learning.drift import baseline_of
from xinshu.scoring.learning.kinds import SCORECARD, Column
from xinshu.scoring.models import DataSet, ModelVersion, RiskModel

FIGURES: dict[str, Any] = {
    "rows": 300, "bad": 40, "auc": 0.81, "ks": 0.5, "brier": 0.09, "gap": 0.01,
    "table": [{"rows": 150, "said": 0.05, "came": 0.06, "bad": 9}, {"rows": 150, "said": 0.21, "came": 0.2, "bad": 31}],
}  # fmt: skip
TOLD = {"folds": [FIGURES], "cross": FIGURES, "late": None, "timed": False, "period": [], "beside": None}


def csv_of(rows: int = 210, seed: int = 3) -> bytes:
    """A table as the demo makes them, of which about one in eight defaults."""
    day = date(2026, 10, 1)
    return "\n".join(",".join(row) for row in [HEADS, *rows_of(seed, rows, day, 26.0)]).encode()


def card_by_hand() -> tuple[bytes, str]:
    """Return a scorecard of two columns as bytes, and its digest: missing debts have points of their own."""
    from xinshu.scoring.learning.model import Model
    from xinshu.scoring.learning.scorecard import Scorecard

    columns = (Column("debt_ratio", "资产负债率"), Column("kind", "保函类型", "category"))
    bins = (
        {"column": 0, "edges": [60.0, 80.0], "points": [30, 0, -60], "missing": -10, "seen_missing": True},
        {"column": 1, "groups": [["投标保函"], ["履约保函"]], "points": [8, -8], "missing": 0, "seen_missing": False},
    )
    numbers = [float(one) for one in range(100)]
    baselines = (baseline_of(numbers), baseline_of(["投标保函", "履约保函"] * 50))
    model = Model(SCORECARD, Scorecard(columns, 570, bins), baselines, baseline_of([one / 100 for one in numbers]))
    return model.to_bytes(), model.sm3


class House:
    """A guarantor's people and their models."""

    def __init__(self, at: datetime, organisation: Organisation | None = None) -> None:
        self.at = at
        self.organisation = organisation or Organisation.objects.create(
            name="云州融信融资担保有限公司", kind="guarantor", verified=True
        )
        self.trainer, self.second = self.member("trainer", "reviewer"), self.member("second", "signer")

    def member(self, name: str, role: str, organisation: Organisation | None = None) -> Member:
        user = User.objects.create(username=name, name=f"经办{name}")
        return Member.objects.create(user=user, organisation=organisation or self.organisation, roles=[role])

    def table(self, *, ready: bool = True, seed: int = 3, name: str = "历史业务") -> DataSet:
        brought = bring_table(csv_of(seed=seed), "历史.csv", name, by=self.trainer, at=self.at)
        return confirm_data(brought, by=self.trainer, at=self.at) if ready else brought

    def model(self) -> RiskModel:
        found = RiskModel.objects.filter(owner=self.organisation).first()
        return found or make_model("保函违约模型", "guarantee", by=self.trainer, at=self.at)

    def training(self, table: DataSet | None = None, **more: Any) -> list[ModelVersion]:
        return begin_training(self.model(), table or self.table(), by=self.trainer, at=self.at, **more)

    def challenger(self) -> ModelVersion:
        """A version that was trained elsewhere: a card made by hand, kept by the very act that keeps trained ones."""
        table = DataSet.objects.filter(owner=self.organisation, state="ready").first()
        (version,) = self.training(table, forms=(SCORECARD,))
        return finish_training(version, *card_by_hand(), TOLD, {}, 1, at=self.at)

    def champion(self) -> ModelVersion:
        proposed = propose_version(self.challenger(), by=self.trainer, at=self.at)
        return promote_version(proposed, by=self.second, at=self.at)


@pytest.fixture
def house(db: None, at: datetime) -> House:
    return House(at)


@pytest.fixture
def browser_of(sign_in: Callable[[Member], Client], at: datetime) -> Iterator[Callable[[Member], Client]]:
    with moved_to(at + timedelta(hours=1)):
        yield sign_in
