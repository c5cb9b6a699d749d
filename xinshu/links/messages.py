"""What goes out by SMS (and mail) around links: the link itself, and that there is news behind it.

The link's words are forgotten once the provider has them (`secret`), as those of a code are: only its holder has it.
"""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.codes import available, channel
from xinshu.accounts.codes.sandbox import Sandbox
from xinshu.core.clock import local_day
from xinshu.core.refusals import NotNow
from xinshu.links.models import Link
from xinshu.messaging.channels import provider_of
from xinshu.messaging.kinds import HIGH, MAIL, SMS, MessageKind, declare_kind, fill
from xinshu.messaging.models import MessageTemplate
from xinshu.messaging.planning import public_link, send_to

SENT = MessageKind(
    "link.sent",
    lazy("办理链接 → 受益人的收件人"),
    "${guarantor}请您代${beneficiary}办理${kind}：${link} ，凭本机验证码打开，${until}前有效，勿转发。",
    {
        "guarantor": "云州融信融资担保",
        "beneficiary": "云州临港新区建设管理中心",
        "kind": "履约保函",
        "number": "LY20261121-8K3M7Q2P",
        "link": "https://xinshu.example/l/Vb3k0c7QmJp2xYtR8sLw5nZaEuHd9fGi/",
        "until": "2027-02-19",
    },
    (SMS, MAIL),
    HIGH,
    secret=True,
)
NEWS = MessageKind(
    "link.news",
    lazy("链接有新进展 → 受益人的收件人"),
    "${kind}${number}：${what}。请打开${sent}收到的办理链接查看。",
    {"kind": "履约保函", "number": "LY20261121-8K3M7Q2P", "what": "索赔已认定相符", "sent": "2026-11-21"},
    (SMS,),
    HIGH,
)
declare_kind(SENT)
declare_kind(NEWS)


def must_be_reachable() -> None:
    """Raise NotNow where no SMS could carry a link and the codes that open it."""
    if not available() or not (_shown_in_a_demo() or _template(SENT) is not None):
        raise NotNow(
            _("本平台没有开通短信，或办理链接的短信模板还没有启用，不能发送链接。"),
            advice=_("请联系平台运营；受益人也可以注册账号办理。"),
        )


def send_link(link: Link, token: str, *, at: datetime) -> None:
    """Put the link on its way to its phone, and to its mail where one was given. In the caller's transaction."""
    case = link.guarantee
    values = {
        "guarantor": _short(case.guarantor.name),
        "beneficiary": _short(case.beneficiary.name),
        "kind": case.get_kind_display(),
        "number": str(case.number),
        "link": public_link(reverse("links:arrive", args=[token])),
        "until": local_day(link.expires_at).isoformat(),
    }
    _send(SENT, link.phone, values, at)
    if link.mail and provider_of(MAIL):
        template = MessageTemplate.objects.filter(kind=SENT.code, channel=MAIL, state="active").first()
        send_to(SENT.code, MAIL, link.mail, member=None, values=values, template=template, at=at)


def tell_news(link: Link, what: str, *, at: datetime) -> None:
    """Tell the holder that there is something new behind the link: without it, for only its digest is kept."""
    case = link.guarantee
    values = {
        "kind": case.get_kind_display(),
        "number": str(case.number),
        "what": what,
        "sent": local_day(link.sent_at).isoformat(),
    }
    _send(NEWS, link.phone, values, at)


def _send(kind: MessageKind, phone: str, values: Mapping[str, str], at: datetime) -> None:
    template = _template(kind)
    if template is not None:
        send_to(kind.code, SMS, phone, member=None, values=values, template=template, at=at)
    if _shown_in_a_demo():
        Sandbox().show(phone, f"【信枢】{fill(kind.text, values)}", at)


def _template(kind: MessageKind) -> MessageTemplate | None:
    found = MessageTemplate.objects.filter(kind=kind.code, channel=SMS, state="active")
    return found.first() if provider_of(SMS) else None


def _shown_in_a_demo() -> bool:
    return isinstance(channel(), Sandbox)


def _short(name: str) -> str:
    """An SMS has room for a name of twenty characters."""
    return name if len(name) <= 20 else f"{name[:19]}…"
