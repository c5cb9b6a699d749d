"""Start-up of billing: what it shows on a guarantee's page, who reads its files."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Billing (对账)."""

    name = "xinshu.billing"
    verbose_name = "对账"

    def ready(self) -> None:
        from xinshu.billing import panel, visibility  # noqa: F401  (register themselves; models are loaded)
