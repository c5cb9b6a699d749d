"""Rows that belong to somebody, the words that would betray them, and everybody to whom they do not belong."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from xinshu.accounts.actions.agreements import give_consent, publish_shipped
from xinshu.accounts.actions.registration import Wish, register
from xinshu.accounts.agreements import Opened, Origin, owed_by
from xinshu.accounts.demo import DemoOrganisation
from xinshu.accounts.models import Member, Organisation, Registration, User
from xinshu.accounts.roles import ROLES
from xinshu.books.limits import found_group, join_group
from xinshu.books.models import Account, Capital, CustomerGroup, GroupMember, Transfer
from xinshu.core.money import wan, yuan
from xinshu.documents.models import File, SealedDocument
from xinshu.documents.uploads import keep_file
from xinshu.enterprises.actions import enterprise_of
from xinshu.enterprises.models import Enterprise, RecordField, Relation
from xinshu.guarantees.actions.application import attach_file
from xinshu.guarantees.models import Attachment, Authority, Guarantee, Payment, Tariff
from xinshu.guarantees.tests.city import City, Kind
from xinshu.guarantees.tests.systems import System
from xinshu.integrations.actions.webhooks import open_subscription
from xinshu.integrations.models import ApiClient, ApiKey, Subscription
from xinshu.ledger.retaining import propose_rule
from xinshu.ledger.sealing import seal
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.projects.models import Party, Project
from xinshu.work.models import Approval, ApprovalPlan, Delegation, Signature

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
KIND_OF = {  # where somebody of this role works; operator and administrators all work for the platform
    "applicant": Kind.ENTERPRISE, "manager": Kind.GUARANTOR, "reviewer": Kind.GUARANTOR, "signer": Kind.GUARANTOR,
    "beneficiary": Kind.INSTITUTION, "department": Kind.DEPARTMENT, "bank": Kind.BANK, "insurer": Kind.INSURER,
    "director": Kind.GUARANTOR, "orgadmin": Kind.ENTERPRISE,
}  # fmt: skip
OWNED = (Guarantee, Payment, Attachment, Tariff, Authority, Project, Party, Enterprise, RecordField, Relation, File,
         SealedDocument, Notice, Organisation, ApprovalPlan, Approval, Signature, Delegation,
         ApiClient, ApiKey, Subscription, Account, Transfer, Capital, CustomerGroup, GroupMember)  # fmt: skip


@dataclass(frozen=True)
class World:
    """A bid guarantee before its opening, a performance guarantee in force, a draft, and what hangs on them."""

    city: City
    secret: Guarantee
    in_force: Guarantee
    draft: Guarantee
    registration: Registration
    user: User  # of the firm that applied for the two others

    @property
    def secret_words(self) -> dict[str, str]:
        """What nobody but applicant and guarantor may read before the bids are opened: words by what they are."""
        return _words(self.secret, "secret")

    @property
    def foreign_words(self) -> dict[str, str]:
        """What only those may read who have to do with the two other guarantees."""
        return _words(self.in_force, "in force") | _words(self.draft, "draft")


def _words(case: Guarantee, which: str) -> dict[str, str]:
    words = {
        "project": case.project.name,
        "lot": case.project.number,
        "amount": yuan(case.amount or 0),
        "short amount": wan(case.amount or 0),
        "number": case.number or "",
        "reference": case.reference,
        "project reference": case.project.reference,
        "applicant": case.applicant.name,
        "files": " ".join(case.attachments.values_list("file__name", flat=True)),
    }
    return {f"{which}: {name}": word for name, word in words.items() if word}


def build(city: City) -> World:
    """Fill the world, let the worker do its part, seal."""
    other = city.member("云州隐川市政建设有限公司", Kind.ENTERPRISE, "applicant")
    city.make_customer(other.organisation)
    lot = city.lot(other, name="白鹭洲跨江隧道秘密标", number="YZ-SECRET-77", estimate_amount=2_345_678_900)
    secret = city.in_force("bid", by=other, project=lot, amount=41_234_567)
    third = city.member("云州无闻水利工程有限公司", Kind.ENTERPRISE, "applicant")
    city.make_customer(third.organisation)
    project = city.project(third, name="青石岭水厂扩建外人不知标", number="YZ-FOREIGN-31", award=1_987_654_300)
    in_force = city.in_force(by=third, project=project, amount=173_456_789)
    city.in_force(by=city.rival, amount=22_222_222)  # a second one, so that no public sum is one case's amount
    draft = city.draft(by=third, project=city.project(third, name="落霞桥加固未提交标", award=1_876_543_200))
    draft = _with_file(draft, third, "落霞桥图纸.pdf", city)
    city.in_review()  # before the guarantor's committee, under its plan
    drain(at=city.at + timedelta(minutes=20))
    seal(city.at + timedelta(minutes=21))
    made = DemoOrganisation("云州待审建设有限公司", Kind.ENTERPRISE, "91", "MADEM777")
    wish = Wish("applicant", Kind.ENTERPRISE, made.name, made.uscc, "万俟无名", "12300009777", "wanqiwuming")
    registration = register(wish, "xinshu-secret-9", agreed=True, at=city.at)
    publish_shipped(city.at)  # after the others came: they are asked at their next sign-in
    owed = owed_by(third)
    opened = Opened(city.at - timedelta(minutes=5), frozenset(one.pk for one in owed))
    give_consent(owed, opened, agreed=True, by=third, origin=Origin("192.0.2.77"), at=city.at)
    enterprise_of(third.organisation)
    _with_system(third, city)
    _with_group(third, city)
    propose_rule("guarantee.read", 36, "个人信息保护法第五十六条", by=city.auditor, at=city.at)
    return World(city, secret, in_force, draft, registration, third.user)


def _with_system(principal: Member, city: City) -> None:
    """Give a firm a system of its own, with a key and a subscription."""
    by = city.colleague(principal, "orgadmin")
    client = System.of(principal, by, city.at).client
    client = ApiClient.objects.select_related("organisation").get(pk=client.pk)
    open_subscription(client, url="https://receiver.example.com/", kinds=["guarantee.issued"], by=by, at=city.at)


def _with_group(member: Member, city: City) -> None:
    """Put a firm into a group of its guarantor's clients."""
    guarantor = city.reviewer.organisation
    group = found_group(guarantor, "云州无闻集团", by=city.reviewer, at=city.at)
    join_group(
        group,
        member.organisation,
        relation=GroupMember.Relation.values[0],
        basis="股权穿透核查",
        by=city.reviewer,
        at=city.at,
    )


def _with_file(case: Guarantee, by: Member, name: str, city: City) -> Guarantee:
    at = city.at + timedelta(minutes=2)
    kept = keep_file(PDF, name, by.organisation, by, at, subject=case)
    return attach_file(case, kept, "其他材料", by=by, at=at)


def outsider(city: City, role: str) -> Member:
    """Return somebody of this role who has nothing to do with any row of the world."""
    kind = KIND_OF.get(role, Kind.OPERATOR)
    if kind == Kind.OPERATOR:
        return city.member("云州信枢运营有限公司", kind, role)
    return city.member(f"外乡{ROLES[role][0]}之家", kind, role, region="880000")


def kept_rows() -> dict[str, str]:
    """Return every row that belongs to somebody, whole, for a comparison afterwards."""
    return {
        f"{model._meta.label} {row['id']}": json.dumps(row, cls=DjangoJSONEncoder, sort_keys=True, default=str)
        for model in OWNED
        for row in _all(model)
    }


def _all(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.values())
