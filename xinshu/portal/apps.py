"""Registers the number of to-dos with the page shell."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Portal (门户)."""

    name = "xinshu.portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from xinshu.core import clock
        from xinshu.portal.desks import waiting_count
        from xinshu.web import shell

        shell.badge("todo", lambda member: waiting_count(member, clock.now()))
