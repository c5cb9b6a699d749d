"""Rows that belong to somebody, the words that would betray them, and everybody to whom they do not belong."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers.json import DjangoJSONEncoder

from xinshu.accounts.actions.agreements import give_consent, publish_shipped
from xinshu.accounts.actions.identity import keep_check
from xinshu.accounts.actions.registration import Wish, register
from xinshu.accounts.agreements import Opened, Origin, owed_by
from xinshu.accounts.demo import DemoOrganisation
from xinshu.accounts.models import IdentityCheck, Member, Organisation, Registration, User
from xinshu.accounts.roles import ROLES
from xinshu.admission.actions.gates import Plan as GatePlan
from xinshu.admission.actions.gates import match as match_gate
from xinshu.admission.actions.gates import put_on as put_gate_on
from xinshu.admission.actions.gates import write_gate
from xinshu.admission.actions.questionnaires import activate_version as activate_questionnaire
from xinshu.admission.actions.questionnaires import write_next, write_questionnaire
from xinshu.admission.actions.sheets import hand_in_sheet, send_questionnaire
from xinshu.admission.actions.tags import Wanted as TagWanted
from xinshu.admission.actions.tags import give_tag, write_tag
from xinshu.admission.models import (
    Carry,
    Gate,
    Given,
    Questionnaire,
    QuestionnaireVersion,
    Round,
    Sheet,
    Tag,
)
from xinshu.admission.models import Match as GateMatch
from xinshu.admission.questions import Question
from xinshu.archive.dossiers import ask_for_dossier
from xinshu.archive.models import Dossier, Item
from xinshu.billing.actions.invoices import Title, request_invoice
from xinshu.billing.actions.reconciling import import_lines
from xinshu.billing.bank_reading import Row
from xinshu.billing.models import BankFile, BankLine, BuyerTitle, Invoice, Match, ReserveMethod
from xinshu.books.limits import found_group, join_group
from xinshu.books.models import Account, Capital, CustomerGroup, GroupMember, Transfer
from xinshu.certification.actions import Papers, submit
from xinshu.certification.models import Certification, Finding, Judgement, SmallTransfer
from xinshu.certification.models import Item as CertifiedItem
from xinshu.certification.proofs import order_transfer
from xinshu.claims.actions.examination import agree_to_pay, propose_payment
from xinshu.claims.actions.injunctions import record_injunction
from xinshu.claims.actions.payout import confirm_payout, request_payout
from xinshu.claims.actions.presentation import Payee, present_demand
from xinshu.claims.models import Demand, Injunction, Paper, Payout, Position, Recourse, RecourseEntry, RefusalNotice
from xinshu.collecting.actions.alarms import keep_page
from xinshu.collecting.actions.runs import fail as fail_run
from xinshu.collecting.actions.sources import Wanted as WantedSource
from xinshu.collecting.actions.sources import note_trial, switch_on, write_source
from xinshu.collecting.models import Alarm as CollectingAlarm
from xinshu.collecting.models import Item as CollectedItem
from xinshu.collecting.models import KeptPage, Source, SourceVersion
from xinshu.collecting.models import Run as CollectingRun
from xinshu.collecting.reading.recipes import Recipe
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.money import wan, yuan
from xinshu.credit.actions.appeals import raise_appeal
from xinshu.credit.actions.behaviours import record_behaviour, record_of
from xinshu.credit.actions.cards import activate_card, edit_card, write_card
from xinshu.credit.actions.lists import Wanted, confirm_entry, propose_entry
from xinshu.credit.effects import measure
from xinshu.credit.models import Appeal, Behaviour, Card, Effect, EffectLine, ListEntry, Record
from xinshu.credit.standard import STANDARD
from xinshu.documents.demo import bring_award, read_award
from xinshu.documents.models import File, Reading, ReadingPage, ReadValue, SealedDocument
from xinshu.documents.uploads import keep_file
from xinshu.enterprises.actions import enterprise_of
from xinshu.enterprises.importing.actions import prepare_import
from xinshu.enterprises.models import (
    Enterprise,
    HandOver,
    ImportRow,
    PartAge,
    RecordField,
    RecordImport,
    Relation,
    Rhythm,
    Settlement,
)
from xinshu.exchange.actions.submissions import queue
from xinshu.exchange.content import content_of
from xinshu.exchange.destinations import Destination
from xinshu.exchange.models import (
    Arrival,
    Difference,
    FieldRule,
    ProjectMessage,
    ProjectRecord,
    Submission,
    Verification,
)
from xinshu.exchange.projects.comparing import compare
from xinshu.exchange.projects.receiving import take_delivery
from xinshu.exchange.projects.telling import queue_project
from xinshu.guarantees.actions.application import attach_file
from xinshu.guarantees.actions.closures import declare_closure
from xinshu.guarantees.actions.contract_changes import report_contract_change
from xinshu.guarantees.actions.saved_views import save_view
from xinshu.guarantees.authorities.actions import propose_authority
from xinshu.guarantees.batches.actions import prepare_batch
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.letters.texts import standard
from xinshu.guarantees.models import (
    Amendment,
    Attachment,
    Authority,
    AuthorityDraft,
    Batch,
    BatchRow,
    ClaimTail,
    Closure,
    ContractChange,
    Guarantee,
    Payment,
    Reduction,
    SavedView,
    Surrender,
    Tariff,
    Wording,
)
from xinshu.guarantees.models import Origin as AwardOrigin
from xinshu.guarantees.products.actions import Offer, write_product
from xinshu.guarantees.tests.batches import as_csv
from xinshu.guarantees.tests.city import City, Kind
from xinshu.guarantees.tests.systems import System
from xinshu.guarantees.wordings.actions import draft_wording
from xinshu.guarantors.actions import confirm_filing, file_net_assets, file_qualification, file_scope
from xinshu.guarantors.models import NetAssets, Qualification, Scope, Terms
from xinshu.guarantors.terms.actions import write_terms
from xinshu.insights.actions import Wanted as WantedSegment
from xinshu.insights.actions import write_segment
from xinshu.insights.models import Proposal
from xinshu.integrations.actions.webhooks import open_subscription
from xinshu.integrations.models import ApiClient, ApiKey, Subscription
from xinshu.ledger.queries import history_of
from xinshu.ledger.retaining import propose_rule
from xinshu.ledger.sealing import seal
from xinshu.ledger.worker import drain
from xinshu.links.actions.acknowledging import acknowledge
from xinshu.links.actions.sending import send_to_person
from xinshu.links.models import Link, Receipt, Visit
from xinshu.messaging.models import Notice
from xinshu.portal.bulletins.actions import attach_to_bulletin, publish_bulletin, write_bulletin
from xinshu.portal.models import Arrangement, Bulletin, BulletinVersion
from xinshu.portal.models import Attachment as BulletinFile
from xinshu.portraits.models import Report
from xinshu.portraits.reports import issue_report
from xinshu.projects.models import Party, Project, SupervisionPlan, SupervisionRow
from xinshu.rules.actions import Draft as RulesDraft
from xinshu.rules.actions import activate_version, write_rules, write_version
from xinshu.rules.engine.facts import Fact
from xinshu.rules.models import RuleSet, RuleVersion, Run, SourceCall, Trial, TrialLine
from xinshu.rules.running import Subject as RulesSubject
from xinshu.rules.running import keep_run
from xinshu.rules.trying import try_on_history
from xinshu.scoring.actions.data import bring_table, confirm_data
from xinshu.scoring.actions.versions import begin_training, make_model
from xinshu.scoring.demo import HEADS, rows_of
from xinshu.scoring.models import DataSet, Drift, ModelVersion, RiskModel, Score
from xinshu.subscriptions.actions.subscriptions import Content, write_subscription
from xinshu.subscriptions.models import Compared, Hit
from xinshu.subscriptions.models import Subscription as NoticeSubscription
from xinshu.tenders.actions.intake import Delivery, take_in
from xinshu.tenders.models import Announcement, Opportunity, Revision, Step
from xinshu.tenders.models import Match as NameMatch
from xinshu.ties.actions import Facts as TieFacts
from xinshu.ties.actions import Other, tell_tie
from xinshu.ties.nodes import Person
from xinshu.watch.actions.cases import freeze_case, propose_thaw, take_up
from xinshu.watch.actions.events import Told, raise_alerts, take_event
from xinshu.watch.actions.rules import Wish as WatchWish
from xinshu.watch.actions.rules import write_rule
from xinshu.watch.finding import Found, Proof
from xinshu.watch.models import Alert, Evidence, RiskEvent, Screening, Trace, WatchCase, WatchRule
from xinshu.watch.screening import screen
from xinshu.work.models import Approval, ApprovalPlan, Delegation, Signature

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
KIND_OF = {  # where somebody of this role works; operator and administrators all work for the platform
    "applicant": Kind.ENTERPRISE, "manager": Kind.GUARANTOR, "reviewer": Kind.GUARANTOR, "signer": Kind.GUARANTOR,
    "beneficiary": Kind.INSTITUTION, "department": Kind.DEPARTMENT, "bank": Kind.BANK, "insurer": Kind.INSURER,
    "director": Kind.GUARANTOR, "examiner": Kind.GUARANTOR, "finance": Kind.GUARANTOR, "orgadmin": Kind.ENTERPRISE,
}  # fmt: skip
OWNED = (Guarantee, Batch, BatchRow, Amendment, Reduction, Surrender, ContractChange, Closure, ClaimTail,
         Payment, Attachment, Tariff, Authority, AuthorityDraft, Wording, Qualification, Scope, NetAssets, Terms,
         RuleSet, RuleVersion, Run, Trial, TrialLine, SourceCall, DataSet, RiskModel, ModelVersion, Score, Drift,
         Card, Effect, EffectLine, Record, Behaviour, ListEntry, Appeal,
         Project, Party, Enterprise, RecordField, Relation, Settlement, PartAge, Rhythm, HandOver, File,
         Tag, Carry, Round, Questionnaire, QuestionnaireVersion, Sheet, Given, Gate, GateMatch, RecordImport, ImportRow,
         SealedDocument, Notice, Organisation, ApprovalPlan, Approval, Signature, Delegation,
         Submission, Verification, ProjectRecord, Arrival, Difference, FieldRule, ProjectMessage,
         SupervisionPlan, SupervisionRow,
         Demand, Injunction, Paper, Payout, Position, Recourse, RecourseEntry, RefusalNotice, Dossier, Item,
         Invoice, BuyerTitle, BankFile, BankLine, Match, ReserveMethod, SavedView,
         Bulletin, BulletinVersion, BulletinFile, Arrangement,
         Announcement, Revision, NameMatch, Opportunity, Step, AwardOrigin,
         NoticeSubscription, Compared, Hit,
         Source, SourceVersion, CollectingRun, CollectedItem, KeptPage, CollectingAlarm,
         ApiClient, ApiKey, Subscription, Account, Transfer, Capital, CustomerGroup, GroupMember,
         WatchRule, Trace, WatchCase, Evidence, RiskEvent, Alert, Screening,
         Link, Visit, Receipt, Certification, Finding, Judgement, IdentityCheck, SmallTransfer,
         Report, Reading, ReadingPage, ReadValue)  # fmt: skip


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
        "order of the report": " ".join(case.submissions.values_list("order", flat=True)),
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
    _with_award(city)
    read_award("云州外人不知装饰有限公司", third, city.at)
    bring_award(third.organisation, city.manager, city.at)
    city.in_review()  # before the guarantor's committee, under its plan
    drain(at=city.at + timedelta(minutes=20))
    seal(city.at + timedelta(minutes=21))
    for case in (secret, in_force):
        ask_for_dossier(case, cause="asked", by=city.signer, at=city.at + timedelta(minutes=22))
    drain(at=city.at + timedelta(minutes=23))
    seal(city.at + timedelta(minutes=24))
    made = DemoOrganisation("云州待审建设有限公司", Kind.ENTERPRISE, "91", "MADEM777")
    wish = Wish("applicant", Kind.ENTERPRISE, made.name, made.uscc, "万俟无名", "12300009777", "wanqiwuming")
    registration = register(wish, "xinshu-secret-9", agreed=True, at=city.at)
    publish_shipped(city.at)  # after the others came: they are asked at their next sign-in
    owed = owed_by(third)
    opened = Opened(city.at - timedelta(minutes=5), frozenset(one.pk for one in owed))
    give_consent(owed, opened, agreed=True, by=third, origin=Origin("192.0.2.77"), at=city.at)
    enterprise_of(third.organisation)
    _with_batches((other, lot), (third, project), city)
    _with_system(third, city)
    _with_group(third, city)
    _report(secret, Submission.Event.SEALED, city)
    _report(in_force, Submission.Event.ISSUE, city)
    Verification.objects.create(
        organisation=city.department.organisation, asked_by="方明远", name="落霞桥清单.csv", at=city.at, rows=[]
    )
    _with_contract_change(in_force, third, city)
    _with_claims(in_force, city)
    _with_link(in_force, city)
    _with_projects_told((lot, project), city)
    _with_filings(city)
    _with_certification(third, city)
    _with_ties(third, city)
    issue_report(enterprise_of(third.organisation), by=third, at=city.at)
    _with_rules(city)
    _with_models(city)
    _with_credit(third, city)
    _with_watch(in_force, city)
    _with_admission(third, city)
    _with_insights(third, city)
    _with_source(city)
    _with_bulletins(city)
    _with_invoice(secret, other, city)
    for owner, case in ((other, secret), (third, in_force)):
        name = f"q={case.project.number}"
        save_view("标段", name, shared=True, by=owner, at=city.at)
    _with_invoice(in_force, third, city)
    text = standard(KINDS["performance"], "guarantor")
    draft_wording("performance", "accessory", text, by=city.reviewer, at=city.at)
    propose_authority(
        "wage", unverified=False, auto_amount=1, person_amount=2, waives=(), by=city.reviewer, at=city.at
    )  # fmt: skip
    propose_rule("guarantee.read", 36, "个人信息保护法第五十六条", by=city.auditor, at=city.at)
    return World(city, secret, in_force, draft, registration, third.user)


def _report(case: Guarantee, event: str, city: City) -> None:
    """Put a message about `case` into the line of its department's system."""
    case = Guarantee.objects.get(pk=case.pk)
    entry = history_of(case).get(kind="guarantee.delivered")
    house = city.department.organisation
    to = Destination(
        "yz", "云州监管平台", house.uscc or "", "bank_bid", "https://receiver.example.com", "04", sealed=True
    )
    queue(case, event, entry, to, house, content=content_of(case, entry), at=city.at + timedelta(minutes=22))


