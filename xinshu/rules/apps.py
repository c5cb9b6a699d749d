"""Start-up of the rules app: the purposes and sources that this room offers by itself."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """Rules (规则)."""

    name = "xinshu.rules"
    verbose_name = "规则"

    def ready(self) -> None:
        from xinshu.rules import screening  # noqa: F401  (registers itself)
