"""Start-up of the guarantors app: who may read its files."""

from django.apps import AppConfig


class GuarantorsConfig(AppConfig):
    """Guarantors (保证人)."""

    name = "xinshu.guarantors"
    verbose_name = "保证人"

    def ready(self) -> None:
        from xinshu.guarantors import visibility  # noqa: F401  (registers itself; models are loaded)
