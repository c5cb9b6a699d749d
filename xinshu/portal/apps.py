"""Registers the number of to-dos with the page shell, and what is told of a person's subjects."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Portal (门户)."""

    name = "xinshu.portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from xinshu.accounts import subjects
        from xinshu.core import clock
        from xinshu.portal.arranging.showing import public_channels
        from xinshu.portal.desks import waiting_count
        from xinshu.portal.subjects import lines_about
        from xinshu.web import shell

        subjects.about_subjects(lines_about)
        shell.channels(public_channels)
        shell.badge("todo", lambda member: waiting_count(member, clock.now()))
