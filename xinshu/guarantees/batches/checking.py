"""Checking a workbook as a whole: every row read against projects, customers, products, law, tariff and line.

What many rows share is asked once (5,000 rows take some dozens of queries); what a rule says of a row is said by the
review that will judge the application itself (review.py), so that the preview promises nothing that it does not keep.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Q
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.books.lines import Room, Rooms, rooms_for
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid
from xinshu.core.uscc import problems
from xinshu.enterprises.models import Relation
from xinshu.enterprises.queries import FieldView, record_of
from xinshu.guarantees.actions.application import check_parties, told_by
from xinshu.guarantees.batches.columns import Line, Read, read_line
from xinshu.guarantees.facts import facts_from, needed_papers, terms_with
from xinshu.guarantees.favour.conduct import favour_for, plan_in_force
from xinshu.guarantees.favour.tiers import Standing
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.law.findings import MEETS, SUBMISSION, Finding
from xinshu.guarantees.law.review import obstacles, passes_alone, review
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Authority, Guarantee, Product, Tariff, Wording
from xinshu.guarantees.pricing import Discount, quote
from xinshu.guarantees.products.fitting import facts_of_applicant, product_findings
from xinshu.guarantees.wordings.reading import wording_for
from xinshu.projects.models import Project

CHUNK = 2_000  # values in one question: both databases take three times as many
ENDED = tuple(code for code, state in LIFECYCLE.states.items() if state.final)
# Which column a rule's "no" is about, by how the rule's name begins; the project where nothing else fits.
COLUMN_OF = (
    ("period.opening", "project"), ("period.", "expires_on"), ("product.amount", "amount"),
    ("product.period", "expires_on"), ("product.", "product"), ("cap.", "amount"), ("floor.", "amount"),
    ("amount.", "amount"), ("wage.period", "expires_on"), ("extras.", "kind"),
)  # fmt: skip
FIELD_COLUMNS = {"guarantor": "applicant", "kind": "kind", "project": "project", "applicant": "applicant"}
Value = TypeVar("Value")


@dataclass
class Checked:
    """What a row was found to say. Without `faults` every value is there; `notes`: why a person must look at it."""

    line: Line
    key: str
    kind: str = ""
    project: Project | None = None
    applicant: Organisation | None = None
    product: Product | None = None
    amount: int | None = None
    effective_on: Any = None
    expires_on: Any = None
    fee: int | None = None
    extras: dict[str, Any] = field(default_factory=dict)  # the type's own fields (extras.py)
    faults: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, column: str, message: str) -> None:
        self.faults.append({"column": column, "message": message})


def pieces(values: Iterable[Value], size: int = CHUNK) -> Iterator[list[Value]]:
    """Yield the values in lists of at most `size`."""
    rest = iter(values)
    while piece := list(islice(rest, size)):
        yield piece


def check_lines(lines: Sequence[Line], *, guarantor: Organisation, by: Member, at: datetime) -> list[Checked]:
    """Return every line as `by`, of the applicant's or the guarantor's house, would have it applied for."""
    return _Check(lines, guarantor, by, at).run()


class _Check:
    """One check of one workbook, with what its rows share."""

    def __init__(self, lines: Sequence[Line], guarantor: Organisation, by: Member, at: datetime) -> None:
        self.lines, self.guarantor, self.by, self.at, self.on = lines, guarantor, by, at, local_day(at)
        self.own = by.organisation_id != guarantor.pk  # an applicant for itself, or the guarantor for its customers
        self.read = [read_line(line) for line in lines]
        self.projects = self._projects()
        self.firms = self._firms()
        self.customers = set(
            Relation.objects.filter(guarantor=guarantor).values_list("enterprise__organisation", flat=True)
        )
        offered = Product.objects.offered(self.on).filter(guarantor=guarantor).order_by("pk")
        self.products: dict[str, list[Product]] = {}
        for product in offered:
            product.guarantor = guarantor
            self.products.setdefault(product.kind, []).append(product)
        tariffs = Tariff.objects.filter(guarantor=guarantor, valid_from__lte=self.on).order_by("number")
        self.tariffs = {tariff.kind: tariff for tariff in tariffs}
        self.authorities = {(row.kind, row.unverified): row for row in Authority.objects.filter(guarantor=guarantor)}
        self.texts: dict[str, Wording | None] = {}  # by kind, as they are needed
        self.records: dict[int, list[FieldView]] = {}
        self.favoured = plan_in_force(self.guarantor.pk, self.on) is not None
        self.favours: dict[int, Standing] = {}
        self.known: dict[int, dict[str, bool | int | None]] = {}
        self.rooms: dict[int, Rooms] = {}
        self.taken: dict[tuple[str, int], int] = {}  # ("line" or "group", whose) -> 分 that rows above would take

    def run(self) -> list[Checked]:
        rows = [self._found(line, read) for line, read in zip(self.lines, self.read, strict=True)]
        self._keys(rows)
        self._twice(rows)
        whole = [row for row in rows if row.applicant is not None]
        for piece in pieces({row.applicant.pk for row in whole if row.applicant is not None}):
            self.rooms |= rooms_for(self.guarantor, piece)
        for row in rows:
            if not row.faults:
                self._judge(row)
        return rows

    # what the rows name

    def _projects(self) -> dict[str, list[Project]]:
        named = {line.typed["project"] for line in self.lines if line.typed.get("project")}
        found: dict[str, list[Project]] = {}
        rows = Project.objects.visible_to(self.by, self.at).select_related("buyer", "labour_department")
        for piece in pieces(named):
            wanted = set(piece)
            for project in rows.filter(Q(number__in=piece) | Q(name__in=piece) | Q(reference__in=piece)).distinct():
                for name in {project.number, project.name, project.reference} & wanted:
                    found.setdefault(name, []).append(project)
        return found

    def _firms(self) -> dict[str, Organisation]:
        codes = {read.uscc for read in self.read if read.uscc}
        return {
            firm.uscc or "": firm
            for piece in pieces(codes)
            for firm in Organisation.objects.filter(uscc__in=piece, active=True)
        }

    def _found(self, line: Line, read: Read) -> Checked:
        row = Checked(line, line.typed.get("key", "") or str(line.number), kind=read.kind, amount=read.amount)
        row.effective_on, row.expires_on, row.extras = read.effective_on, read.expires_on, read.extras
        for column, message in read.faults:
            row.fault(column, message)
        if text := line.typed.get("project", ""):
            self._find_project(row, text)
        self._find_applicant(row, read)
        if row.kind:
            self._find_product(row, line.typed.get("product", ""))
            if row.kind not in self.tariffs:
                row.fault("kind", _("保证人没有这种保函的有效费率，不能报价。请换一种，或联系保证人。"))
        return row

    def _find_project(self, row: Checked, text: str) -> None:
        found = self.projects.get(text, [])
        own = [project for project in found if project.registered_by_id == self.by.organisation_id]
        found = own if len(own) == 1 else found
        if len(found) == 1:
            row.project = found[0]
        elif found:
            row.fault(
                "project", _("有 %(n)d 个项目叫“%(text)s”，请改填平台编号。") % {"n": len(found), "text": text[:40]}
            )
        else:
            row.fault("project", _("没有找到“%(text)s”，请先在“工程项目”登记，或核对编号。") % {"text": text[:40]})

    def _find_applicant(self, row: Checked, read: Read) -> None:
        own = self.by.organisation
        if self.own:
            if read.uscc and read.uscc != own.uscc:
                row.fault(
                    "applicant", _("只能为本企业申请，这里应是 %(code)s，也可以不填。") % {"code": own.uscc or "—"}
                )
            row.applicant = own
            return
        if not read.uscc:
            row.fault("applicant", _("没有填写申请人统一社会信用代码。"))
            return
        firm = self.firms.get(read.uscc)
        if firm is not None and firm.pk in self.customers:
            row.applicant = firm
        elif firm is None and (wrong := problems(read.uscc)):
            row.fault("applicant", wrong[0])
        else:
            row.fault("applicant", _("本机构没有这个客户，请先在“客户资料”登记往来关系。"))

    def _find_product(self, row: Checked, text: str) -> None:
        offered = self.products.get(row.kind, [])
        if text:
            chosen = [product for product in offered if product.name == text]
            if chosen:
                row.product = chosen[0]
            else:
                names = "、".join(product.name for product in offered) or _("没有，请留空")
                row.fault(
                    "product",
                    _("保证人没有这个产品“%(text)s”，可以填：%(names)s。") % {"text": text[:20], "names": names},
                )
        elif len(offered) > 1:
            names = "、".join(product.name for product in offered)
            row.fault("product", _("这类产品不止一个，请填其中一个：%(names)s。") % {"names": names})
        elif offered:
            row.product = offered[0]

    # what must not be there twice

    def _keys(self, rows: list[Checked]) -> None:
        first: dict[str, int] = {}
        for row in rows:
            seen = first.setdefault(row.key, row.line.number)
            if seen != row.line.number:
                message = _("序号“%(key)s”与第 %(line)d 行重复，请改成不同的。") % {"key": row.key[:40], "line": seen}
                row.fault("key", message)
                row.key = f"#{row.line.number}"
            row.key = row.key[:40]

    def _twice(self, rows: list[Checked]) -> None:
        """No guarantee is asked for twice: neither in this workbook nor beside one that lives already."""
        standing = self._standing({row.project.pk for row in rows if row.project is not None})
        first: dict[tuple[str, int, int], int] = {}
        for row in rows:
            if not row.kind or row.project is None or row.applicant is None:
                continue
            same = (row.kind, row.project.pk, row.applicant.pk)
            seen = first.setdefault(same, row.line.number)
            if seen != row.line.number:
                message = _("与第 %(line)d 行是同一申请人、同一项目、同一类型，请删去其中一行。") % {"line": seen}
                row.fault("project", message)
            elif same in standing:
                row.fault(
                    "project",
                    _("这个申请人在这个项目上已有在办或在保的同类保函 %(which)s；确需另开一笔的，请单独申请。")
                    % {"which": standing[same]},
                )

    def _standing(self, projects: set[int]) -> dict[tuple[str, int, int], str]:
        mine = {"applicant": self.by.organisation} if self.own else {"guarantor": self.guarantor}
        found: dict[tuple[str, int, int], str] = {}
        living = Guarantee.objects.filter(**mine).exclude(state__in=ENDED).order_by()
        for piece in pieces(projects):
            rows = living.filter(project__in=piece)
            for kind, project, applicant, number, reference in rows.values_list(
                "kind", "project", "applicant", "number", "reference"
            ):
                found[kind, project, applicant] = number or reference
        return found

    # what law, tariff and line say

    def _judge(self, row: Checked) -> None:
        assert row.project is not None
        assert row.applicant is not None
        assert row.amount is not None
        try:
            case = self._case(row)
        except Invalid as refusal:
            columns = [FIELD_COLUMNS[name] for name in refusal.fields if name in FIELD_COLUMNS]
            row.fault(columns[0] if columns else "project", f"{refusal.message}{refusal.advice}")
            return
        expected = row.line.typed.get("beneficiary", "")
        if expected and expected != case.beneficiary.name:
            row.fault(
                "beneficiary",
                _("项目登记的受益人是“%(name)s”，请核对；不填就按项目登记。") % {"name": case.beneficiary.name},
            )
            return
        findings = self._findings(case, row)
        for finding in obstacles(findings, SUBMISSION):
            row.fault(_column_of(finding), finding.message)
        if row.faults:
            return
        if not passes_alone(findings):
            row.notes = [finding.message for finding in findings if finding.verdict != MEETS and not finding.waived]
        tariff = self.tariffs[row.kind]
        favour = self._favour(row.applicant)
        off = Discount(favour.discount, favour.tier.name) if favour.tier else Discount()
        row.fee = quote(row.amount, row.effective_on, row.expires_on, tariff.terms(), off).total
        self._take(row.applicant.pk, row.amount)

    def _case(self, row: Checked) -> Guarantee:
        """Return the application that the row would become, unsaved."""
        assert row.project is not None
        assert row.applicant is not None
        kind, told = KINDS[row.kind], told_by(row.project, row.kind)
        check_parties(row.applicant.pk, self.guarantor.pk, told["beneficiary_id"], row.project, kind)
        case = Guarantee(
            kind=row.kind, applicant=row.applicant, guarantor=self.guarantor, project=row.project, product=row.product,
            amount=row.amount, effective_on=row.effective_on, expires_on=row.expires_on, extras=row.extras, **told,
        )  # fmt: skip
        known = (row.project.buyer, row.project.labour_department)
        match = next((firm for firm in known if firm is not None and firm.pk == case.beneficiary_id), None)
        if match is not None:
            case.beneficiary = match
        return case

    def _findings(self, case: Guarantee, row: Checked) -> list[Finding]:
        applicant, product = case.applicant, case.product
        if applicant.pk not in self.records:
            self.records[applicant.pk] = record_of(applicant, on=self.on)
        if case.kind not in self.texts:
            self.texts[case.kind] = wording_for(case.kind, self.guarantor)
        wording = self.texts[case.kind]
        facts = facts_from(
            case,
            terms=terms_with(case, wording.text if wording else None),
            record=self.records[applicant.pk],
            room=self._room(applicant.pk),
            authority=self.authorities.get((case.kind, not applicant.verified)),
            missing_documents=needed_papers(case),
            favour=self._favour(applicant),
        )
        if product is not None and product.asks and applicant.pk not in self.known:
            self.known[applicant.pk] = facts_of_applicant(applicant, self.guarantor, self.on)
        return [*review(facts, self.at), *product_findings(case, self.at, self.known.get(applicant.pk))]

    def _favour(self, applicant: Organisation) -> Standing:
        if not self.favoured:
            return Standing(None)
        if applicant.pk not in self.favours:
            self.favours[applicant.pk] = favour_for(self.guarantor, applicant, self.at)[1]
        return self.favours[applicant.pk]

    def _room(self, applicant: int) -> Room | None:
        """Return what is left for this row once those above it are taken up."""
        rooms = self.rooms.get(applicant)
        if rooms is None:
            return None
        taken = self.taken.get(("line", applicant), 0)
        left = [Room(max(0, rooms.line - taken), _("本批前面各行的合计") if taken else "")]
        if rooms.client is not None:
            left.append(Room(max(0, rooms.client - taken), _("单一客户限额")))
        if rooms.group is not None and rooms.group.room is not None:
            left.append(
                Room(max(0, rooms.group.room - self.taken.get(("group", rooms.group.pk), 0)), _("集团客户限额"))
            )
        return min(left, key=lambda room: room.amount)

    def _take(self, applicant: int, amount: int) -> None:
        rooms = self.rooms.get(applicant)
        self.taken["line", applicant] = self.taken.get(("line", applicant), 0) + amount
        if rooms is not None and rooms.group is not None:
            key = ("group", rooms.group.pk)
            self.taken[key] = self.taken.get(key, 0) + amount


def _column_of(finding: Finding) -> str:
    return next((column for start, column in COLUMN_OF if finding.rule.startswith(start)), "project")
