"""Start-up of the links app: its card on a guarantee's page."""

from django.apps import AppConfig


class LinksConfig(AppConfig):
    """Registers the card and what the receipt is called in the story of a guarantee."""

    name = "xinshu.links"

    def ready(self) -> None:
        from xinshu.links import panel  # noqa: F401  (registers itself; models are loaded)
