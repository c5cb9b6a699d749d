"""Django's name for this context."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "xinshu.accounts"
    verbose_name = "账号"
