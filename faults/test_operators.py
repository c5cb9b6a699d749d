"""运营权限: what the platform's own people may do is needed by a page and none of it business; every act is traced."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import resolve, reverse

from faults.addresses import ADDRESSES
from faults.world import PDF
from xinshu.accounts import roles as rights_of_roles
from xinshu.accounts import totp
from xinshu.accounts.actions.agreements import publish_shipped
from xinshu.accounts.actions.second_factor import begin_enrolment
from xinshu.accounts.assurance.settings import shipped
from xinshu.accounts.models import (
    Agreement,
    Block,
    Consent,
    IdentityCheck,
    LevelTable,
    Member,
    RoleChange,
    RoleTable,
    User,
)
from xinshu.accounts.roles import PLATFORM, RIGHT_NAMES, ROLES
from xinshu.accounts.tests.conftest import PASSWORD, code, member_with, registration
from xinshu.certification.actions import conclude, submit
from xinshu.certification.checks import Known
from xinshu.certification.models import Item
from xinshu.certification.tests.conftest import papers
from xinshu.core.clock import moved_to
from xinshu.core.resident_id import check_character
from xinshu.exchange.actions.supervision import add_row, draft_plan, submit_plan
from xinshu.ledger.models import Delivery, Entry, Redaction, RetentionRule
from xinshu.ledger.sealing import seal
from xinshu.messaging.models import Message, MessageTemplate
from xinshu.messaging.notices import notify_members
from xinshu.portal.models import Bulletin
from xinshu.projects.models import SupervisionPlan, SupervisionRow

pytestmark = [pytest.mark.django_db, pytest.mark.req("FS-51")]
NEW = "seven-odd-lamps-71"
OURS = ("accounts", "ledger", "messaging", "operations", "portal", "web", "documents", "exchange",
        "certification")  # fmt: skip
# What is written without being an act: who is signed in, what the ledger itself keeps.
WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"(\w+)"')
NO_ACT = {"django_session", "ledger_delivery", "accounts_sentcode", "accounts_sandboxmessage"}
# Addresses that take only POST, and that an operator's session has no business with.
OF_OTHERS = {
    "accounts:organisation_fields": "draws a part of the registration form again",
    "messaging:from_aliyun": "the provider's", "messaging:from_tencent": "the provider's",
    "messaging:from_wechat": "the provider's",
    "certification:proofs_act": "of a firm's own people",
    "documents:act": "of whoever brought the paper", "documents:explain": "of whoever brought the papers",
    "exchange:results": "a receiving system's", "exchange:reports": "a receiving system's",
    "exchange:submission_act": "of guarantor and receiver",
    "exchange:project_message_act": "of registrant and receiver", "exchange:settle": "of a source",
    "exchange:decide": "of a registrant", "exchange:register_record": "of a registrant",
}  # fmt: skip
JUNK = {"reason": "例行办理", "version": "0"}


class Desk:
    """The four of the platform, each signed in in a browser; `act` posts and looks for the trace."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.home = member_with(username="nobody").organisation
        self.members: dict[str, Member] = {}
        self.browsers: dict[str, Client] = {}
        self.driven: set[str] = set()
        for role in PLATFORM:
            self.join(role, role)

    def join(self, name: str, *roles: str) -> Member:
        self.members[name] = member_with(*roles, username=name, organisation=self.home)
        self.browsers[name] = Client()
        self.act(name, "/sign-in/", username=name, password=PASSWORD)
        return self.members[name]

    def act(self, who: str, path: str, **typed: Any) -> Any:
        """Post, as somebody who succeeds; whatever was written must be followed by an entry of theirs."""
        answer, written, traces = self.post(who, path, typed)
        assert answer.status_code < 400, (who, path, answer.status_code, answer.content.decode()[-3000:])
        assert traces, f"{who} did {path}, which left no trace (wrote {written})"
        self.driven.add(resolve(path.partition("?")[0]).view_name)
        return answer

    def post(self, who: str, path: str, typed: dict[str, Any]) -> tuple[Any, set[str], list[str]]:
        """Return the answer, the tables written to that make an act, and the kinds of entries by `who`."""
        selves = Member.objects.filter(user=self.members[who].user)  # acting for whomever
        mine = Entry.objects.filter(actor_key__in=[one.actor_key for one in selves])
        before = mine.count()
        written: set[str] = set()

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            result, one = execute(sql, params, many, context), WRITES.match(sql)
            if one and context["cursor"].rowcount:
                written.add(one[1])
            return result

        with connection.execute_wrapper(watch):
            answer = self.browsers[who].post(path, typed)
            if answer.streaming:
                b"".join(answer.streaming_content)
        written -= NO_ACT
        return answer, written, [*mine.order_by("pk").values_list("kind", flat=True)[before:]]

    def page(self, who: str, path: str) -> str:
        return str(self.browsers[who].get(path).content.decode())