def _with_batches(bidder: tuple[Member, Project], third: tuple[Member, Project], city: City) -> None:
    """Put both firms' guarantees into batches: the bidder's before it is submitted, the other's before the signers."""
    for (member, project), kind in ((bidder, "投标保函"), (third, "履约保函")):
        row = {"kind": kind, "project": project.number, "amount": "1", "effective_on": "明天", "expires_on": "后天"}
        facts = {"name": f"{project.name}批次", "guarantor": city.guarantor, "by": member, "at": city.at}
        batch = prepare_batch(as_csv([row]), f"{project.number}.csv", **facts)
        if member == third[0]:
            Batch.objects.filter(pk=batch.pk).update(state="to_confirm", submitted_at=city.at)


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


def _with_contract_change(case: Guarantee, by: Member, city: City) -> None:
    """Report a change of the contract behind a guarantee, and a time in which its guarantor's counter was shut."""
    at = city.at + timedelta(days=1)
    report_contract_change(
        Guarantee.objects.get(pk=case.pk), effect="heavier", amount=7_654_321, reason="青石岭外人不知的增项。",
        content=PDF, name="青石岭补充协议.pdf", by=by, at=at,
    )  # fmt: skip
    declare_closure(
        case.guarantor, began_on=local_day(at), reason="台风封路。", content=PDF, name="公告.pdf", by=city.signer, at=at
    )


