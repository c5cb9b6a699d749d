"""What a lot's facts say to a guarantor: which guarantees, how much, how long, until when, each with its source."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from xinshu.core.money import share, yuan
from xinshu.guarantees.applying.proposals import proposed_terms
from xinshu.guarantees.kinds import BUYER, KINDS
from xinshu.guarantees.law.legal import MOST, in_force
from xinshu.guarantees.models import Guarantee
from xinshu.projects.models import Project
from xinshu.tenders.models import Opportunity, Revision
from xinshu.tenders.reading.facts import Fact, Reading

AWARDED = ("performance", "wage", "advance", "quality", "payment")  # what an award may need; the first always


@dataclass(frozen=True)
class Lot:
    """One lot of a notice as far as it is sure; None and "" for what was not read beyond doubt."""

    reading: Reading
    lot: int
    title: str

    def sure(self, *codes: str) -> Fact | None:
        """Return the first sure fact of one of `codes`, of this lot or of the notice as a whole."""
        for code in codes:
            own = [fact for fact in self.reading.all(code, lot=self.lot) if fact.sure]
            whole = [fact for fact in self.reading.all(code) if fact.sure]
            if own or (whole and code not in ("winner", "member", "amount", "rate")):
                return (own or whole)[0]
        return None

    def told(self, *codes: str) -> str:
        fact = self.sure(*codes)
        return fact.value if fact is not None else ""

    @property
    def name(self) -> str:
        return (
            (self.told("lot_name") if self.reading.lots > 1 else "") or self.told("project", "lot_name") or self.title
        )

    @property
    def number(self) -> str:
        return self.told("lot_number", "number") if self.reading.lots > 1 else self.told("number", "lot_number")

    @property
    def amount(self) -> int | None:
        fact = self.sure("amount")
        return fact.number if fact is not None else None

    @property
    def contract_days(self) -> int | None:
        fact = self.sure("contract_days")
        return fact.number if fact is not None else None

    @property
    def members(self) -> list[str]:
        return [fact.value for fact in self.reading.all("winner", "member", lot=self.lot) if fact.sure]

    def asked(self, kind: str) -> Fact | None:
        """Return what the notice says of a guarantee of this kind."""
        return next((fact for fact in self.reading.all("guarantee") if fact.value == kind), None)

    def days_for(self, kind: str) -> Fact | None:
        """Return within how many days the notice wants a guarantee of this kind."""
        return next((fact for fact in self.reading.all("deadline_days") if fact.value == kind), None)


def lot_of(opportunity: Opportunity) -> Lot:
    """Return the lot that an opportunity is about, as its newest version says."""
    revision: Revision = opportunity.announcement.revisions.get(number=opportunity.announcement.latest)
    return Lot(revision.reading, opportunity.match.lot, opportunity.announcement.title)


@dataclass(frozen=True)
class Need:
    """One kind of guarantee that the award needs, in sentences; amount in 分."""

    kind: str
    why: str
    amount: int | None
    amount_why: str
    by_notice: str
    by_law: str
    starts: date
    ends: date | None
    validity: str
    deadline: str


def needs_of(lot: Lot, on: date) -> list[Need]:
    """Return the guarantees that this lot will need: the performance guarantee, and what the notice asks for."""
    kinds = [kind for kind in AWARDED if kind == "performance" or lot.asked(kind) is not None]
    return [need_of(lot, kind, on) for kind in kinds if kind in KINDS and not KINDS[kind].retired]


def need_of(lot: Lot, kind: str, on: date) -> Need:
    """Return one of them: for the amount of the notice where it tells one, else the usual; never above the law."""
    type_, asked, base = KINDS[kind], lot.asked(kind), lot.amount if KINDS[kind].base == "award" else None
    project = Project(award_amount=lot.amount, contract_days=lot.contract_days)
    proposed = proposed_terms(Guarantee(kind=kind, kind_number=type_.number, project=project, base_amount=base), on)
    starts, ends = proposed["effective_on"].value, proposed["expires_on"].value
    assert isinstance(starts, date)
    limits = [limit for cap in in_force(type_.caps, on) if cap.bound == MOST and (limit := cap.limit(base)) is not None]
    amount, why = proposed["amount"].value, proposed["amount"].why
    wanted = _by_notice(asked, base)
    if wanted is not None:
        amount, why = wanted, _("按公告要求")
        if limits and wanted > min(limits):
            amount, why = min(limits), _("公告要求超过法定上限，按上限")
    law = "；".join(
        f"{cap.source}" + (f"（{yuan(limit)} 元）" if (limit := cap.limit(base)) is not None else "")
        for cap in in_force(type_.caps, on)
    )
    due = lot.days_for(kind)
    return Need(
        kind=kind,
        why=_("公告里写明要求")
        if asked is not None
        else _("招标文件要求履约保证金的，中标人应当提交（招标投标法第46条）"),
        amount=amount if isinstance(amount, int) else None,
        amount_why=why,
        by_notice=_told(asked, lot),
        by_law=law,
        starts=starts,
        ends=ends if isinstance(ends, date) else None,
        validity=proposed["expires_on"].why,
        deadline=_("%(n)d 个%(unit)s内提交") % {"n": due.number or 0, "unit": due.note or _("日")} if due else "",
    )


def _by_notice(asked: Fact | None, base: int | None) -> int | None:
    if asked is None or not asked.sure:
        return None
    if asked.number:
        return asked.number
    if asked.note and base:
        amount = share(base, Decimal(asked.note))
        return amount - 1 if Decimal(amount) > base * Decimal(asked.note) else amount
    return None


def _told(asked: Fact | None, lot: Lot) -> str:
    return lot.reading.text[asked.start : asked.end].strip()[:120] if asked is not None else ""


def can_begin(kind: str) -> str:
    """Return why a guarantee of this kind cannot be begun from a notice; "" when it can."""
    if KINDS[kind].applicant == BUYER:
        return _("由建设单位申请")
    if KINDS[kind].base != "award":
        return _("签订合同后申请：金额按%(base)s计算，公告里没有") % {"base": KINDS[kind].base_label}
    return ""
