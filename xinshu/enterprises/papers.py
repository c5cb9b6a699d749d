"""Which fields of the record a confirmed paper fills (材料识别): with its document, its place in it, its confidence."""

from datetime import date
from decimal import Decimal

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid
from xinshu.documents.models import Reading
from xinshu.documents.reading.kinds import kind_label
from xinshu.documents.reading.lines import bare
from xinshu.enterprises.actions import Origin, enter_fields, enterprise_of
from xinshu.enterprises.models import RecordField
from xinshu.enterprises.queries import record_of
from xinshu.ledger.models import Entry

# kind of paper -> (source, {field of the paper: field of the record})
TAKEN: dict[str, tuple[str, dict[str, str]]] = {
    "licence": (RecordField.Source.LICENCE, {code: code for code in (
        "legal_name", "uscc", "legal_representative", "registered_capital", "established_on", "address")}),
    "certificate": (RecordField.Source.CERTIFICATE, {"qualification": "qualification"}),
    "balance": (RecordField.Source.STATEMENT, {"资产总计|end": "total_assets", "负债合计|end": "total_liabilities"}),
    "income": (RecordField.Source.STATEMENT, {"营业收入|this": "last_year_revenue"}),
}  # fmt: skip
KINDS = ("enterprise", "person")  # who has a record


def take_paper(entry: Entry) -> None:
    """Enter what the paper says in the name of the platform, verified by who confirmed it; running again adds nothing.

    A value that contradicts the record stands beside it (conflicts.py). Revenue is taken of a whole year only.
    """
    reading = Reading.objects.select_related("owner", "file", "confirmed_by").filter(pk=entry.subject_id).first()
    if reading is None or reading.state != "confirmed" or reading.kind not in TAKEN or reading.owner.kind not in KINDS:
        return
    source, fields = TAKEN[reading.kind]
    values = {value.code: value for value in reading.values.exclude(final="").exclude(final=None)}
    since = _day(values["period_end"].final) if "period_end" in values else None
    until = _day(values["valid_until"].final) if "valid_until" in values else None
    if reading.kind == "income" and (since is None or (since.month, since.day) != (12, 31)):
        return
    enterprise = enterprise_of(reading.owner)
    stands = {view.code: view.value for view in record_of(reading.owner, local_day(entry.at))}
    for code, target in fields.items():
        value = values.get(code)
        if value is None or value.final is None:
            continue
        origin = Origin(
            source, f"{kind_label(reading.kind)} {reading.file.name}"[:120], reading.file,
            {"page": value.page, **({"box": value.box} if value.box else {})}, Decimal(value.confidence), since, until,
            reading.confirmed_by,
        )  # fmt: skip
        try:
            # papers are read without blanks: what differs in nothing else contradicts nothing
            told = stands[target] if bare(stands[target]) == value.final else value.final
            enter_fields(enterprise, {target: told}, by=SYSTEM, at=entry.at, origin=origin)
        except Invalid:
            continue  # a statement with a total of zero, say: the record has no such value


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
