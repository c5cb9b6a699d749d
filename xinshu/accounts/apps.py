"""Django's name for this context."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "xinshu.accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from xinshu.accounts.assurance.gate import open_gate  # models are loaded

        open_gate()
