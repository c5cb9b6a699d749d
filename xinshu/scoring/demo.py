"""The demo city's model: trained on rows that a program made up, and saying so wherever it shows.

A guarantor's reviewer brings the table and trains, the signer promotes. A second round waits for the worker, so that a
challenger stands beside the champion a little after the start.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import exp

from xinshu.accounts.models import Member
from xinshu.scoring.actions.data import bring_table, confirm_data, describe_data
from xinshu.scoring.actions.versions import begin_training, make_model, promote_version, propose_version
from xinshu.scoring.learning.kinds import BOOSTING, TIME, Column
from xinshu.scoring.models import DataSet, ModelVersion
from xinshu.scoring.training import model_of, take_step
from xinshu.scoring.watching import keep_drift, month_before

NOTE = "由程序生成，只用来演示。违约：出函后十二个月内发生代偿。"
HEADS = (
    "applied_on", "debt_ratio", "total_assets", "revenue", "registered_capital", "years", "staff_count",
    "constructor_count", "projects_done", "largest_contract", "kind", "amount", "days", "contract_share",
    "amount_share", "default",
)  # fmt: skip
KINDS = ("投标保函", "履约保函", "预付款保函", "质量保函", "农民工工资支付保函")
ROWS = 600


def rows_of(seed: int, many: int, until: date, worse: float = 0.0) -> Iterator[list[str]]:
    """Yield made-up applications, two years back from `until`: cells in the order of HEADS, some left empty.

    `worse` shifts debts upwards, as in a bad year.
    """
    chance = random.Random(seed)
    for _row in range(many):
        debt = min(max(chance.gauss(58 + worse, 18), 5), 130)
        assets = round(chance.lognormvariate(9.2, 0.9))
        revenue = round(assets * max(chance.gauss(1.1, 0.4), 0.05))
        years = round(max(chance.gauss(11, 6), 0.2), 1)
        contract = max(chance.lognormvariate(3.3, 0.7), 2.0)
        amount = round(revenue * contract / 100 * chance.choice((0.02, 0.05, 0.1)), 2)
        largest = round(revenue * chance.uniform(0.1, 0.9))
        odds = -3.0 + 0.07 * (debt - 55) + 0.02 * (contract - 30) - 0.09 * (years - 10) + chance.gauss(0, 0.6)
        cells: list[object] = [
            (until - timedelta(days=chance.randrange(730))).isoformat(), round(debt, 2), assets, revenue,
            round(assets * chance.uniform(0.1, 0.5)), years, round(revenue / 60 + chance.uniform(3, 30)),
            chance.randrange(1, 25), chance.randrange(0, 30), largest, chance.choice(KINDS), amount,
            chance.choice((90, 120, 180, 365, 540, 720)), round(contract, 2), round(amount * 100 / revenue, 2),
            int(chance.random() < 1 / (1 + exp(-odds))),
        ]  # fmt: skip
        yield ["" if 0 < place < 10 and chance.random() < 0.06 else str(cell) for place, cell in enumerate(cells)]


def _table(seed: int, name: str, until: date, worse: float, writer: Member, at: datetime) -> DataSet:
    rows = [list(HEADS), *rows_of(seed, ROWS, until, worse)]
    content = "\n".join(",".join(row) for row in rows).encode()
    brought = bring_table(content, f"{name}.csv", name, note=NOTE, origin=DataSet.Origin.GENERATED, by=writer, at=at)
    columns = [
        Column(one.name, "申请日期", one.kind, TIME) if one.name == HEADS[0]
        else Column(one.name, one.label if one.name != "default" else "是否违约", one.kind, one.role)
        for one in brought.described
    ]  # fmt: skip
    return confirm_data(describe_data(brought, columns, "1", NOTE, by=writer, at=at), by=writer, at=at)


def create_demo_models(at: datetime) -> None:
    """Train and promote the demo's champion; leave the next round to the worker."""
    people = {
        member.user.username: member
        for member in Member.objects.filter(user__username__in=("reviewer", "signer")).select_related(
            "user", "organisation"
        )
    }
    writer, second = people["reviewer"], people["signer"]
    then = at - timedelta(days=200)
    first = _table(1, "演示训练数据 2023 至 2025", then.date(), 0.0, writer, then)
    model = make_model("保函违约模型（演示）", "guarantee", by=writer, at=then)
    (version,) = begin_training(model, first, by=writer, at=then, forms=(BOOSTING,))
    while take_step(version, at=then):
        version.refresh_from_db()
    version.refresh_from_db()
    version = propose_version(version, by=writer, at=then + timedelta(days=1))
    promote_version(version, by=second, at=then + timedelta(days=1, hours=3))
    _drifted(version, at)
    newer = _table(2, "演示训练数据 2024 至 2026", at.date(), 6.0, writer, at)
    model.refresh_from_db()
    begin_training(model, newer, by=writer, at=at, not_before=at + timedelta(minutes=5))


def _drifted(version: ModelVersion, at: datetime) -> None:
    """Measure four made-up months, the later ones worse."""
    from xinshu.scoring.learning.preparing import frame_of
    from xinshu.scoring.learning.reading import Sheet, number_of

    version.refresh_from_db()
    trained, month = model_of(version), at.date()
    for back in range(4):
        month = month_before(month)
        rows = list(rows_of(100 + back, 80, month, 2.0 * (3 - back)))
        places = [HEADS.index(column.name) for column in trained.columns]
        cells = [[row[place] for place in places] for row in rows]
        frame = frame_of(Sheet([one.name for one in trained.columns], cells), trained.columns)
        said = trained.trained.probabilities(frame).tolist()
        known = [
            {column.name: row[at] if column.kind != "number" else number_of(row[at])
             for at, column in enumerate(trained.columns)}
            for row in cells
        ]  # fmt: skip
        keep_drift(version, month, zip(known, said, strict=True), at=at)
