"""Start-up of the ties app: who may read its files, what the portrait says of ties, the register that is asked."""

from django.apps import AppConfig


class TiesConfig(AppConfig):
    """关联关系."""

    name = "xinshu.ties"
    verbose_name = "关联关系"

    def ready(self) -> None:
        from xinshu.ties import portrait, register, visibility  # noqa: F401  (register themselves; models are loaded)
