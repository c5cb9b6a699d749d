"""People prove who they are beyond signing in: by a code to their phone, the app on it, their real name.

Every use of a method is kept (IdentityCheck), passed or not; of what was compared only a covered mark stays.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts import realnames
from xinshu.accounts.actions.codes import WrongCode, send_code, take_code
from xinshu.accounts.actions.second_factor import WrongSecondFactor, due
from xinshu.accounts.actions.sessions import prove_second_factor
from xinshu.accounts.assurance.holding import held_by
from xinshu.accounts.assurance.methods import METHODS
from xinshu.accounts.assurance.settings import Settings, in_force, shipped
from xinshu.accounts.models import IdentityCheck, Member, SentCode, User
from xinshu.core import masking, resident_id
from xinshu.core.refusals import Invalid, NotNow, Refusal
from xinshu.ledger.recording import record

TRIES = 5  # real names a day: a source costs money, and somebody may be guessing
Outcome = IdentityCheck.Outcome


class NotProven(Refusal):
    """The source says no, or nothing at all."""

    title = "认证没有通过"


class TooOften(Refusal):
    """Too many tries today."""

    status = 429
    title = "今天已试过多次"


def settings_now() -> Settings:
    """Return what holds now, or what the platform ships with: for pages, where nothing is in force yet."""
    return in_force() or Settings(shipped())


def ask_for_code(member: Member, *, address: str, at: datetime) -> None:
    """Send a code to the mobile of one's own account. Raises NotNow without a mobile, TooMany beyond the limits."""
    _must_be_on("sms")
    if not member.user.phone:
        raise NotNow(_("账号没有登记手机号。"), advice=_("请联系管理员登记后再试。"))
    send_code(member.user.phone, SentCode.Purpose.PROVE, to_somebody=True, address=address, at=at)


def prove_by_sms(member: Member, code: str, *, at: datetime) -> IdentityCheck:
    """Prove that one's mobile is at hand. Raises WrongCode, which is kept too."""
    _must_be_on("sms")
    phone = member.user.phone
    try:
        take_code(phone, SentCode.Purpose.PROVE, code, at=at)
    except WrongCode as wrong:
        keep_check(member, "sms", Outcome.FAILED, words=wrong.message, mark=masking.phone(phone), at=at)
        raise
    return keep_check(member, "sms", Outcome.PASSED, mark=masking.phone(phone), at=at)


def prove_by_app(member: Member, code: str, *, address: str, at: datetime) -> IdentityCheck:
    """Prove that one's phone is at hand, by its app. Five wrong codes close the way for a quarter of an hour."""
    _must_be_on("totp")
    if due(member.user) != "code":
        raise NotNow(_("还没有绑定动态口令。"), advice=_("请先绑定手机。"))
    try:
        prove_second_factor(member.user, code, address=address, at=at)
    except WrongSecondFactor as wrong:
        raise Invalid(wrong.message, advice=wrong.advice, fields={"code": wrong.message}) from wrong
    return keep_check(member, "totp", Outcome.PASSED, at=at)


def prove_real_name(member: Member, number: str, *, three: bool, agreed: bool, at: datetime) -> IdentityCheck:
    """Have name and 公民身份号码 compared, with `three` the proven mobile too. Asks outside, between two transactions.

    Raises Invalid, NotNow where the mobile is not proven, TooOften after five tries in a day, NotProven.
    """
    method = "real_name_3" if three else "real_name_2"
    way = _must_be_on(method)
    number = resident_id.normalise(number)
    if wrong := resident_id.problems(number):
        raise Invalid(_("没有提交核验，请修改。"), fields={"number": wrong[0]})
    if not agreed:
        raise Invalid(
            _("没有提交核验：还没有同意。"), fields={"agreed": _("身份证号码是敏感个人信息，须您单独同意才能核验")}
        )
    user = member.user
    if three and not any(one.method.code == "sms" for one in held_by(user, settings_now(), at)):
        raise NotNow(_("三要素要用已验证的手机号。"), advice=_("请先用短信验证码验证手机号，再做三要素。"))
    check = _take_a_try(member, method, way.label, masking.id_number(number), at)
    try:
        word = way.compare(user.name, number, user.phone if three else "")
    except realnames.NoWord as silence:
        _close(check, Outcome.SILENT, str(silence), member, at)
        raise NotProven(f"{silence}。", advice=_("没有计入次数，请稍后再试；已有的认证不受影响。")) from silence
    if not word.agrees:
        _close(check, Outcome.FAILED, word.words, member, at)
        raise NotProven(f"{word.words}。", advice=_("请核对姓名、号码和手机号；姓名与账号不符的，请联系管理员更正。"))
    return _close(check, Outcome.PASSED, "", member, at)


