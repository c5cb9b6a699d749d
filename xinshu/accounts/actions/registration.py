"""Somebody asks for an account; the operator opens it or says why not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.actions.agreements import bind_consents, consent_of_registration, not_read_yet
from xinshu.accounts.actions.codes import send_code, take_code
from xinshu.accounts.actions.membership import create_organisation, give_code, join_organisation, open_account
from xinshu.accounts.agreements import Opened, Origin
from xinshu.accounts.assurance.keeping import keep_proven_phone
from xinshu.accounts.kinds import first_role
from xinshu.accounts.lifecycle import REGISTRATION
from xinshu.accounts.models import Agreement, Member, Organisation, Registration, SentCode, User
from xinshu.accounts.passwords import weaknesses
from xinshu.core import uscc
from xinshu.core.actors import Actor
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.recording import record

USER_NAME = re.compile(r"[a-z][a-z0-9._-]{3,29}")
MOBILE = re.compile(r"1\d{10}")
NOWHERE = Origin()


@dataclass(frozen=True)
class Stranger:
    """Somebody who has no account yet: the `by` of a registration."""

    actor_key: str = "stranger"
    actor_label: str = "注册申请人"

    def can(self, permission: str) -> bool:
        return False


@dataclass(frozen=True)
class Wish:
    """What somebody who registers hands in, as typed."""

    side: str
    kind: str
    organisation_name: str
    uscc: str
    contact_name: str
    phone: str
    username: str


def register(
    wish: Wish, password: str, *, agreed: bool, opened: Opened | None = None, origin: Origin = NOWHERE, at: datetime
) -> Registration:
    """Ask for an account. The same wish with the same password, sent twice, is one registration.

    `opened` is when the agreements in force were shown; consents to them are kept with the registration.

    Raises Invalid with the fields that do not hold, NotNow when the user name or the person is already waiting.
    """
    agreements = list(Agreement.objects.current())
    fields = _read(wish, password, _disagreement(agreements, opened, agreed, at))
    if (same := _same_that_waits(fields, password)) is not None:
        return same
    hashed = make_password(password)  # slow on purpose, so before the transaction and not within
    try:
        return _submit(fields, hashed, agreements, opened, origin, at)
    except NotNow:
        if (same := _same_that_waits(fields, password)) is not None:  # a double click: both were on their way
            return same
        raise


def ask_for_registration_code(phone: str, *, address: str, at: datetime) -> str:
    """Send a code to the mobile of somebody who wants to register quickly; returns the number without gaps."""
    phone = phone.replace(" ", "").replace("-", "")
    if not MOBILE.fullmatch(phone):
        raise Invalid(_("手机号有误，验证码没有发送。"), fields={"phone": _("手机号是 11 位数字，以 1 开头")})
    send_code(phone, SentCode.Purpose.REGISTER, to_somebody=True, address=address, at=at)
    return phone


def register_quickly(
    phone: str,
    code: str,
    password: str,
    *,
    agreed: bool,
    opened: Opened | None = None,
    origin: Origin = NOWHERE,
    at: datetime,
) -> Registration:
    """Ask for a person's account with nothing but a mobile, the code sent to it, and a password (快捷注册).

    The number is the user name; everything else is filled in later. Raises Invalid, WrongCode, NotNow.
    """
    name = f"手机用户{phone[-4:]}"
    kind, side = Organisation.Kind.PERSON, Registration.Side.APPLICANT
    agreements = list(Agreement.objects.current())
    disagreement = _disagreement(agreements, opened, agreed, at)
    fields = _read(Wish(side, kind, name, "", name, phone, phone), password, disagreement, names=MOBILE)
    take_code(fields["phone"], SentCode.Purpose.REGISTER, code, at=at)
    return _submit(fields, make_password(password), agreements, opened, origin, at, phone_proven=True)


def _disagreement(agreements: Sequence[Agreement], opened: Opened | None, agreed: bool, at: datetime) -> str:
    """Return why somebody who registers has not agreed; "" when they have."""
    return not_read_yet(agreements, opened, at) or ("" if agreed else _("请先阅读并勾选"))


def _same_that_waits(fields: dict[str, str], password: str) -> Registration | None:
    waiting = Registration.objects.filter(username=fields["username"], phone=fields["phone"], state="submitted").first()
    return waiting if waiting is not None and check_password(password, waiting.password) else None


@transaction.atomic
def _submit(
    fields: dict[str, str],
    hashed: str,
    agreements: Sequence[Agreement],
    opened: Opened | None,
    origin: Origin,
    at: datetime,
    *,
    phone_proven: bool = False,
) -> Registration:
    versions = " ".join(f"{one.kind}-{one.number}" for one in agreements)
    if User.objects.filter(username=fields["username"]).exists():
        raise Invalid(_("用户名已被使用。"), fields={"username": _("用户名已被使用，请换一个")})
    try:
        with transaction.atomic():
            registration = Registration.objects.create(
                **fields,
                password=hashed,
                phone_proven=phone_proven,
                agreement=versions,
                state="submitted",
                submitted_at=at,
            )
    except IntegrityError:
        raise NotNow(
            _("这个用户名或手机号已有一份注册申请在审核。"),
            advice=_("凭查询号可以看到进度；审核结束前不必重复提交。"),
        ) from None
    record(
        "registration.submitted",
        registration,
        by=Stranger(),
        at=at,
        side=registration.side,
        organisation_kind=registration.kind,
        organisation=registration.organisation_name,
        agreement=versions,
    )
    if opened is not None:
        consent_of_registration(agreements, opened, registration, by=Stranger(), origin=origin, at=at)
    return registration


@transaction.atomic
def approve_registration(registration: Registration, *, by: Actor, at: datetime) -> Registration:
    """Open the account: the person becomes the first member of a new organisation, or joins the one that is there.

    Raises NotNow when that organisation cannot take them, or when the user name is gone meanwhile.
    """
    registration = Registration.objects.locked(registration)
    step = REGISTRATION.step("approve", registration, by)
    organisation = organisation_for(registration)
    if organisation is not None and not organisation.active:
        raise NotNow(
            _("%(name)s已被停用，不能加入新成员。") % {"name": organisation.name},
            advice=_("请先恢复该机构，或退回注册申请。"),
        )
    role = first_role(registration.side, organisation.kind if organisation else registration.kind)
    if role is None:
        kind = organisation.get_kind_display() if organisation else registration.get_kind_display()
        raise NotNow(
            _("平台上这个统一社会信用代码的机构是%(kind)s，不能以%(side)s身份注册。")
            % {"kind": kind, "side": registration.get_side_display()},
            advice=_("请退回注册申请，写明应选的机构类型。"),
        )
    if organisation is None:
        organisation = create_organisation(
            registration.organisation_name, registration.kind, code=registration.uscc or None, by=by, at=at
        )
    elif organisation.uscc is None:
        give_code(organisation, registration.uscc, by=by, at=at)
    user = open_account(
        registration.username,
        registration.password,
        name=registration.contact_name,
        phone=registration.phone,
        by=by,
        at=at,
    )
    member = join_organisation(user, organisation, [role], by=by, at=at)
    bind_consents(registration, member)
    if registration.phone_proven:
        keep_proven_phone(user, registration.submitted_at)
    registration.change(step, decided_at=at, decided_by=_decider(by), member=member, password="")
    record("registration.approved", registration, by=by, at=at, account=user.username, organisation=organisation.name)
    return registration


@transaction.atomic
def refuse_registration(registration: Registration, *, reason: str, by: Actor, at: datetime) -> Registration:
    """Say no, and why; the person may register again."""
    registration = Registration.objects.locked(registration)
    step = REGISTRATION.step("refuse", registration, by)
    reason = reason.strip()
    if not reason:
        raise Invalid(_("请写明退回原因，申请人会看到。"), fields={"reason": _("请写明退回原因")})
    registration.change(step, decided_at=at, decided_by=_decider(by), reason=reason, password="")
    record("registration.refused", registration, by=by, at=at, account=registration.username, reason=reason)
    return registration


def organisation_for(registration: Registration) -> Organisation | None:
    """Return the organisation on the platform that `registration` would join, or None when a new one is to be made.

    It is the one with the same code; else the only one of the same name and kind that has neither code nor members, as
    an import of award notices leaves it.
    """
    if not registration.uscc:
        return None
    with_code = Organisation.objects.filter(uscc=registration.uscc).first()
    if with_code is not None:
        return with_code
    unclaimed = Organisation.objects.filter(
        name=registration.organisation_name, kind=registration.kind, uscc=None, members=None
    )[:2]
    return unclaimed[0] if len(unclaimed) == 1 else None


def _read(wish: Wish, password: str, disagreement: str, *, names: re.Pattern[str] = USER_NAME) -> dict[str, str]:
    """Return the columns of a registration. Raises Invalid, naming every field that does not hold."""
    wrong: dict[str, str] = {}
    is_person = wish.kind == Organisation.Kind.PERSON
    contact = wish.contact_name.strip()
    name = contact if is_person else wish.organisation_name.strip()
    code = "" if is_person else uscc.normalise(wish.uscc)
    phone = wish.phone.replace(" ", "").replace("-", "")
    username = wish.username.strip().lower()
    if wish.side not in Registration.Side.values:
        wrong["side"] = _("请选择注册身份")
    elif wish.kind not in Organisation.Kind.values or first_role(wish.side, wish.kind) is None:
        wrong["kind"] = _("这个身份不能选这类机构")
    if not contact:
        wrong["contact_name"] = _("请填写姓名")
    if not name and not is_person:
        wrong["organisation_name"] = _("请填写营业执照或批文上的机构全称")
    if not is_person and (problems := uscc.problems(code)):
        wrong["uscc"] = problems[0] + uscc.hint(code)
    if not MOBILE.fullmatch(phone):
        wrong["phone"] = _("手机号是 11 位数字，以 1 开头")
    if not names.fullmatch(username):
        wrong["username"] = _("用户名是 4 至 30 位字母、数字、点、横线，以字母开头")
    if weak := weaknesses(password, User(username=username, name=contact, phone=phone)):
        wrong["password"] = weak
    if disagreement:
        wrong["agreed"] = disagreement
    if wrong:
        raise Invalid(_("有 %(count)d 项需要修改，其余内容已保留。") % {"count": len(wrong)}, fields=wrong)
    return {
        "side": wish.side,
        "kind": wish.kind,
        "organisation_name": name,
        "uscc": code,
        "contact_name": contact,
        "phone": phone,
        "username": username,
    }


def _decider(by: Actor) -> Member | None:
    return by if isinstance(by, Member) else None
