"""Codes by SMS: one Protocol for whoever carries them (setting CODE_CHANNEL), a sandbox for demo and tests."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class CodeChannel(Protocol):
    """Takes a code for delivery. Must hand over quickly; raises when it cannot."""

    def ready(self) -> bool:
        """Tell whether codes can go out now; where not, the doors that need one are absent."""

    def send_code(self, phone: str, code: str, purpose: str) -> None:
        """Deliver `code` to the mobile `phone`; `purpose` is one of SentCode.Purpose."""


def channel() -> CodeChannel | None:
    """Return the installation's channel; None where it has none, and with it no page that needs one."""
    return import_string(settings.CODE_CHANNEL)() if settings.CODE_CHANNEL else None


def available() -> bool:
    """Tell whether codes can be sent."""
    way = channel()
    return way is not None and way.ready()
