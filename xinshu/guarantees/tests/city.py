"""A small city for the tests: who acts, and how a guarantee comes into any state through the real actions."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from xinshu.accounts.models import Member, Organisation, User
from xinshu.books.lines import grant_line
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, moment
from xinshu.core.money import share
from xinshu.core.sm import sm3
from xinshu.documents.sealing import Sealed, keep_sealed
from xinshu.enterprises.actions import enter_fields, enterprise_of, take_customer
from xinshu.guarantees.actions.application import (
    edit_application,
    start_application,
    submit_application,
    withdraw_application,
)
from xinshu.guarantees.actions.approval import (
    approve_application,
    decline_application,
    lapse_application,
    return_application,
    review_automatically,
)
from xinshu.guarantees.actions.drawing import pay_demand, reserve_demand
from xinshu.guarantees.actions.ending import expire_guarantee, release_guarantee
from xinshu.guarantees.actions.issuance import deliver_letter, issue_guarantee
from xinshu.guarantees.actions.payment import confirm_payment, request_payment
from xinshu.guarantees.actions.terms_of_business import publish_tariff, set_authority
from xinshu.guarantees.demo.cast import WAN
from xinshu.guarantees.models import PARTIES, Guarantee, Payment
from xinshu.guarantees.sealed.issued import send_letter, values_of
from xinshu.projects.actions import record_award, register_project
from xinshu.projects.models import Project

Kind = Organisation.Kind
REGION = "990103"
AUTO, PERSON = 300 * WAN, 3_000 * WAN  # the guarantor's authority table
LINE = 6_000 * WAN
SMALL, LARGE = 2_000 * WAN, 6_000 * WAN  # awards: 10 % is passed by rule, 10 % needs a person
MINUTE = timedelta(minutes=1)
RATES = {
    "bid": "0.0080", "performance": "0.0100", "payment": "0.0110", "quality": "0.0090", "wage": "0.0120",
    "advance": "0.0130",
}  # fmt: skip

PEOPLE = {
    # who               organisation                 kind              role           region
    "applicant":        ("云州恒达路桥工程有限公司", Kind.ENTERPRISE, "applicant", ""),
    "rival":            ("江北宏远市政建设有限公司", Kind.ENTERPRISE, "applicant", ""),
    "manager":          ("云州融信融资担保有限公司", Kind.GUARANTOR, "manager", ""),
    "reviewer":         ("云州融信融资担保有限公司", Kind.GUARANTOR, "reviewer", ""),
    "signer":           ("云州融信融资担保有限公司", Kind.GUARANTOR, "signer", ""),
    "buyer":            ("云州临港新区建设管理中心", Kind.INSTITUTION, "applicant", ""),
    "examiner":         ("云州融信融资担保有限公司", Kind.GUARANTOR, "examiner", ""),
    "finance":          ("云州融信融资担保有限公司", Kind.GUARANTOR, "finance", ""),
    "beneficiary":      ("云州临港新区建设管理中心", Kind.INSTITUTION, "beneficiary", ""),
    "department":       ("云州市住房和城乡建设局", Kind.DEPARTMENT, "department", "990100"),
    "other_department": ("江北市住房和城乡建设局", Kind.DEPARTMENT, "department", "990200"),
    "bank":             ("云州银行股份有限公司", Kind.BANK, "bank", ""),
    "operator":         ("云州信枢运营有限公司", Kind.OPERATOR, "operator", ""),
    "sysadmin":         ("云州信枢运营有限公司", Kind.OPERATOR, "sysadmin", ""),
    "auditor":          ("云州信枢运营有限公司", Kind.OPERATOR, "auditor", ""),
}  # fmt: skip
CONTRACTS: dict[str, dict[str, object]] = {  # what a project must say before a guarantee of this kind
    "payment": {"contract_amount": 2_000 * WAN, "contract_source": "施工合同"},
    "wage": {
        "contract_amount": 2_000 * WAN, "contract_source": "施工合同",
        "labour_department": "云州市人力资源和社会保障局",
    },
    "advance": {"advance_amount": 200 * WAN, "advance_source": "专用合同条款"},
    "quality": {
        "settlement_amount": 1_900 * WAN, "settlement_source": "竣工结算书", "completed_on": date(2026, 11, 1),
        "defects_months": 24,
    },
}  # fmt: skip
RECORD = {
    "legal_representative": "刘恒",
    "registered_capital": str(8_000 * WAN),
    "address": "云州市临港新区港城路 188 号",
    "contact_name": "陈思远",
    "contact_phone": "12300006001",
    "qualification": "市政公用工程施工总承包一级",
}


@dataclass
class City:
    """People by what they are, and cases by how far they have come. Everybody acts at `at` and some minutes later."""

    at: datetime
    known: dict[str, Member] = field(default_factory=dict)
    lots: int = 0

    def __getattr__(self, who: str) -> Member:
        if who not in PEOPLE:
            raise AttributeError(who)
        if who not in self.known:
            name, kind, role, region = PEOPLE[who]
            self.known[who] = self.member(name, kind, role, region)
        return self.known[who]

    def organisation(self, name: str, kind: str, region: str = "", *, verified: bool = True) -> Organisation:
        found, _new = Organisation.objects.get_or_create(
            name=name, kind=kind, defaults={"region_code": region, "verified": verified}
        )
        return found

    def member(self, name: str, kind: str, *roles: str, region: str = "") -> Member:
        """Return a new person with these roles (the last may be the region of the organisation)."""
        if roles and (roles[-1].isdecimal() or not roles[-1]):
            *roles, region = roles  # type: ignore[assignment]
        user = User.objects.create(username=f"{roles[0]}-{secrets.token_hex(4)}", name=f"经办{secrets.token_hex(2)}")
        return Member.objects.create(user=user, organisation=self.organisation(name, kind, region), roles=list(roles))

    def colleague(self, member: Member, *roles: str) -> Member:
        """Return another person of the same organisation."""
        return self.member(member.organisation.name, member.organisation.kind, *roles)

    @cached_property
    def guarantor(self) -> Organisation:
        """The guarantor, in business: tariffs, authority table, both firms as customers with a record and a line."""
        house = self.manager.organisation
        for kind, rate in RATES.items():
            publish_tariff(
                house, kind, annual_rate=Decimal(rate), minimum_amount=300_00, valid_from=date(2024, 1, 1),
                by=SYSTEM, at=self.at,
            )  # fmt: skip
            set_authority(
                house, kind, unverified=False, auto_amount=AUTO, person_amount=PERSON, waives=["period.contract"],
                by=SYSTEM, at=self.at,
            )  # fmt: skip
        for who in ("applicant", "rival", "buyer"):
            self.make_customer(getattr(self, who).organisation)
        return house

    def make_customer(self, firm: Organisation, line: int = LINE) -> None:
        if firm.uscc is None:
            firm.uscc = f"91339900MADEM{firm.pk % 100000:05d}"  # shape does not matter here, only that it is known
            firm.save(update_fields=["uscc"])
        house = self.manager.organisation
        take_customer(firm, manager=self.manager, by=self.manager, at=self.at)
        enter_fields(enterprise_of(firm), RECORD, by=SYSTEM, at=self.at - timedelta(days=60))
        grant_line(house, firm, line, by=SYSTEM, at=self.at, key=f"line:{firm.pk}")

    # projects

    def project(self, by: Member | None = None, *, award: int | None = SMALL, **facts: object) -> Project:
        """Return a lot that `by` registered; awarded to its organisation (or the applicant) when `award` is given."""
        self.lots += 1
        by = by or self.applicant
        usual: dict[str, object] = {
            "name": f"临港新区海棠大道{self.lots}期市政工程",
            "number": f"YZ2026-{self.lots:04d}",
            "kind": "municipal",
            "region_code": REGION,
            "buyer": self.beneficiary.organisation,
            "estimate_amount": SMALL,
            "estimate_source": "招标文件",
            "contract_days": 180,
            "bid_validity_days": 90,
        }
        project = register_project(**(usual | facts), by=by, at=self.at)  # type: ignore[arg-type]
        if award is not None:
            winner = by.organisation if by.organisation.kind == Kind.ENTERPRISE else self.applicant.organisation
            project = record_award(
                project, winner=winner, amount=award, award_source="中标通知书", by=SYSTEM, at=self.at
            )
        return project

    def lot(self, by: Member | None = None, **facts: object) -> Project:
        """Return a lot whose bids are opened in five days."""
        return self.project(by, award=None, **({"opens_at": self.opens_at} | facts))

    @property
    def opens_at(self) -> datetime:
        return moment(local_day(self.at) + timedelta(days=5), 9, 30)

    # cases

    def empty(
        self, kind: str = "performance", *, by: Member | None = None, project: Project | None = None
    ) -> Guarantee:
        """Return a draft in which nothing is filled in yet."""
        by = by or self.applicant
        project = project or (self.lot(by) if kind == "bid" else self.project(by, **CONTRACTS.get(kind, {})))
        if kind == "payment":  # the buyer applies for it
            return start_application(
                kind=kind, project=project, applicant=self.buyer.organisation, guarantor=self.guarantor,
                by=self.buyer, at=self.at,
            )  # fmt: skip
        applicant = by.organisation if by.organisation.kind == Kind.ENTERPRISE else self.applicant.organisation
        return start_application(
            kind=kind, project=project, applicant=applicant, guarantor=self.guarantor, by=by, at=self.at
        )

    def draft(
        self, kind: str = "performance", *, by: Member | None = None, project: Project | None = None,
        amount: int | None = None, days: int = 200,
    ) -> Guarantee:  # fmt: skip
        case = self.empty(kind, by=by, project=project)
        base = case.base_amount or SMALL
        start = local_day(self.at) + timedelta(days=1)
        return edit_application(
            case, by=by or self.applicant, at=self.at + MINUTE,
            amount=amount or share(base, Decimal("0.02") if kind == "bid" else Decimal("0.1")),
            effective_on=start, expires_on=start + timedelta(days=days),
        )  # fmt: skip

    def submitted(self, kind: str = "performance", *, by: Member | None = None, **facts: object) -> Guarantee:
        case = self.draft(kind, by=by, **facts)  # type: ignore[arg-type]
        return submit_application(case, by=by or self.applicant, at=self.at + 2 * MINUTE)

    def in_review(self, *, by: Member | None = None) -> Guarantee:
        case = self.submitted(by=by, project=self.project(by, award=LARGE))
        return review_automatically(case, at=self.at + 3 * MINUTE)

    def returned(self, **facts: Member) -> Guarantee:
        return return_application(
            self.in_review(**facts), by=self.reviewer, at=self.at + 4 * MINUTE, reason="请补充中标通知书原件。"
        )

    def fee_due(self, kind: str = "performance", **facts: object) -> Guarantee:
        return review_automatically(self.submitted(kind, **facts), at=self.at + 3 * MINUTE)  # type: ignore[arg-type]

    def fee_due_by_person(self) -> Guarantee:
        return approve_application(self.in_review(), by=self.reviewer, at=self.at + 4 * MINUTE, opinion="同意承保。")

    def paying(self, account: str = "6000-0001", **facts: object) -> Payment:
        case = self.fee_due(**facts)  # type: ignore[arg-type]
        by = facts.get("by") or self.applicant
        return request_payment(case, channel="sandbox", account=account, by=by, at=self.at + 5 * MINUTE)  # type: ignore[arg-type]

    def to_issue(self, kind: str = "performance", **facts: object) -> Guarantee:
        payment = self.paying(kind=kind, **facts)  # type: ignore[arg-type]
        return confirm_payment(payment, receipt=f"SBX-{payment.order_number}", at=self.at + 6 * MINUTE)

    def issuing(self, kind: str = "performance", **facts: object) -> Guarantee:
        return issue_guarantee(self.to_issue(kind, **facts), by=self.signer, at=self.at + 7 * MINUTE)

    def in_force(self, kind: str = "performance", *, sealed: bool = False, **facts: object) -> Guarantee:
        """Return a guarantee in force; with its real letter when `sealed` (tens of milliseconds), else a stand-in."""
        case, at = self.issuing(kind, **facts), self.at + 8 * MINUTE
        if sealed:
            case = Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=case.pk)
            return send_letter(case, at=at)
        return deliver_letter(case, stand_in(case, at), values=values_of(case), at=at)

    def released(self, **facts: object) -> Guarantee:
        case = self.in_force(**facts)  # type: ignore[arg-type]
        return release_guarantee(case, by=self.beneficiary, at=self.at + 9 * MINUTE, reason="竣工验收合格。")

    def expired(self, **facts: object) -> Guarantee:
        case = self.in_force(**facts)  # type: ignore[arg-type]
        on = case.expires_on + timedelta(days=1)
        return expire_guarantee(case, on=on, at=moment(on, 0, 5))

    def exhausted(self, **facts: object) -> Guarantee:
        case = self.in_force(**facts)  # type: ignore[arg-type]
        reserve_demand(case, case.amount, by=self.beneficiary, at=self.at + 9 * MINUTE)
        return pay_demand(case, case.amount, key=f"C{case.pk}", by=SYSTEM, at=self.at + 10 * MINUTE)

    def declined(self) -> Guarantee:
        return decline_application(
            self.in_review(), by=self.reviewer, at=self.at + 4 * MINUTE, reason="集中度过高，暂不新增。"
        )

    def withdrawn(self, **facts: object) -> Guarantee:
        case = self.submitted(**facts)  # type: ignore[arg-type]
        by = facts.get("by") or self.applicant
        return withdraw_application(case, by=by, at=self.at + 4 * MINUTE, reason="项目终止招标。")  # type: ignore[arg-type]

    def lapsed(self) -> Guarantee:
        case = self.fee_due()
        lapse_application(case, at=self.at + timedelta(days=40))
        return case

    def come_to(self, state: str) -> Guarantee:
        """Return a guarantee in `state`."""
        way: Callable[[], Guarantee] = getattr(self, state)
        return Guarantee.objects.select_related(*PARTIES).get(pk=way().pk)


def stand_in(case: Guarantee, at: datetime):
    """Keep a document as sealing would, without writing and signing one: for tests in which nobody reads it."""
    content = b"%PDF-1.4 " + str(case.number).encode()
    sealed = Sealed(content, case.guarantor, sm3(content).hex(), "00" * 64, "04" + "00" * 64, secrets.token_hex(8), at)
    return keep_sealed(sealed, f"{case.number}.pdf", subject=case, at=at, sealed_until=case.secret_until)
