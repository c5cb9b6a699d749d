"""Start-up of the watch: what rooms below need to know of it."""

from django.apps import AppConfig


class WatchConfig(AppConfig):
    """Registers kind of case, gate, panel, purpose of rules and sources."""

    name = "xinshu.watch"
    verbose_name = "风险监测"

    def ready(self) -> None:
        from xinshu.watch import announcements, committee, gate, panel, portrait, screening  # noqa: F401  (register themselves)
