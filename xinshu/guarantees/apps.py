"""Start-up of the guarantees app: who may read its files."""

from django.apps import AppConfig


class GuaranteesConfig(AppConfig):
    """Registers what rooms below need to know of guarantees."""

    name = "xinshu.guarantees"

    def ready(self) -> None:
        from xinshu.guarantees import committee, holdings, visibility  # noqa: F401  (register themselves; models are loaded)
