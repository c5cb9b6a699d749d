"""Mail over SMTP with STARTTLS, through Django's own backend.

SMTP knows no idempotency key. The Message-ID is made of our reference, so a repetition can at least be recognised.
"""

import contextlib
import json
import smtplib
import ssl
import time
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parseaddr
from functools import cached_property
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from xinshu.core import clock
from xinshu.messaging.channels import Accepted, Approval, Letter, Outcome, Refused, Unclear
from xinshu.messaging.channels.wire import log


class _Backend(EmailBackend):
    """Django's backend that may also trust a mail server's own authority."""

    authority = ""

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.authority:
            context.load_verify_locations(self.authority)
        return context


class Mail:
    """Mail by an SMTP server."""

    provider = "smtp"
    repeatable = timedelta(0)

    def __init__(self, channel: str, settings: Mapping[str, str]) -> None:
        self.channel, self.settings = channel, settings

    def new_key(self, reference: str, message: Any = None) -> str:
        return f"<{reference}@{parseaddr(self.settings['sender'])[1].rpartition('@')[2] or 'xinshu'}>"

    def send(self, letter: Letter) -> Outcome:
        began, at = time.monotonic(), clock.now()
        outcome, answer = self._send(letter)
        status = {Accepted: "250", Refused: "拒收", Unclear: "无答复"}[type(outcome)]
        shown = json.dumps({"to": letter.address, "message_id": letter.key, "subject": "***"}, ensure_ascii=False)
        place = f"smtp://{self.settings['host']}:{self.settings['port']}"
        log(self, "SendMail", place, shown, status, answer, at=at, began=began, message=letter.message)
        return outcome

    def approval(self, provider_code: str) -> Approval | None:
        return None

    def _send(self, letter: Letter) -> tuple[Outcome, str]:
        backend = _Backend(
            host=self.settings["host"],
            port=int(self.settings["port"]),
            username=self.settings["user"],
            password=self.settings["password"],
            use_tls=True,
            timeout=10,
        )
        backend.authority = self.settings["authority"]
        try:
            backend.open()
        except (OSError, smtplib.SMTPException) as error:  # nothing has been handed over yet
            return Refused(f"没有连上邮件服务器：{error}", temporary=True), repr(error)
        mail: Any = EmailMessage(
            letter.subject,
            letter.text + (f"\n\n{letter.link}" if letter.link else ""),
            self.settings["sender"],
            [letter.address],
            headers={"Message-ID": letter.key},
            connection=backend,
        )
        try:
            backend.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            code, told = next(iter(error.recipients.values()))
            return _refused(code, told), repr(error)
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, error.smtp_error), repr(error)
        except (OSError, smtplib.SMTPException) as error:
            return Unclear(f"邮件服务器没有答复：{error}"), repr(error)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):  # it said what it had to say
                backend.close()
        return Accepted(letter.key), "250 OK"


def _refused(code: int, told: bytes | str) -> Refused:
    words = told.decode(errors="replace") if isinstance(told, bytes) else told
    return Refused(f"邮件服务器拒收：{code} {words}"[:250], temporary=400 <= code < 500)
