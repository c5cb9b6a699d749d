"""Training data from the house's own past: built, counted by label, then described and confirmed as any other."""

import csv
import io
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Invalid
from xinshu.ledger.recording import record
from xinshu.scoring.actions.data import bring_table, describe_data, must_be_house
from xinshu.scoring.history import History, history_of
from xinshu.scoring.learning.reading import FEWEST_OF_EACH, FEWEST_ROWS
from xinshu.scoring.models import DataSet

BAD, GOOD = "1", "0"


@transaction.atomic
def build_from_history(name: str, *, by: Member, at: datetime) -> DataSet:
    """Keep the house's past cases as training data: what was known at issue, and whether a claim was paid in a year.

    Raises Invalid when there are too few cases, or too few that defaulted, with how many there are.
    """
    must_be_house(by)
    told = history_of(by.organisation, at)
    if not told.enough:
        raise Invalid(too_few(told), advice=_("期满和代偿的保函积累够了再生成，或上传其他来源的训练数据。"))
    assert told.first is not None
    assert told.last is not None
    note = _("由本机构 %(first)s 至 %(last)s 出具、已满十二个月的保函生成。特征取自出函当日的记录。") % {
        "first": told.first.isoformat(), "last": told.last.isoformat()
    } + _("违约：出函后十二个月内发生代偿。")  # fmt: skip
    brought = bring_table(
        table_of(told), _("本机构历史保函.csv"), name, note=note, origin=DataSet.Origin.HISTORY, by=by, at=at
    )
    built = describe_data(brought, told.columns, BAD, note, by=by, at=at)
    record("scoring.data_built", built, by=by, at=at, rows=len(told.rows), bad=told.bad, good=told.good,
           first=told.first.isoformat(), last=told.last.isoformat())  # fmt: skip
    return built


def too_few(told: History) -> str:
    """Say how many cases there are and how many it takes."""
    return _(
        "出函已满十二个月的保函有 %(all)d 笔，其中十二个月内发生代偿的 %(bad)d 笔。"
        "至少要 %(rows)d 笔，代偿和没有代偿的各至少 %(each)d 笔，没有生成。"
    ) % {"all": len(told.rows), "bad": told.bad, "rows": FEWEST_ROWS, "each": FEWEST_OF_EACH}


def table_of(told: History) -> bytes:
    """Return the rows as CSV: the first line names the columns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in told.columns])
    writer.writerows(told.rows)
    return out.getvalue().encode()