@transaction.atomic
def take_back(check: IdentityCheck, *, by: Member, at: datetime) -> None:
    """Withdraw what one has proven by real name: from now on it does not count. Raises NotNow for another kind."""
    check = IdentityCheck.objects.select_for_update().get(pk=check.pk)
    if check.user_id != by.user_id or not check.method.startswith("real_name") or check.outcome != Outcome.PASSED:
        raise NotNow(_("这条认证不能撤回。"), advice=_("只有本人的实名核验可以撤回。"))
    if check.ended_at is not None:
        raise NotNow(_("这条认证已经撤回。"))
    standing = IdentityCheck.objects.standing().filter(user=check.user_id, method=check.method)
    standing.update(ended_at=at)
    record("identity.taken_back", check, by=by, at=at, method=check.method)


@transaction.atomic
def keep_check(
    member: Member, method: str, outcome: str, *, words: str = "", mark: str = "", at: datetime
) -> IdentityCheck:
    """Keep one use of a method by a person, and record it."""
    check = IdentityCheck.objects.create(
        user=member.user, by=member, method=method, outcome=outcome, source=str(METHODS[method].source),
        words=words[:200], mark=mark, at=at,
    )  # fmt: skip
    _record(check, member, at)
    return check


@transaction.atomic
def _take_a_try(member: Member, method: str, source: str, mark: str, at: datetime) -> IdentityCheck:
    User.objects.locked(member.user)  # many at once wait here, or all would find the count still low
    tried = IdentityCheck.objects.filter(
        user=member.user, method__startswith="real_name", at__gt=at - timedelta(days=1)
    )
    if tried.exclude(outcome__in=[Outcome.PASSED, Outcome.SILENT]).count() >= TRIES:
        raise TooOften(
            _("今天已有 %(n)d 次没有通过，24 小时后可以再试。") % {"n": TRIES}, advice=_("也可以先用其他认证方式。")
        )
    return IdentityCheck.objects.create(
        user=member.user, by=member, method=method, outcome=Outcome.OPEN, source=source, mark=mark, at=at
    )


@transaction.atomic
def _close(check: IdentityCheck, outcome: str, words: str, member: Member, at: datetime) -> IdentityCheck:
    check.outcome, check.words = outcome, words[:200]
    check.save(update_fields=["outcome", "words"])
    _record(check, member, at)
    return check


def _record(check: IdentityCheck, by: Member, at: datetime) -> None:
    kind = "identity.proven" if check.outcome == Outcome.PASSED else "identity.not_proven"
    record(kind, check, by=by, at=at, method=check.method, source=check.source, why=check.words)


def _must_be_on(code: str) -> realnames.RealNames:
    """Return the provider of real names, for those that need it. Raises NotNow where a method is not to be used."""
    way = realnames.provider()
    if not settings_now().is_on(METHODS[code]):
        raise NotNow(
            _("“%(method)s”现在没有开通。") % {"method": METHODS[code].name}, advice=_("请改用页面上的其他方式。")
        )
    return way  # type: ignore[return-value]  # is_on has asked whether there is one
