"""Codes of accounts go out by the platform's SMS channel: queued like every message, sent by the worker at once.

Accounts stands below and knows this only by the setting CODE_CHANNEL.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import SentCode
from xinshu.core import clock
from xinshu.core.refusals import NotNow
from xinshu.messaging.channels import provider_of
from xinshu.messaging.kinds import SMS
from xinshu.messaging.models import MessageTemplate
from xinshu.messaging.planning import send_to

KIND = "account.code"


class BySms:
    """Carries codes by whichever provider serves SMS; ready once the operator has put a template in use."""

    def ready(self) -> bool:
        return bool(provider_of(SMS)) and _template() is not None

    @transaction.atomic
    def send_code(self, phone: str, code: str, purpose: str) -> None:
        template = _template()
        if template is None:
            raise NotNow(_("短信暂时不能发送。"), advice=_("请用密码登录，或联系平台运营。"))
        values = {"code": code, "purpose": str(SentCode.Purpose(purpose).label)}
        send_to(KIND, SMS, phone, member=None, values=values, template=template, at=clock.now())


def _template() -> MessageTemplate | None:
    return MessageTemplate.objects.filter(kind=KIND, channel=SMS, state="active").first()
