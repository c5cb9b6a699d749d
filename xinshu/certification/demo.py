"""The demo city's certifications: a firm whose representative the register does not know waits for the operator."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from xinshu.accounts.actions.identity import NotProven
from xinshu.accounts.actions.membership import create_organisation, join_organisation, open_account
from xinshu.accounts.demo import REGION, DemoOrganisation, Kind
from xinshu.accounts.models import Member, Organisation
from xinshu.certification.actions import Papers, submit
from xinshu.certification.models import Certification, Item
from xinshu.certification.proofs import prove_elements
from xinshu.core import resident_id
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.documents.letters.rendering import typeset

FIRM = DemoOrganisation("云州试错市政工程有限公司", Kind.ENTERPRISE, "91", "MADEM091")
PAPER = """
#let data = json(bytes(sys.inputs.values))
#set text(font: ("Noto Sans SC",), lang: "zh", size: 12pt)
#align(center, text(size: 20pt)[#data.title])
#v(1em)
#for line in data.lines [#line \\ ]
"""


def create_demo_certification(at: datetime) -> Certification:
    """Have a firm ask to be certified. Its register (registry/sandbox.py) says that somebody else represents it."""
    firm = create_organisation(FIRM.name, FIRM.kind, code=FIRM.uscc, region_code=REGION, by=SYSTEM, at=at)
    user = open_account("zhouwenzhi", "!", name="周问之", phone="12300007009", by=SYSTEM, at=at)
    member = join_organisation(user, firm, ["applicant"], by=SYSTEM, at=at)
    return submit(firm, papers_of(firm, "周问之", at), by=member, at=at - timedelta(hours=2))


def create_demo_proofs(at: datetime) -> None:
    """Have a firm hold its four elements against the register, and another one whose register says otherwise."""
    clerk = Member.objects.acting().get(user__username="applicant")
    number = "99010019880808001"
    number += resident_id.check_character(number)
    prove_elements(clerk, 4, representative="陈思远", number=number, at=at - timedelta(days=20))
    other = Member.objects.acting().get(user__username="zhouwenzhi")
    with suppress(NotProven):
        prove_elements(other, 3, representative="周问之", at=at - timedelta(hours=3))


def papers_of(firm: Organisation, representative: str, at: datetime) -> Papers:
    """Return the papers of an invented firm, marked as a demonstration."""
    on = local_day(at)
    number = "99010019880808001"
    number += resident_id.check_character(number)
    says = {
        Item.LICENCE: ("营业执照", [f"名称 {firm.name}", f"统一社会信用代码 {firm.uscc}",
                                f"法定代表人 {representative}", "营业期限 长期"]),
        Item.REPRESENTATIVE: ("居民身份证", [f"姓名 {representative}", f"公民身份号码 {number}"]),
        Item.AUTHORISATION: ("信用信息查询授权书", [f"{firm.name}授权云州信枢查询、核验其信用信息。",
                                              f"授权期限 {on.isoformat()} 起一年"]),
    }  # fmt: skip
    files: dict[str, Any] = {
        item: SimpleUploadedFile(f"{title}.pdf", _paper(f"{title}（演示）", lines, at))
        for item, (title, lines) in says.items()
    }
    until = date(on.year + 1, on.month, min(on.day, 28))
    return Papers(firm.name, firm.uscc or "", representative, number, None, None, on, until, files)


def _paper(title: str, lines: list[str], at: datetime) -> bytes:
    return typeset(PAPER, {"title": title, "lines": lines}, at)