@pytest.fixture
def desk(at: datetime) -> Iterator[Desk]:
    with moved_to(at):
        yield Desk(at)


def on_registrations(desk: Desk) -> None:
    for number, action in enumerate(("approve", "refuse")):
        case = registration(username=f"new{number}", phone=f"1230000444{number}", uscc=code(5000 + number))
        desk.act("operator", f"/registrations/{case.reference}/{action}/", reason="资料不全", version=case.version)


def on_agreements(desk: Desk) -> None:
    publish_shipped(desk.at - timedelta(days=1))
    desk.act("operator", "/agreements/draft/service/")
    case = Agreement.objects.get(state="draft")
    path = f"/agreements/{case.reference}/"

    def step(who: str, action: str) -> None:
        case.refresh_from_db()
        desk.act(who, f"{path}{action}/", version=case.version, reason="措辞不妥")

    edited = {
        "text": f"{case.text}\n新的一条。",
        "changes": "加了一条",
        "minimum_seconds": "5",
        "version": case.version,
    }
    desk.act("operator", f"{path}edit/", **edited)
    for who, action in (("operator", "submit"), ("secadmin", "return"), ("operator", "submit"), ("operator", "recall"),
                        ("operator", "submit"), ("secadmin", "publish")):  # fmt: skip
        step(who, action)
    desk.act("operator", "/agreements/draft/privacy/")
    case = Agreement.objects.get(state="draft")
    path = f"/agreements/{case.reference}/"
    step("operator", "discard")


def on_supervision(desk: Desk) -> None:
    bureau = member_with("department", kind="department", username="bureau").organisation

    def step(who: str, action: str, **typed: Any) -> None:
        case = SupervisionPlan.objects.order_by("pk").last()
        assert case
        desk.act(who, f"/supervision/{case.reference}/{action}/", version=case.version, **typed)

    for action, who in (("withdraw", "operator"), ("refuse", "secadmin"), ("approve", "secadmin")):
        desk.act("operator", "/supervision/")
        step("operator", "rows", department=bureau.pk, region_code="990100")
        step("operator", "rows", department=bureau.pk, region_code="990200")
        row = SupervisionRow.objects.order_by("pk").last()
        assert row
        step("operator", f"rows/{row.pk}/remove")
        step("operator", "submit", basis="职责分工", valid_from=f"{desk.at + timedelta(days=1):%Y-%m-%dT%H:%M}")
        step(who, action, reason="依据不对")


def on_consents(desk: Desk) -> None:
    desk.join("reader", "operator")
    shown = re.search(r'name="opened" value="([^"]+)"', desk.page("reader", "/terms/agree/"))
    assert shown
    with moved_to(desk.at + timedelta(minutes=3)):
        desk.act("reader", "/terms/agree/", opened=shown[1], agreed="on")
        mine = Consent.objects.filter(user=desk.members["reader"].user).first()
        assert mine
        desk.act("reader", f"/account/consents/{mine.reference}/withdraw/")


