"""The people of the demo city 云州: invented organisations and one account per role. Never in production."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from xinshu.accounts.actions.agreements import give_consent, publish_shipped
from xinshu.accounts.actions.identity import keep_check
from xinshu.accounts.actions.levels import install_levels
from xinshu.accounts.actions.membership import create_organisation, join_organisation, open_account
from xinshu.accounts.agreements import Opened, Origin, owed_by
from xinshu.accounts.models import Agreement, IdentityCheck, Member, Organisation, User
from xinshu.core import masking
from xinshu.core.actors import SYSTEM
from xinshu.core.uscc import check_digit, organisation_check_digit

DEMO_ORIGIN = Origin("192.0.2.10", "演示数据")
PASSWORD = "xinshu-demo"  # noqa: S105  (known to everybody on purpose)
REGION = "339900"  # assigned to no place
Kind = Organisation.Kind


@dataclass(frozen=True)
class DemoOrganisation:
    """An invented organisation; `authority` is the first two signs of its code: who registered it, and as what."""

    name: str
    kind: Organisation.Kind
    authority: str
    body: str  # eight signs of its organisation code

    @property
    def uscc(self) -> str:
        code = f"{self.authority}{REGION}{self.body}{organisation_check_digit(self.body)}"
        return code + check_digit(code)


GUARANTOR = "云州融信融资担保有限公司"
ENTERPRISE = "云州恒达路桥工程有限公司"
SECOND_GUARANTOR = "云州安诚融资担保有限公司"
INSTITUTION = "云州临港新区建设管理中心"
DEPARTMENT = "云州市住房和城乡建设局"
BANK = "云州银行股份有限公司"
INSURER = "云州财产保险股份有限公司"
OPERATOR = "云州信枢运营有限公司"

ORGANISATIONS = (
    DemoOrganisation(GUARANTOR, Kind.GUARANTOR, "91", "MADEM001"),
    DemoOrganisation(SECOND_GUARANTOR, Kind.GUARANTOR, "91", "MADEM002"),
    DemoOrganisation(ENTERPRISE, Kind.ENTERPRISE, "91", "MADEM003"),
    DemoOrganisation("云州市政建设集团有限公司", Kind.ENTERPRISE, "91", "MADEM004"),
    DemoOrganisation("云州华川建筑工程有限公司", Kind.ENTERPRISE, "91", "MADEM005"),
    DemoOrganisation("云州远拓机电安装有限公司", Kind.ENTERPRISE, "91", "MADEM006"),
    DemoOrganisation("云州青禾园林景观有限公司", Kind.ENTERPRISE, "91", "MADEM007"),
    DemoOrganisation("云州数联信息技术有限公司", Kind.ENTERPRISE, "91", "MADEM008"),
    DemoOrganisation(INSTITUTION, Kind.INSTITUTION, "12", "MBDEM001"),
    DemoOrganisation("云州市公路事业发展中心", Kind.INSTITUTION, "12", "MBDEM002"),
    DemoOrganisation("云州市第一人民医院", Kind.INSTITUTION, "12", "MBDEM003"),
    DemoOrganisation("云州市水务投资有限公司", Kind.ENTERPRISE, "91", "MADEM009"),
    DemoOrganisation(DEPARTMENT, Kind.DEPARTMENT, "11", "MBDEM004"),
    DemoOrganisation(BANK, Kind.BANK, "91", "MADEM010"),
    DemoOrganisation(INSURER, Kind.INSURER, "91", "MADEM011"),
    DemoOrganisation(OPERATOR, Kind.OPERATOR, "91", "MADEM012"),
)

PEOPLE = (
    # user name     name      in which organisations, as what
    ("applicant",   "陈思远", [(ENTERPRISE, "applicant")]),
    ("manager",     "林晓芸", [(GUARANTOR, "manager"), (SECOND_GUARANTOR, "manager")]),
    ("reviewer",    "周慕白", [(GUARANTOR, "reviewer")]),
    ("director",    "江望舒", [(GUARANTOR, "director")]),
    ("signer",      "沈砚秋", [(GUARANTOR, "signer")]),
    ("examiner",    "苏晚晴", [(GUARANTOR, "examiner")]),
    ("finance",     "白露宁", [(GUARANTOR, "finance")]),
    ("beneficiary", "许清和", [(INSTITUTION, "beneficiary")]),
    ("department",  "方明远", [(DEPARTMENT, "department")]),
    ("bank",        "顾念安", [(BANK, "bank")]),
    ("insurer",     "陆知行", [(INSURER, "insurer")]),
    ("orgadmin",    "程以安", [(GUARANTOR, "orgadmin"), (ENTERPRISE, "orgadmin")]),
    ("operator",    "何以宁", [(OPERATOR, "operator")]),
    ("sysadmin",    "唐景行", [(OPERATOR, "sysadmin")]),
    ("secadmin",    "宋子衿", [(OPERATOR, "secadmin")]),
    ("auditor",     "叶知秋", [(OPERATOR, "auditor")]),
)  # fmt: skip


@transaction.atomic
def create_demo_people(at: datetime) -> dict[str, Organisation]:
    """Make sure that the demo organisations and accounts exist; return the organisations by name.

    A second run creates nothing. Raises ImproperlyConfigured in production.
    """
    if settings.PRODUCTION:
        raise ImproperlyConfigured("Demo accounts have a public password: production refuses them.")
    here = {found.uscc: found for found in Organisation.objects.filter(uscc__in=[o.uscc for o in ORGANISATIONS])}
    organisations = {
        wanted.name: here.get(wanted.uscc)
        or create_organisation(
            wanted.name, wanted.kind, code=wanted.uscc, region_code=REGION, verified=True, by=SYSTEM, at=at
        )
        for wanted in ORGANISATIONS
    }
    known = set(User.objects.filter(username__in=[name for name, *_rest in PEOPLE]).values_list("username", flat=True))
    missing = [person for person in PEOPLE if person[0] not in known]
    # One slow hash for all of them: the password is public anyway.
    hashed = make_password(PASSWORD) if missing else ""
    publish_shipped(at)
    for number, (username, name, places) in enumerate(missing, start=1):
        phone = f"1230000{6000 + number}"  # 123: a prefix that no operator uses
        user = open_account(username, hashed, name=name, phone=phone, by=SYSTEM, at=at)
        for place, role in places:
            member = join_organisation(user, organisations[place], [role], by=SYSTEM, at=at)
            _agree(member, at)
    return organisations


def _agree(member: Member, at: datetime) -> None:
    """Have somebody of the demo agree to the terms: visitors come to see the desk."""
    give_consent(owed_by(member), read_at(at), agreed=True, by=member, origin=DEMO_ORIGIN, at=at)


def create_demo_levels(at: datetime) -> None:
    """Put the shipped levels in force, for people who proved name and phone a while ago; some tried twice."""
    for number, member in enumerate(Member.objects.acting().order_by("user", "pk").distinct()):
        then = at - timedelta(days=5 + number % 60, minutes=number)
        if IdentityCheck.objects.filter(user=member.user_id, method="real_name_3").exists():
            continue  # acts for several
        if number % 6 == 0:
            said = {"words": "姓名与身份证号码不一致", "mark": "990100********0444"}
            keep_check(member, "real_name_2", IdentityCheck.Outcome.FAILED, **said, at=then - timedelta(minutes=4))
        keep_check(member, "sms", IdentityCheck.Outcome.PASSED, mark=masking.phone(member.user.phone), at=then)
        keep_check(member, "real_name_3", IdentityCheck.Outcome.PASSED, mark="990100********0017", at=then)
    install_levels(at=at)


def read_at(at: datetime) -> Opened:
    """Return that somebody of the demo had the agreements open for two minutes before `at`."""
    return Opened(at - timedelta(minutes=2), frozenset(Agreement.objects.current().values_list("pk", flat=True)))
