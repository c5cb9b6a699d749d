"""The methods by which firms prove who they are, for the table of methods (accounts/assurance)."""

# ruff: noqa: E501  (a table is read across)

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.actions.faces import number_of
from xinshu.accounts.assurance.methods import FIRM, LONG_AGO, Method, add_methods
from xinshu.accounts.models import FaceFactor, Organisation
from xinshu.certification.models import Certification
from xinshu.certification.paying import payer
from xinshu.certification.registry import register
from xinshu.core import uscc
from xinshu.core.clock import now
from xinshu.integrations.models import ApiKey

KEY_USED = timedelta(days=365)
ELEMENTS = {"firm_elements_2": 2, "firm_elements_3": 3, "firm_elements_4": 4}
TRANSFER = "firm_transfer"


def _licence(firm: Organisation) -> datetime | None:
    return LONG_AGO if firm.uscc and not uscc.problems(firm.uscc) else None


def _certified(firm: Organisation) -> datetime | None:
    """Return since when; a firm that the operator entered as verified has no day."""
    if not firm.verified:
        return None
    row = Certification.objects.filter(organisation=firm, state="approved").first()
    return row.decided_at if row and row.decided_at else LONG_AGO


def _key(firm: Organisation) -> datetime | None:
    """Return when the firm last signed a call with its SM2 key, of those that are live."""
    keys = ApiKey.objects.filter(client__organisation=firm, kind=ApiKey.Kind.SM2, revoked_at=None)
    return keys.exclude(last_used_at=None).order_by("-last_used_at").values_list("last_used_at", flat=True).first()


def _representative(firm: Organisation) -> datetime | None:
    """Return since when the certified legal representative proves itself by face among the firm's own people.

    The same 公民身份号码 as in the certification: the provider has compared that face with the state's register.
    """
    row = Certification.objects.filter(organisation=firm, state="approved").first()
    if row is None:
        return None
    faces = FaceFactor.objects.filter(
        user__members__organisation=firm, user__members__active=True, user__name=row.representative,
        user__second_factor__confirmed_at__isnull=False,
    )  # fmt: skip
    number = row.number
    return next((face.bound_at for face in faces if number_of(face) == number), None)


def _with_representative() -> Q:
    """Return the condition for many: few firms have one with a face, so that each is looked at."""
    firms = Organisation.objects.filter(certifications__state="approved", members__user__face_factor__isnull=False)
    return Q(pk__in=[firm.pk for firm in firms.distinct() if _representative(firm)])


def _with_key() -> Q:
    keys = ApiKey.objects.filter(
        client__organisation=OuterRef("pk"), kind=ApiKey.Kind.SM2, revoked_at=None, last_used_at__gt=now() - KEY_USED
    )
    return Q(Exists(keys))


def _takes(count: int) -> bool:
    way = register()
    return way is not None and count in way.takes


MINE = "certification:proofs"
add_methods(
    #      code              side  name                       strength  source            days  how it is raised
    Method("firm_licence", FIRM, _("营业执照代码（校验位）"),   1, _("本平台"),            0, _("登记统一社会信用代码"), MINE,
           _licence, lambda: Q(uscc__isnull=False), fixed=True),
    Method("firm_elements_2", FIRM, _("企业二要素"),            2, _("登记机关"),        365, _("核对名称与信用代码"), MINE,
           available=lambda: _takes(2)),
    Method("firm_elements_3", FIRM, _("企业三要素"),            2, _("登记机关"),        365, _("核对名称、信用代码与法定代表人"), MINE,
           available=lambda: _takes(3)),
    Method("firm_elements_4", FIRM, _("企业四要素"),            3, _("登记机关"),        365, _("核对名称、信用代码、法定代表人与其身份证号码"), MINE,
           available=lambda: _takes(4)),
    Method(TRANSFER, FIRM, _("打款认证"),                       3, _("打款银行"),        730, _("向对公账户打一笔小额款，回填金额"), MINE,
           available=lambda: payer() is not None),
    Method("firm_certified", FIRM, _("企业认证"),               3, _("登记机关与平台审核"), 0, _("提交执照、法定代表人证件和授权书"), "certification:mine",
           _certified, lambda: Q(verified=True)),
    Method("firm_key", FIRM, _("企业密钥（SM2 签名）"),         3, _("系统对接"),        365, _("用登记的 SM2 密钥签名调用接口"), "integrations:clients",
           _key, _with_key),
    Method("firm_face", FIRM, _("法定代表人人脸"),              4, _("人脸核验服务"),      0, _("企业认证之后，法定代表人本人在自己的账号开启人脸识别"), "accounts:own_face",
           _representative, _with_representative),
)  # fmt: skip