def on_people(desk: Desk) -> None:
    clerk = member_with("applicant", kind="enterprise", username="clerk")
    typed = {"organisation": clerk.organisation.name, "name": "李新禾", "phone": "12300007007", "username": "fresh"}
    desk.act("sysadmin", "/users/new/", **typed)
    desk.act("sysadmin", "/users/fresh/details/", name="李新", phone="12300007008")
    desk.act("sysadmin", "/users/clerk/lock/", reason="长期未用")
    desk.act("sysadmin", "/users/clerk/unlock/", reason="恢复使用")
    desk.act("secadmin", "/users/clerk/review/", reason="季度复核")
    begin_enrolment(clerk.user, at=desk.at)
    desk.act("secadmin", "/users/clerk/reset-second-factor/", reason="手机丢失")
    for action, who in (("withdraw", "sysadmin"), ("refuse", "secadmin"), ("approve", "secadmin")):
        roles = ["applicant", "beneficiary"]
        desk.act("sysadmin", f"/users/clerk/roles/{clerk.pk}/", roles=roles, reason="岗位调整")
        case = RoleChange.objects.get(state="proposed")
        desk.act(who, f"/role-changes/{case.reference}/{action}/", version=case.version, reason="人手已够")
    for action, who in (("withdraw", "sysadmin"), ("refuse", "secadmin"), ("approve", "secadmin")):
        rights = {"rights_applicant": ["guarantees.view"], "reason": "只看"}
        desk.act("sysadmin", f"/role-tables/{clerk.organisation_id}/", **rights)
        table = RoleTable.objects.get(state="proposed")
        desk.act(who, f"/role-tables/versions/{table.reference}/{action}/", version=table.version, reason="暂不")
    for role in ("sysadmin", "secadmin", "auditor"):
        desk.act(role, "/users/export/")
    session = Client()
    session.post("/sign-in/", {"username": "clerk", "password": PASSWORD})
    open_one = clerk.user.sessions.get(ended_at=None)
    desk.act("secadmin", f"/account/sessions/{open_one.reference}/end/")
    leaver = Member.objects.get(user__username="fresh")
    desk.act("sysadmin", "/users/fresh/leave/", **{f"successor_{leaver.pk}": clerk.pk, "reason": "离职"})


def on_levels(desk: Desk) -> None:
    for action, who in (("withdraw", "sysadmin"), ("refuse", "secadmin"), ("approve", "secadmin")):
        desk.act("sysadmin", "/levels/", reason="先不问级别")
        table = LevelTable.objects.get(state="proposed")
        desk.act(who, f"/levels/{table.reference}/{action}/", version=table.version, reason="暂不")
    for role in ("sysadmin", "secadmin", "auditor"):
        desk.act(role, "/levels/checks/export/")
    table = LevelTable.objects.get(state="active")
    table.content["methods"] = shipped()["methods"]
    table.save()
    me = desk.join("proving", "operator")
    number = f"99010019880808001{check_character('99010019880808001')}"
    desk.act("proving", "/account/identity/real-name/", number=number, agreed="on")
    mine = IdentityCheck.objects.get(user=me.user, method="real_name_2")
    desk.act("proving", f"/account/identity/{mine.reference}/take-back/")


def in_emergencies(desk: Desk) -> None:
    member_with("applicant", kind="enterprise", username="suspect")
    for role, lifter in (("sysadmin", "secadmin"), ("secadmin", "sysadmin")):
        desk.act(role, "/emergency/", what="user", target="suspect", reason="疑似盗用")
        block = Block.objects.get(lifted_at=None)
        for reader in ("sysadmin", "secadmin", "auditor"):
            desk.act(reader, f"/emergency/{block.reference}/report/")
        desk.act(lifter, f"/emergency/{block.reference}/lift/", reason="已查清")


def on_the_ledger(desk: Desk) -> None:
    entry = Entry.objects.order_by("pk")[0]
    parked = Delivery.objects.create(
        entry=entry, reaction="x.y", lane="x", state="parked", attempts=9, due_at=desk.at
    )  # fmt: skip
    desk.act("sysadmin", f"/operations/deliveries/{parked.pk}/retry/")
    desk.act("sysadmin", "/operations/verify/")
    desk.act("auditor", "/log/export/")
    desk.act("auditor", "/log/lines/")
    for action, who in (("withdraw", "auditor"), ("refuse", "secadmin"), ("approve", "secadmin")):
        desk.act("auditor", "/log/retention/", kind="account.signed_in", months="6", basis="网络安全法")
        rule = RetentionRule.objects.get(state="proposed")
        path = f"/log/retention/rules/{rule.reference}/"
        desk.act(who, f"{path}{action}/", version=rule.version, reason="期限太短")
    seal(desk.at)
    with moved_to(desk.at + timedelta(days=400)):
        for name in ("auditor", "secadmin"):  # they come back after a year
            desk.browsers[name] = Client()
            desk.act(name, "/sign-in/", username=name, password=PASSWORD)
        for action, who in (("withdraw", "auditor"), ("refuse", "secadmin"), ("approve", "secadmin")):
            desk.act("auditor", f"{path}clear/")
            case = Redaction.objects.get(state="proposed")
            desk.act(who, f"/log/retention/clearings/{case.reference}/{action}/", version=case.version, reason="再议")
    for name in ("auditor", "secadmin"):
        desk.browsers[name] = Client()
        desk.act(name, "/sign-in/", username=name, password=PASSWORD)


