"""What people call the kinds of entries: every context names its own in its `entries` module."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_names: dict[str, str | Promise] = {}


def name_kinds(names: Mapping[str, str | Promise]) -> None:
    """Say what kinds are called: {"guarantee.issued": gettext_lazy("签发保函")}."""
    _names.update(names)


def name_of(kind: str, otherwise: str = "") -> str:
    """Return what a kind is called; where nobody has named it `otherwise`, or itself."""
    return str(_names.get(kind, otherwise or kind))


def named_kinds() -> list[tuple[str, str]]:
    """Return all named kinds with their names, for a choice."""
    return sorted((kind, str(name)) for kind, name in _names.items())


name_kinds(
    {
        "delivery.retried": _("重试投递"),
        "ledger.exported": _("导出系统日志"),
        "ledger.verification_requested": _("核验总账"),
    }
)
