"""The web app: templates, static files, shell."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "xinshu.web"
    verbose_name = "页面"

    def ready(self) -> None:
        from xinshu.accounts.queries import waiting_for_security, waiting_registrations
        from xinshu.web import shell

        shell.badge("registrations", waiting_registrations)
        shell.badge("role_changes", waiting_for_security)
