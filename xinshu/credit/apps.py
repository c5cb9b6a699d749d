"""Start-up of the credit app: who may read its files."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    """Credit (信用)."""

    name = "xinshu.credit"
    verbose_name = "信用"

    def ready(self) -> None:
        from xinshu.credit import portrait, visibility  # noqa: F401  (registers itself; models are loaded)
