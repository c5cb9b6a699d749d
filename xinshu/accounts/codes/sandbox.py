"""The sandbox: "sends" a code by showing it on the demo's page 演示短信. Refuses to work in production."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from xinshu.accounts.models import SandboxMessage, SentCode
from xinshu.core import clock

KEPT = 50


class Sandbox:
    """Keeps the last fifty messages where everybody at the demo can read them."""

    def ready(self) -> bool:
        return True

    def send_code(self, phone: str, code: str, purpose: str) -> None:
        if settings.PRODUCTION:
            raise ImproperlyConfigured("The sandbox shows codes to everybody: production needs a real CODE_CHANNEL.")
        text = _("【信枢】验证码 %(code)s，用于%(purpose)s，5 分钟内有效。请勿转告他人。") % {
            "code": code,
            "purpose": SentCode.Purpose(purpose).label,
        }
        self.show(phone, text, clock.now())

    def show(self, phone: str, text: str, at: datetime) -> None:
        """Show a message that is no code on the same page: where no SMS leaves, people still have to read it."""
        newest = SandboxMessage.objects.create(phone=phone, text=text[:200], at=at)
        SandboxMessage.objects.filter(pk__lte=newest.pk - KEPT).delete()