def _with_claims(case: Guarantee, city: City) -> None:
    """Have a guarantee claimed twice: one demand is paid and in recourse, one is examined; a court forbids payment."""
    at = city.at + timedelta(days=2)
    payee = Payee("青石岭外人不知指挥部", "云州银行", "62170000990001")
    words = "申请人停工，青石岭外人不知的违约事由。"
    facts = {"statement": words, "payee": payee, "by": city.beneficiary, "at": at}
    paid = present_demand(case, amount=31_234_567, papers=[("青石岭索赔通知.pdf", PDF)], **facts)  # type: ignore[arg-type]
    paid = propose_payment(paid, opinion="相符。", by=city.examiner, at=at)
    paid = agree_to_pay(paid, opinion="", by=city.reviewer, at=at)
    payout = request_payout(paid, channel="sandbox", by=city.finance, at=at)
    confirm_payout(payout, receipt="SBX-1", at=at)
    present_demand(case, amount=12_345_611, **facts)  # type: ignore[arg-type]
    record_injunction(
        case, court="云州市中级人民法院", document_number="（2026）云01行保77号", name="青石岭裁定书.pdf", content=PDF,
        from_on=local_day(at), until_on=None, by=city.examiner, at=at,
    )  # fmt: skip


def _with_link(case: Guarantee, city: City) -> None:
    """Give a person of the beneficiary a link, and have the letter acknowledged."""
    at = city.at + timedelta(days=2)
    send_to_person(case, name="青石岭外人不知之人", phone="13700000077", by=city.signer, at=at)
    acknowledge(case, by=city.beneficiary, at=at)


