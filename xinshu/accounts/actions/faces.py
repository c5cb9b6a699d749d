"""A face as second factor beside the phone: opened after a consent of its own, checked at the provider, closed."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from xinshu.accounts import faces
from xinshu.accounts.actions.second_factor import due
from xinshu.accounts.agreements import Kind, standing_consent
from xinshu.accounts.models import FaceCheck, FaceFactor, Member, User
from xinshu.core import resident_id
from xinshu.core.actors import Actor
from xinshu.core.refusals import Invalid, NotNow, Refusal
from xinshu.core.sm import sm4_decrypt, sm4_encrypt
from xinshu.ledger.recording import record

VALID_FOR = timedelta(minutes=10)
State = FaceCheck.State


class FaceRefused(Refusal):
    """The provider says no, or it is too late: another verification may be begun."""

    title = "人脸识别没有通过"


class FaceWaiting(NotNow):
    """There is no result yet: nothing is lost by asking again."""

    title = "人脸识别还没有结果"


def usable(user: User) -> bool:
    """Tell whether `user` may prove themselves by face now: opened, consent standing, and a phone as the other way."""
    return (
        faces.available()
        and FaceFactor.objects.filter(user=user).exists()
        and due(user) == "code"
        and standing_consent(user, Kind.FACE) is not None
    )


def begin_binding(member: Member, number: str, *, at: datetime) -> FaceCheck:
    """Begin the verification that opens sign-in by face, of the person with this 公民身份号码.

    Raises NotNow without a phone or without consent, Invalid for a number that is none or not of this name.
    """
    user = member.user
    if due(user) != "code":
        raise NotNow(_("还没有绑定动态口令。"), advice=_("人脸识别只作另一种选择，请先绑定动态口令。"))
    if standing_consent(user, Kind.FACE) is None:
        raise NotNow(_("还没有同意人脸信息处理规则。"), advice=_("请先阅读并单独同意。"))
    if FaceFactor.objects.filter(user=user).exists():
        raise NotNow(_("人脸识别已经开启。"))
    number = resident_id.normalise(number)
    if wrong := resident_id.problems(number):
        raise Invalid(wrong[0], fields={"number": wrong[0]})
    return _begin(user, FaceCheck.Purpose.BIND, number, at)


def begin_sign_in_check(user: User, *, at: datetime) -> FaceCheck:
    """Begin the verification of somebody whose first factor was right. Raises NotNow where they cannot use it."""
    if not usable(user):
        raise NotNow(_("现在不能用人脸识别。"), advice=_("请输入动态口令。"))
    return _begin(user, FaceCheck.Purpose.SIGN_IN, number_of(FaceFactor.objects.get(user=user)), at)


def finish_check(check: FaceCheck, *, by: Actor, at: datetime) -> None:
    """Ask the provider how `check` ended, and take its word once; binding opens sign-in by face.

    Raises FaceWaiting, FaceRefused; NotNow for a check that was decided before, however often the provider answers.
    """
    check.refresh_from_db()
    if check.state != State.OPEN:
        raise NotNow(_("这次人脸核验已经用过或已结束。"), advice=_("请重新开始，或输入动态口令。"))
    if at >= check.begun_at + VALID_FOR:
        raise _no(check, State.LAPSED, _("这次人脸核验已过期"), "", by, at)
    way = faces.provider()
    if way is None:
        raise NotNow(_("本平台没有开通人脸识别。"), advice=_("请输入动态口令。"))
    verdict = way.result(check.token)  # outside any transaction: the other side may be slow
    if isinstance(verdict, faces.Waiting):
        raise FaceWaiting(f"{verdict.reason}。", advice=_("请在手机上完成后再点一次，或改用动态口令。"))
    if isinstance(verdict, faces.Refused):
        raise _no(check, State.REFUSED, verdict.reason, verdict.code, by, at)
    number = number_of(check)
    told, expected = (verdict.name, verdict.number, verdict.extra), (check.user.name, number, check.reference)
    if not all(constant_time_compare(one, other) for one, other in zip(told, expected, strict=True)):
        raise _no(check, State.REFUSED, _("核验结果不属于这一次"), "extra", by, at)
    _pass(check, number, by, at)


@transaction.atomic
def _pass(check: FaceCheck, number: str, by: Actor, at: datetime) -> None:
    _decide(check, State.PASSED, "", at)
    if check.purpose == FaceCheck.Purpose.BIND:
        # What it rests on may have gone while the person was at the provider.
        if due(check.user) != "code" or standing_consent(check.user, Kind.FACE) is None:
            raise NotNow(_("动态口令或同意已经撤销，人脸识别没有开启。"))
        FaceFactor.objects.get_or_create(user=check.user, defaults={"number": _sealed(number), "bound_at": at})
        record("account.face_bound", check.user, by=by, at=at, account=check.user.username)
    elif not usable(check.user):
        raise NotNow(_("现在不能用人脸识别。"), advice=_("请输入动态口令。"))


@transaction.atomic
def remove_face(member: Member, *, at: datetime) -> None:
    """Close sign-in by face, and forget whom the provider compared with. Raises NotNow when it is not open."""
    deleted, _rows = FaceFactor.objects.filter(user=member.user).delete()
    if not deleted:
        raise NotNow(_("人脸识别没有开启。"))
    FaceCheck.objects.filter(user=member.user).delete()
    record("account.face_removed", member.user, by=member, at=at, account=member.user.username)


def number_of(row: FaceCheck | FaceFactor) -> str:
    """Return the 公民身份号码 that a row keeps encrypted."""
    return sm4_decrypt(_key(), bytes(row.number)).decode()


def _begin(user: User, purpose: str, number: str, at: datetime) -> FaceCheck:
    way = faces.provider()
    if way is None:
        raise NotNow(_("本平台没有开通人脸识别。"))
    check = FaceCheck(user=user, purpose=purpose, number=_sealed(number), begun_at=at)
    try:
        begun = way.begin(user.name, number, check.reference)
    except faces.NotBegun as error:
        if error.about_number:
            raise Invalid(f"{error}。", fields={"number": str(error)}) from error
        raise NotNow(f"{error}。", advice=_("请稍后再试，或使用动态口令。")) from error
    check.token, check.url = begun.token, begun.url
    check.save()
    return check


@transaction.atomic
def _no(check: FaceCheck, state: State, reason: str, code: str, by: Actor, at: datetime) -> FaceRefused:
    _decide(check, state, reason, at)
    record(
        "account.face_refused", check.user, by=by, at=at, account=check.user.username, purpose=check.purpose,
        why=reason, code=code,
    )  # fmt: skip
    return FaceRefused(f"{reason}。", advice=_("可以重新开始，或使用动态口令。"))


def _decide(check: FaceCheck, state: State, why: str, at: datetime) -> None:
    """Take the provider's word: the first answer counts, whatever comes after it does not."""
    open_one = FaceCheck.objects.filter(pk=check.pk, state=State.OPEN)
    if not open_one.update(state=state, why=why, decided_at=at, number=b"", url=""):
        raise NotNow(_("这次人脸核验已经用过或已结束。"), advice=_("请重新开始，或输入动态口令。"))


def _sealed(number: str) -> bytes:
    return sm4_encrypt(_key(), number.encode())


def _key() -> bytes:
    return bytes.fromhex(settings.FILE_KEY)
