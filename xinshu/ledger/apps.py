"""Start-up: find every app's `tasks`, `entries`, `classification` and `stops` before the first entry is written."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LedgerConfig(AppConfig):
    """The ledger, and the register of what reacts to it."""

    name = "xinshu.ledger"

    def ready(self) -> None:
        autodiscover_modules("tasks", "entries", "classification", "stops")