def papers_of(firm: Organisation, city: City) -> Papers:
    """Return what a firm hands in to be certified; its representative is told nobody."""
    files = {item: SimpleUploadedFile(f"青石岭{item.label}.pdf", PDF) for item in CertifiedItem}
    first = local_day(city.at)
    code = DemoOrganisation(firm.name, Kind.ENTERPRISE, "91", "MADEM778").uscc
    return Papers(firm.name, code, "青石岭外人", "11010519491231002X", None, None, first, first, files)


def _with_ties(member: Member, city: City) -> None:
    """Let a firm have told of an owner and of a guarantee."""
    firm = enterprise_of(member.organisation)
    owner = Other(person=Person("青石岭外人", register_id="SB9001"))
    for facts in (
        TieFacts("ownership", share=6_000, valid_from=local_day(city.at)),
        TieFacts("guarantee", amount=1_000_000_00, valid_from=local_day(city.at)),
    ):
        paper = SimpleUploadedFile("青石岭章程.pdf", PDF)
        tell_tie(firm, owner, facts, from_other=True, upload=paper, label="青石岭章程", by=member, at=city.at)


def _with_certification(member: Member, city: City) -> None:
    """Let a firm of which the register says otherwise ask to be certified."""
    submit(member.organisation, papers_of(member.organisation, city), by=member, at=city.at)
    keep_check(member, "real_name_2", IdentityCheck.Outcome.PASSED, mark="990100********0017", at=city.at)
    order_transfer(member, account_no="6222000099998888", bank="云州外人不知银行城南支行", at=city.at)


