"""Start-up of the subscriptions."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """What people want to hear of (订阅)."""

    name = "xinshu.subscriptions"
    verbose_name = "订阅"

    def ready(self) -> None:
        from xinshu.subscriptions import announcements  # noqa: F401  (declares itself)
