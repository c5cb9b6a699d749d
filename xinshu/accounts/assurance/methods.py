"""The table of methods. A floor above adds its own (certification: those of firms); the level table switches them."""

# ruff: noqa: E501, S106  (a table is read across; no password stands in it)

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinshu.accounts import faces, realnames
from xinshu.accounts.codes import channel
from xinshu.accounts.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PERSON, FIRM = "person", "firm"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # of what stands without anybody knowing since when
SIDES = {PERSON: _("个人"), FIRM: _("机构")}


@dataclass(frozen=True)
class Method:
    """One way of proving: how strong, whom it asks, for how many days it stays good, where it is used.

    `stands`: since when it stands with somebody, read from what is there anyway; None of it: from the checks alone.
    `days` 0: as long as it stands. `fixed`: cannot be switched off, everybody has it.
    """

    code: str
    side: str
    name: "StrOrPromise"
    strength: int
    source: "StrOrPromise"
    days: int
    how: "StrOrPromise"
    page: str
    stands: Callable[[Any], datetime | None] | None = None
    crowd: Callable[[], Q] | None = None  # the same for many at once, as a condition on users or organisations
    available: Callable[[], bool] = lambda: True
    fixed: bool = False


def _password(user: User) -> datetime | None:
    if not user.has_usable_password():
        return None
    return user.password_changed_at or user.created_at or LONG_AGO


def _phone_app(user: User) -> datetime | None:
    factor = getattr(user, "second_factor", None)
    return factor.confirmed_at if factor else None


def _face(user: User) -> datetime | None:
    face = getattr(user, "face_factor", None)
    return face.bound_at if face is not None and _phone_app(user) is not None else None


def codes_are_sent() -> bool:
    """Tell whether this installation can send codes by SMS."""
    way = channel()
    return way is not None and way.ready()


METHODS: dict[str, Method] = {}


def add_methods(*methods: Method) -> None:
    """Put methods into the table. Called at start-up."""
    METHODS.update({method.code: method for method in methods})


MINE = "accounts:identity"
add_methods(
    #      code         side    name               strength  source              days  how it is raised               page
    Method("password", PERSON, _("密码"),            1, _("本平台"),             0, _("开通账号时设置"), "accounts:password",
           _password, lambda: ~Q(password__startswith="!"), fixed=True),
    Method("sms", PERSON, _("短信验证码"),           2, _("运营商短信通道"),   180, _("向账号登记的手机号发送验证码"), MINE,
           available=codes_are_sent),
    Method("real_name_2", PERSON, _("实名二要素"),   2, _("实名核验服务"),     730, _("核对姓名与身份证号码"), MINE,
           available=realnames.available),
    Method("real_name_3", PERSON, _("实名三要素"),   3, _("实名核验服务"),     730, _("核对姓名、身份证号码与已验证的手机号"), MINE,
           available=realnames.available),
    Method("totp", PERSON, _("动态口令"),            3, _("本人手机上的应用"),   0, _("绑定手机，登录时与密码一起使用"),
           "accounts:second_factor", _phone_app, lambda: Q(second_factor__confirmed_at__isnull=False)),
    Method("face", PERSON, _("人脸识别（另绑手机）"), 4, _("人脸核验服务"),      0, _("先绑定动态口令，再与证件照片比对一次"),
           "accounts:own_face", _face, lambda: Q(face_factor__isnull=False, second_factor__confirmed_at__isnull=False),
           available=faces.available),
)  # fmt: skip


def methods_of(side: str) -> list[Method]:
    """Return the methods of persons, or of firms, the weakest first."""
    return sorted((one for one in METHODS.values() if one.side == side), key=lambda one: one.strength)