def _with_filings(city: City) -> None:
    """Let the guarantor have a licence that waits for its second person, and a scope that holds."""
    house, by, at = city.guarantor, city.reviewer, city.at
    licence = {"kind": "guaranty", "certificate": "云融担证 0077", "authority": "云州市地方金融管理局"}
    file_qualification(house, licence | {"valid_from": date(2025, 1, 1)}, by=by, at=at, upload=(PDF, "许可证.pdf"))
    stated = {"amount": 900_000_000_00, "valid_from": date(2025, 12, 31), "source": "2025 年度审计报告"}
    file_net_assets(house, stated, by=by, at=at)
    scope = file_scope(house, {"valid_from": date(2025, 1, 1), "most_amount": 900_000_000_00}, by=by, at=at)
    confirm_filing(scope, by=city.operator, at=at)
    write_terms("", "本机构条款草稿，外人不能看到的正文，尚未启用。", by=by, at=at)


def _with_rules(city: City) -> None:
    """Let the guarantor have rules that hold and were run, and the draft of their next version, tried."""
    by, at = city.reviewer, city.at
    content = {"form": "conditions", "rules": [
        {"name": "外人不能看到的准入规则", "weight": "stop", "expression": '登记状态 = "存续"'}]}  # fmt: skip
    draft = RulesDraft(content, local_day(at))
    version = write_rules("外人不能看到的规则集", "firm_screening", "conditions", draft, by=by, at=at)
    version = activate_version(version, by=city.signer, at=at)
    facts = {"standing": Fact("存续", "sandbox_registry", local_day(at).isoformat())}
    keep_run(version, facts, RulesSubject("91990100MADEM00K08", "云州大山建设有限公司"), by=by, at=at)
    version.rule_set.refresh_from_db()
    try_on_history(write_version(version.rule_set, draft, by=by, at=at), by=by, at=at)


def _with_models(city: City) -> None:
    """Let the guarantor have a table and a model whose first round waits for another day."""
    by, at = city.reviewer, city.at
    rows = [HEADS, *rows_of(3, 330, at.date(), 20.0)]
    content = "\n".join(",".join(row) for row in rows).encode()
    table = bring_table(content, "外人不能看到的数据.csv", "外人不能看到的数据", by=by, at=at)
    table = confirm_data(table, by=by, at=at)
    model = make_model("外人不能看到的模型", "guarantee", by=by, at=at)
    for version in begin_training(model, table, by=by, at=at, not_before=at + timedelta(days=3650)):
        Drift.objects.create(model_version=version, month=date(2026, 10, 1), label="评分", psi=0, rows=60)


