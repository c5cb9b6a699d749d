"""Start-up of collecting."""

from django.apps import AppConfig


class CollectingConfig(AppConfig):
    """Sources of announcements, their runs and alarms (公告采集)."""

    name = "xinshu.collecting"
    verbose_name = "公告采集"

    def ready(self) -> None:
        from xinshu.collecting import announcements  # noqa: F401  (declares itself)
        from xinshu.collecting.queries import names
        from xinshu.tenders.origins import names_sources

        names_sources(names)