def on_messages(desk: Desk, settings: Any) -> None:
    path = "/operations/templates/account.code/sms/"
    text = {"text": "验证码${code}，用于${purpose}。", "provider_code": "SMS_1", "subject": "验证码"}
    desk.act("operator", path, **text)
    desk.act("operator", path, **text | {"provider_code": "SMS_2"})
    draft = MessageTemplate.objects.get()
    MessageTemplate.objects.update(approval="approved")
    change = f"/operations/templates/version/{draft.reference}/"
    desk.act("operator", f"{change}activate/", version=draft.version)
    draft.refresh_from_db()
    settings.MESSAGING |= {"sms": {"provider": "aliyun"}}
    seen = MessageTemplate.objects.get(pk=draft.pk).version
    desk.act("operator", f"{change}ask/", version=seen)
    desk.act("operator", f"{change}test/", version=seen, address="12300006001")
    for state, action in (("failed", "retry"), ("unknown", "resend"), ("unknown", "settle")):
        Message.objects.filter(channel="sms").update(state=state)
        sent = Message.objects.get(channel="sms")
        desk.act("operator", f"/operations/messages/{sent.reference}/{action}/", version=sent.version, reason="已核实")
    draft.refresh_from_db()
    desk.act("operator", f"{change}retire/", version=draft.version, reason="换新")


def on_certifications(desk: Desk) -> None:
    clerk = member_with("applicant", kind="enterprise", username="certified")
    row = submit(clerk.organisation, papers(clerk.organisation), by=clerk, at=desk.at)
    row = conclude(row, Known(None, "登记机关没有答复"), at=desk.at)

    def step(what: str, **more: Any) -> None:
        row.refresh_from_db()
        desk.act("operator", f"/certifications/{row.reference}/{what}/", version=row.version, **more)

    for item in Item:
        step(f"{item}/judge", accept="1")
    step("approve")
    step("revoke", reason="执照已被吊销")


