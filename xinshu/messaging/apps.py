"""Registers the bell's count and the live stream's address with the page shell."""

from urllib.parse import quote

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Messaging (消息)."""

    name = "xinshu.messaging"

    def ready(self) -> None:
        from xinshu.messaging.notices import unread_count
        from xinshu.messaging.tokens import live_token
        from xinshu.web import live, shell

        shell.badge("unread", unread_count)
        live.stream(lambda member: f"/live?token={quote(live_token(member))}")