def _with_credit(third: Member, city: City) -> None:
    """Let a firm have done something, object to it, stand on its guarantor's own list; cards that hold and a draft."""
    first, second, at = city.operator, city.colleague(city.operator, "operator"), city.at + timedelta(minutes=40)
    for side in STANDARD:
        card = write_card(side, STANDARD[side], by=first, at=at)
        measure(card, by=first, at=at)
        activate_card(card, by=second, at=at)
    about = record_of(third.organisation, "applicant")
    row = record_behaviour(
        about, "baseless_claim", local_day(at), document="外人看不到的判决", note="", upload=(PDF, "判决.pdf"),
        by=first, at=at,
    )  # fmt: skip
    raise_appeal(about, row, text="外人不能看到的异议理由。", upload=(PDF, "异议材料.pdf"), by=third, at=at)
    today = local_day(at)
    wanted = Wanted(third.organisation, "applicant", "grey", "ask", "外人不能看到的名单理由", "内部记录", today, today)
    confirm_entry(propose_entry(wanted, by=city.reviewer, at=at), by=city.colleague(city.reviewer, "director"), at=at)
    draft = write_card("applicant", STANDARD["applicant"], by=first, at=at)
    measure(edit_card(draft, STANDARD["applicant"], by=first, at=at), by=first, at=at)


def _with_watch(case: Guarantee, city: City) -> None:
    """Let the guarantor watch: a case whose thaw waits for a second person, an alert, a screening, a draft."""
    by, at, firm = city.reviewer, city.at + timedelta(days=3), case.applicant
    limits = {"number": 8, "days": 7}
    write_rule("often_firm", WatchWish(on=True, grade="warn", blocks=False, limits=limits), by=by, at=at)
    proof = Proof("青石岭", "青石岭外人不知的异常", firm.pk, case.pk)
    found = take_up(Found(case.guarantor_id, firm.pk, "odd_payer", "odd", (proof,)), at=at)
    assert found is not None
    found = freeze_case(found, reason="青石岭外人不知的冻结。", by=by, at=at)
    propose_thaw(found, reason="青石岭外人不知的说明。", by=by, at=at)
    told = Told("court", "W-1", "云州无闻水利工程有限公司被列为失信被执行人", at)
    raise_alerts(take_event(firm, told, by=SYSTEM, at=at), at=at)
    screen("云州大山建设有限公司", "91990100MADEM00K08", by=by, at=at)


def _with_admission(customer: Member, city: City) -> None:
    """Let the guarantor mark a firm, ask it and match it with a product that stands on no shelf yet."""
    by, second, at = city.reviewer, city.signer, city.at
    tag = write_tag(TagWanted("外人不能看到的标签", "", by), by=by, at=at)
    give_tag(tag, customer.organisation, reason="外人不能看到的理由", by=by, at=at)
    question = Question("", "外人不能看到的问题", "words")
    version = write_questionnaire("外人不能看到的问卷", "firm", [question], by=by, at=at)
    one = activate_questionnaire(version, by=second, at=at).questionnaire
    for answers in ({"k1": "外人不能看到的答案"}, None):
        one.refresh_from_db()
        (sheet,) = send_questionnaire(one, [customer.organisation], due_on=None, by=by, at=at)
        if answers:
            hand_in_sheet(sheet, answers, {}, by=customer, at=at)
    write_next(one, [question], by=by, at=at)
    until = local_day(at) + timedelta(days=90)
    offer = Offer(
        kind="wage", name="外人还不能看到的产品", note="", least_amount=1_00, most_amount=9_00, longest_days=30,
        offered_from=until, offered_until=None,
    )  # fmt: skip
    product = write_product(offer, by=by, at=at)
    content = {"form": "conditions", "rules": [{"name": "准入", "weight": "stop", "expression": "从业人数 >= 10"}]}
    rules = write_rules(
        "外人不能看到的准入", "admission_firm", "conditions", RulesDraft(content, local_day(at)), by=by, at=at
    )
    rule_set = activate_version(rules, by=second, at=at).rule_set
    gate = write_gate(GatePlan(product.reference, "firm", rule_set, one), by=by, at=at)
    match_gate(put_gate_on(gate, by=second, at=at), customer.organisation, by=by, at=at)
    table = f"企业名称,从业人数\n{customer.organisation.name},37\n"
    prepare_import(table.encode(), "外人不能看到的导入表.csv", by=by, at=at)


