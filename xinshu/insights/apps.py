"""Start-up of the insights."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Segments, proposals, recommendations, figures (分层营销)."""

    name = "xinshu.insights"
    verbose_name = "分层营销"

    def ready(self) -> None:
        from xinshu.insights import announcements  # noqa: F401  (declares itself)
