"""Training data: a table is brought, its columns are described, somebody confirms it, it is dropped."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.documents.blobs import read_blob
from xinshu.documents.contents import check_name
from xinshu.documents.sheets import cells_of
from xinshu.documents.uploads import file_of
from xinshu.ledger.recording import record
from xinshu.scoring.facts import label_for
from xinshu.scoring.learning.kinds import FEATURE, IGNORE, TARGET, Column
from xinshu.scoring.learning.reading import MOST_ROWS, Sheet, arff_sheet, look_at, problems_of, sheet_of
from xinshu.scoring.lifecycle import DATA
from xinshu.scoring.models import DataSet

LARGEST = 20 * 1024 * 1024  # bytes of a table
MIMES = {
    ".csv": "text/csv", ".txt": "text/csv", ".arff": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
TARGETS = ("default", "bad", "违约", "是否违约", "bankruptcy", "class", "target", "label", "逾期")
BADS = ("1", "是", "违约", "bad", "Y", "yes", "True", "true", "2")


def read_table(content: bytes, name: str) -> Sheet:
    """Return the table in a file: CSV, XLSX or ARFF, by the ending of its name. Raises Invalid."""
    if len(content) > LARGEST:
        message = _("“%(name)s”太大，没有保存。") % {"name": name}
        raise Invalid(message, advice=_("表格不超过 20 MB。"), fields={"file": message})
    if name.lower().endswith(".arff"):
        try:
            return arff_sheet(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            message = _("“%(name)s”的编码没有读懂。") % {"name": name}
            raise Invalid(message, advice=_("请另存为 UTF-8。"), fields={"file": message}) from None
    return sheet_of(cells_of(content, name, rows=MOST_ROWS + 2, largest=LARGEST))


def sheet_of_set(data_set: DataSet) -> Sheet:
    """Return the table that a data set keeps."""
    assert data_set.file is not None
    return read_table(read_blob(data_set.file.blob), data_set.file.name)


def must_be_house(by: Member) -> None:
    """Raise NotPermitted for whom models are not meant."""
    if by.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有自己的模型。"))


@transaction.atomic
def bring_table(
    content: bytes, file_name: str, name: str, *, note: str = "", origin: str = DataSet.Origin.UPLOAD,
    by: Member, at: datetime,
) -> DataSet:  # fmt: skip
    """Keep a table with a first guess of its dictionary. Raises Invalid per field, saying what is wrong where."""
    data_set = DataSet(
        state="draft", owner=by.organisation, name=name.strip(), note=note.strip()[:300], origin=origin,
        brought_by=by.actor_label[:60], created_at=at, changed_at=at,
    )  # fmt: skip
    DATA.step("describe", data_set, by)
    must_be_house(by)
    if not 2 <= len(data_set.name) <= 60:
        raise Invalid(_("训练数据没有保存。"), fields={"name": _("填 2 到 60 个字")})
    file_name = check_name(file_name)
    sheet = read_table(content, file_name)
    looks = look_at(sheet)
    target = next((one for one in sheet.names if one.lower() in TARGETS), "")
    if not target and looks[-1].distinct == 2:
        target = sheet.names[-1]
    columns = []
    for one, told in zip(sheet.names, looks, strict=True):
        role = TARGET if one == target else FEATURE
        if role == FEATURE and (told.distinct < 2 or (told.kind != "number" and told.distinct > 50)):
            role = IGNORE
        columns.append(Column(one, label_for(one) or one, told.kind, role).as_json())
    data_set.columns = columns
    data_set.looks = [
        {"kind": one.kind, "missing": one.missing, "distinct": one.distinct, "unread": one.unread,
         "values": [[value[:40], many] for value, many in one.values[:4]]}
        for one in looks
    ]  # fmt: skip
    seen = dict(looks[sheet.names.index(target)].values) if target else {}
    data_set.bad_value = next((value for value in BADS if value in seen), "")
    data_set.row_count = len(sheet.rows)
    data_set.save()
    mime = MIMES.get(PurePath(file_name).suffix.lower(), "text/csv")
    data_set.file = file_of(content, file_name, mime, by.organisation, by, at, subject=data_set, sealed_until=None)
    data_set.save(update_fields=["file"])
    record("scoring.data_brought", data_set, by=by, at=at, name=data_set.name, rows=data_set.row_count,
           sm3=data_set.file.blob.sm3)  # fmt: skip
    return data_set


@transaction.atomic
def describe_data(
    data_set: DataSet, columns: Sequence[Column], bad_value: str, note: str, *, by: Member, at: datetime
) -> DataSet:
    """Write the dictionary: what people call each column, number or category, what it is for."""
    data_set = DataSet.objects.locked(data_set)
    step = DATA.step("describe", data_set, by)
    if [one.name for one in columns] != [one["name"] for one in data_set.columns]:
        raise Invalid(_("列和文件对不上，没有保存。"), advice=_("请刷新页面后再改。"))
    labels = [one.label for one in columns]
    twice = {label for label in labels if labels.count(label) > 1}
    wrong = {
        f"c{place}-label": _("已有同名的列") if one.label in twice else _("填 1 到 80 个字")
        for place, one in enumerate(columns)
        if one.label in twice or not 1 <= len(one.label) <= 80
    }
    if wrong:
        raise Invalid(_("列字典没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=wrong)
    data_set.change(
        step, columns=[one.as_json() for one in columns], bad_value=bad_value.strip()[:60], note=note.strip()[:300],
        changed_at=at,
    )  # fmt: skip
    record("scoring.data_described", data_set, by=by, at=at, name=data_set.name)
    return data_set


@transaction.atomic
def confirm_data(data_set: DataSet, *, by: Member, at: datetime) -> DataSet:
    """Say that a table may be learned from. Raises Invalid with everything that speaks against it."""
    data_set = DataSet.objects.locked(data_set)
    step = DATA.step("confirm", data_set, by)
    sheet = sheet_of_set(data_set)
    if wrong := problems_of(sheet, data_set.described, data_set.bad_value):
        raise Invalid(" ".join(wrong), advice=_("请修改列字典后再确认，已填写的内容都在。"))
    place = next(place for place, one in enumerate(data_set.described) if one.role == TARGET)
    bads = sum(row[place].strip() == data_set.bad_value for row in sheet.rows)
    data_set.change(step, bad_count=bads, row_count=len(sheet.rows), changed_at=at)
    record("scoring.data_confirmed", data_set, by=by, at=at, name=data_set.name, rows=len(sheet.rows), bad=bads)
    return data_set


@transaction.atomic
def drop_data(data_set: DataSet, *, reason: str, by: Member, at: datetime) -> DataSet:
    """Put a table aside: nothing new is learned from it."""
    data_set = DataSet.objects.locked(data_set)
    step = DATA.step("drop", data_set, by)
    data_set.change(step, changed_at=at)
    record("scoring.data_dropped", data_set, by=by, at=at, name=data_set.name, reason=reason)
    return data_set