def _with_insights(customer: Member, city: City) -> None:
    """Let the guarantor divide its customers and propose to favour one. Its history is too short for the act itself."""
    rule = {"join": "all", "conditions": [{"fact": "biz_count", "op": "ge", "values": ["0"]}]}
    write_segment(WantedSegment("外人不能看到的客群", "", rule), by=city.reviewer, at=city.at)
    Proposal.objects.create(
        state="proposed", house=city.guarantor, firm=customer.organisation, tier="A", tier_name="外人不能看到的等级",
        discount_rate="0.1", reasons=["外人不能看到的理由"], note="外人不能看到的说明",
        until=local_day(city.at) + timedelta(days=90), proposed_by=city.reviewer, proposed_at=city.at,
        changed_at=city.at,
    )  # fmt: skip


def _with_source(city: City) -> None:
    """Let the operator collect from a platform whose list has changed: an alarm with the page."""
    recipe = Recipe("rss", "http://platform.invalid/feed.xml")
    at, by = city.at, city.operator
    source = write_source(WantedSource("云州招标信息网", "yz-zbxx", 60, 2, recipe), by=by, at=at)
    source = switch_on(note_trial(source, listed=3, title="云州人人可知公告", by=by, at=at), by=by, at=at)
    run = source.runs.get()
    CollectedItem.objects.create(source=source, source_key="n1", title="云州人人可知公告", fingerprint="-", seen_at=at)
    page = keep_page(source, recipe.address, 200, "text/html", b"<h1>new</h1>", at=at)
    fail_run(run, CollectingAlarm.Kind.EMPTY, "列表没有读懂。", page=page, at=at)


def _with_projects_told(lots: tuple[Project, Project], city: City) -> None:
    """Let the department speak of both lots in words and under a number of its own (what sources announce is read by
    whoever may register projects), and be told of the one that is no secret."""
    at = city.at + timedelta(minutes=22)
    for project in lots:
        facts = {"name": "交易中心所称的标段", "number": f"XM-2026-{project.pk}", "buyer": project.buyer.name,
                 "region_code": "990103", "estimate_amount": 1_00}  # fmt: skip
        found = take_delivery(f"XM-{project.pk}", 1, facts, withdrawn=False, by=city.department, at=at).record
        compare(found, project, at=at)
    project = Project.objects.get(pk=lots[1].pk)
    entry = history_of(project).get(kind="project.awarded")
    house = city.department.organisation
    to = Destination("yz-xm", "云州项目库", house.uscc or "", "projects", "https://receiver.example.com", "04")
    queue_project(project, entry, to, house, at=at)


def _with_award(city: City) -> None:
    """Let a notice tell that another firm has won: an opportunity of its guarantor, and of the firm; found by who
    asked for such."""
    body = f"中标人：{city.rival.organisation.name}\n中标价：1,357.90万元\n招标人：云州市人人可知建设局"
    told = Delivery(title="云州人人可知广场中标公告", body=body, published_at=city.at)
    content = Content("外人不能看到的订阅", "人人可知 not 外人不能看到的关键词")
    write_subscription(content, by=city.manager, at=city.at)
    take_in(told, by=city.manager, at=city.at, entered_by=city.manager.organisation)


def _with_bulletins(city: City) -> None:
    """Publish an announcement with a file, and leave another one unfinished."""
    by, at = city.operator, city.at
    for title in ("保函查验办法公告", "外人还不能看到的公告草稿"):
        bulletin = write_bulletin(title=title, body="请从官方地址查验。", by=by, at=at)
        bulletin = attach_to_bulletin(bulletin, PDF, "查验办法.pdf", by=by, at=at)
        if title == "保函查验办法公告":
            publish_bulletin(bulletin, by=by, at=at)


def _with_invoice(case: Guarantee, by: Member, city: City) -> None:
    """Ask for the invoice of the fee that was paid, and find it in the bank's statement."""
    order = case.payments.get()
    row = Row(1, local_day(city.at), order.amount, by.organisation.name, order.order_number, "")
    import_lines(city.guarantor, [row], name="流水.csv", sm3=order.order_number, by=city.finance, at=city.at)
    title = Title("ordinary", by.organisation.name, by.organisation.uscc or "")
    request_invoice(order, title, by=by, at=city.at + timedelta(minutes=25))


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
