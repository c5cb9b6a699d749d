"""Start-up of the exchange app: what it shows on a guarantee's page."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Registers the card of submissions."""

    name = "xinshu.exchange"

    def ready(self) -> None:
        from xinshu.exchange.queries import panel_of  # models are loaded now
        from xinshu.guarantees.panels import register_panel

        register_panel(panel_of)
