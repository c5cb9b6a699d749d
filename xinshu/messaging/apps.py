"""Registers the bell's count and the live stream's address with the page shell."""

from urllib.parse import quote

from django.apps import AppConfig
from django.http import HttpRequest


class MessagingConfig(AppConfig):
    """Messaging (消息)."""

    name = "xinshu.messaging"

    def ready(self) -> None:
        from xinshu.accounts.middleware import RECORD
        from xinshu.accounts.models import Member
        from xinshu.messaging.notices import unread_count
        from xinshu.messaging.tokens import live_token
        from xinshu.web import live, shell

        shell.badge("unread", unread_count)

        def path(request: HttpRequest, member: Member) -> str:
            session = request.session.get(RECORD, 0)
            return f"/live?token={quote(live_token(member, session))}" if session else ""

        live.stream(path)
