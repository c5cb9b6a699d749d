"""Start-up of the guarantees app: who may read its files."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GuaranteesConfig(AppConfig):
    """Registers what rooms below need to know of guarantees."""

    name = "xinshu.guarantees"

    def ready(self) -> None:
        from xinshu.guarantees import holdings, kinds, portrait, related, visibility  # noqa: F401  (register themselves)
        from xinshu.guarantees.changes import desk, panel, returns_panel, told  # noqa: F401
        from xinshu.guarantees.judging import (  # noqa: F401
            admitted,
            committee,
            credit,
            house_rules,
            papers,
            risk,
            risk_panel,
            risk_portrait,
            ties,
        )  # fmt: skip
        from xinshu.guarantees.origins import showing  # noqa: F401
        from xinshu.guarantees.types.shipped import keep_what_is_shipped
        from xinshu.guarantors.naming import tell_kinds

        tell_kinds(kinds.every_choice)
        post_migrate.connect(keep_what_is_shipped, sender=self)