def on_announcements(desk: Desk) -> None:
    typed = {"title": "系统维护公告", "category": "service", "body": "周六夜间维护。"}
    desk.act("operator", "/operations/announcements/new/", **typed)
    case = Bulletin.objects.get()
    path = f"/operations/announcements/{case.reference}/"

    def step(action: str, **more: Any) -> None:
        case.refresh_from_db()
        desk.act("operator", f"{path}{action}/", version=case.version, reason="改期", **more)

    step("edit", **typed | {"body": "周日夜间维护。"})
    step("files", file=SimpleUploadedFile("维护窗口.pdf", PDF))
    step(f"files/{case.attachments.get().pk}")
    for action in ("publish", "take_down", "delete"):
        step(action)
    form = {f"{prefix}-{name}": "0" for prefix in ("channels", "columns") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    form |= {"columns-TOTAL_FORMS": "1", "columns-0-kind": "entries", "columns-0-title": "快捷入口"}
    form |= {"columns-0-visible": "on", "columns-0-entries": ["apply", "verify", "claim"]}  # type: ignore[dict-item]
    desk.act("operator", "/operations/portal/", seen="0", **form)
    desk.act("operator", "/operations/portal/restore/", seen="1", number="1")


def on_ones_own_account(desk: Desk) -> None:
    me = desk.join("myself", "operator")
    notify_members([me], "系统升级", key="a", at=desk.at)
    notify_members([me], "系统维护", key="b", at=desk.at)
    first, second = me.notices.order_by("pk")
    for action in ("open", "unread", "read", "remove"):
        desk.act("myself", f"/notices/{first.reference}/{action}/")
    desk.act("myself", "/notices/read-all/")
    assert second.text
    offered = re.compile(r'name="(\w+_(?:rhythm|least))".*?<option value="(\w+)"', re.S)
    form = offered.findall(desk.page("myself", "/notices/settings/"))
    desk.act("myself", "/notices/settings/", **dict(form), begins="22:00", ends="07:00")
    wanted = dict.fromkeys(("sms", "mail", "wechat", "push"), "daily") | {"least": "1", "least_score": "60"}
    desk.act("myself", "/notices/settings/topics/award/", **wanted, quiet="never")
    desk.act("myself", "/notices/settings/mail/", address="someone@example.cn")
    desk.act("myself", "/notices/settings/wechat/")
    desk.act("myself", "/notices/device/", registration_id="abcdefgh12345678")
    desk.act("myself", "/notices/settings/remove-push/")
    elsewhere = Member.objects.create(user=me.user, organisation=member_with(kind="enterprise").organisation, roles=[])
    desk.act("myself", "/switch/", member=elsewhere.pk)
    desk.act("myself", "/switch/", member=me.pk)
    secret = begin_enrolment(me.user, at=desk.at)
    desk.act("myself", "/account/second-factor/", code=totp.code_of(secret, totp.step_of(desk.at)))
    Client().post("/sign-in/", {"username": "myself", "password": PASSWORD})
    other = Client()
    with moved_to(desk.at + timedelta(minutes=1)):
        other.post("/sign-in/", {"username": "myself", "password": PASSWORD})
        desk.browsers["second"], desk.members["second"] = other, me
        desk.act("second", "/sign-in/second/", code=totp.code_of(secret, totp.step_of(desk.at + timedelta(minutes=1))))
        desk.act("myself", "/account/sessions/end-others/")
        desk.act("myself", "/account/password/", old=PASSWORD, new=NEW, again=NEW)
        desk.act("myself", "/sign-out/")


def test_every_act_of_the_platforms_people_leaves_a_trace(desk: Desk, settings: Any) -> None:
    steps: tuple[Callable[[Desk], None], ...] = (
        on_registrations, on_people, on_levels, in_emergencies, on_the_ledger, on_ones_own_account,
    )  # fmt: skip
    settings.MESSAGING = {"mail": {"provider": "smtp", "host": "localhost", "port": "1"}}
    for step in steps:
        step(desk)
    on_supervision(desk)
    on_messages(desk, settings)
    on_announcements(desk)
    on_certifications(desk)
    on_agreements(desk)
    on_consents(desk)

    only_post, paths = set(), list(_paths())
    for role in PLATFORM:  # and whatever else succeeds with something that nobody typed on purpose
        desk.browsers[role] = Client()
        desk.act(role, "/sign-in/", username=role, password=PASSWORD)
        session = desk.browsers[role].session
        session.pop("owes", None)
        session.save()
        for name, path in paths:
            if name in ("accounts:sign_out", "accounts:withdraw_consent"):
                continue
            answer, written, traces = desk.post(role, path, JUNK)
            assert answer.status_code < 500, path
            assert answer.status_code >= 400 or not written or traces, f"{role} {path} wrote {written} without a trace"
            if role == PLATFORM[0] and desk.browsers[role].get(path).status_code == 405:
                only_post.add(name)
    assert only_post - desk.driven - set(OF_OTHERS) == set()


def _paths() -> Iterator[tuple[str, str]]:
    """Yield (name, path) of every address of the apps in which the platform's people work, with a row of now."""
    for address in ADDRESSES:
        if address.name.partition(":")[0] in OURS:
            try:
                yield address.name, next(address.filled())[0]
            except (AssertionError, IndexError, StopIteration):  # no such row was needed for any act
                nonsense = {name: 987654321 if name == "number" else "NONSENSE2345" for name in address.converters}
                yield address.name, reverse(address.name, kwargs=nonsense)


def test_none_of_their_rights_is_business_and_no_business_page_opens(desk: Desk) -> None:
    for role in PLATFORM:
        held = ROLES[role][1]
        assert not held & set(RIGHT_NAMES), role
        contexts = {"accounts", "ledger", "messaging", "exchange", "types", "guarantors", "portal"}
        contexts |= {"certification", "credit", "watch", "collecting", "tenders"}
        assert {right.partition(".")[0] for right in held} <= contexts, role
        for name in BUSINESS:
            path = reverse(name)
            assert desk.browsers[role].get(path).status_code in (403, 404), (role, path)


BUSINESS = ("guarantees:list", "guarantees:new", "projects:list", "enterprises:list", "books:lines", "books:limits",
            "work:plans", "work:delegations", "integrations:clients")  # fmt: skip
NEEDED = {  # right: a page or act (method, path) that opens with it and is refused without
    "accounts.approve": ("GET", "/registrations/"),
    "certification.review": ("GET", "/certifications/"),
    "accounts.draft": ("POST", "/agreements/draft/service/"),
    "types.manage": ("GET", "/guarantee-types/"),
    "watch.manage": ("GET", "/watch/rules/"),
    "collecting.manage": ("GET", "/collecting/"),
    "tenders.oversee": ("GET", "/tenders/funnel/institutions/"),
    "guarantors.manage": ("GET", "/guarantors/"),
    "credit.manage": ("GET", "/credit/cards/"),
    "portal.manage": ("GET", "/operations/announcements/"),
    "messaging.manage": ("GET", "/operations/messages/"),
    "ledger.operate": ("GET", "/operations/"),
    "accounts.view": ("GET", "/users/"),
    "accounts.manage": ("GET", "/users/new/"),
    "accounts.secure": ("POST", "/users/clerk/review/"),
    "accounts.publish": ("POST", "/agreements/{agreement}/publish/"),
    "ledger.retention": ("GET", "/log/retention/"),
    "ledger.retain": ("POST", "/log/retention/rules/{rule}/approve/"),
    "ledger.audit": ("GET", "/log/"),
    "exchange.draft": ("POST", "/supervision/"),
    "exchange.approve": ("POST", "/supervision/{plan}/approve/"),
}


@pytest.mark.parametrize(("role", "right"), [(role, right) for role in PLATFORM for right in sorted(ROLES[role][1])])
def test_each_right_is_needed_by_some_page(desk: Desk, role: str, right: str, monkeypatch: pytest.MonkeyPatch) -> None:
    member_with("applicant", kind="enterprise", username="clerk")
    case = registration(phone="12300004321")
    desk.act("operator", "/agreements/draft/privacy/")
    drafted = Agreement.objects.get()
    desk.act("operator", f"/agreements/{drafted.reference}/submit/", version=drafted.version)
    desk.act("auditor", "/log/retention/", kind="account.signed_in", months="6", basis="网络安全法")
    rule, drafted = RetentionRule.objects.get(), Agreement.objects.get()
    if right == "exchange.approve":
        bureau = member_with("department", kind="department", username="bureau").organisation
        plan = draft_plan(by=desk.members["operator"], at=desk.at)
        plan = add_row(plan, department=bureau, region_code="990100", by=desk.members["operator"], at=desk.at)
        later = desk.at + timedelta(days=1)
        submit_plan(plan, basis="职责分工", valid_from=later, by=desk.members["operator"], at=desk.at)
    plan = SupervisionPlan.objects.last()
    name, held = ROLES[role]
    less = {**ROLES, role: (name, held - {right})}

    if right == "accounts.reveal":
        path = f"/registrations/{case.reference}/" if role == "operator" else "/users/clerk/"
        number = case.phone if role == "operator" else User.objects.get(username="clerk").phone
        with_it = number in desk.page(role, path)
        monkeypatch.setattr(rights_of_roles, "ROLES", less)
        assert (with_it, number in desk.page(role, path)) == (True, False)
        return
    method, path = NEEDED[right]
    path = path.format(agreement=drafted.reference, rule=rule.reference, plan=plan.reference if plan else "")
    shown = drafted if "agreements" in path else plan if plan and "supervision" in path else rule
    typed = {"reason": "例行", "version": shown.version}
    ask = getattr(desk.browsers[role], method.lower())
    monkeypatch.setattr(rights_of_roles, "ROLES", less)
    without = ask(path, typed).status_code
    monkeypatch.undo()
    assert without in (403, 404)
    assert ask(path, typed).status_code in (200, 302)
