"""Start-up of the claims app: what rooms below need to know of demands."""

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """Registers kind of case, file rule and panel."""

    name = "xinshu.claims"

    def ready(self) -> None:
        from xinshu.claims import (  # noqa: F401  (register themselves; models are loaded)
            committee,
            conduct,
            panel,
            portrait,
            teaching,
            visibility,
        )
