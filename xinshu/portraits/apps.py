"""Start-up of the portraits app: the chapters that come from the record itself."""

from django.apps import AppConfig


class PortraitsConfig(AppConfig):
    """企业画像."""

    name = "xinshu.portraits"
    verbose_name = "企业画像"

    def ready(self) -> None:
        from xinshu.portraits import record  # noqa: F401  (registers itself; models are loaded)
