"""Start-up of the archive: what it shows on a guarantee's page, what claims lay into dossiers."""

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    """Archive (归档)."""

    name = "xinshu.archive"
    verbose_name = "归档"

    def ready(self) -> None:
        from xinshu.archive import claim_papers, panel  # noqa: F401  (register themselves; models are loaded)
