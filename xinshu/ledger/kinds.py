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


_reactions: dict[str, str | Promise] = {}


def name_reactions(names: Mapping[str, str | Promise]) -> None:
    """Say what reactions are called: {"xinshu.guarantees.tasks.seal_issued": gettext_lazy("制作电子函")}."""
    _reactions.update(names)


def reaction_of(path: str) -> str:
    """Return what the reaction at a dotted path is called; where nobody has named it, the path."""
    return str(_reactions.get(path, path))


def named_kinds() -> list[tuple[str, str]]:
    """Return all named kinds with their names, for a choice."""
    return sorted((kind, str(name)) for kind, name in _names.items())


_least: dict[str, int] = {}


def may_expire(months: int, *kinds: str) -> None:
    """Say that the content of these kinds may be cleared by a retention rule, after at least so many months.

    Only kinds that nothing on the platform rests on: never those that a letter, a limit or a right is proven by.
    """
    _least.update(dict.fromkeys(kinds, months))


def expirable() -> dict[str, int]:
    """Return the kinds that may expire, each with the fewest months."""
    return dict(sorted(_least.items()))


LOG_MONTHS = 6  # network logs: 网络安全法第二十一条
PERSONAL_MONTHS = 36  # records of what was done with personal data: 个人信息保护法第五十六条

may_expire(PERSONAL_MONTHS, "ledger.exported")
name_kinds(
    {
        "delivery.retried": _("重试投递"),
        "ledger.exported": _("导出系统日志"),
        "ledger.verification_requested": _("核验总账"),
        "ledger.redacted": _("到期清除"),
        "retention.proposed": _("申请留存规则"),
        "retention.approved": _("启用留存规则"),
        "retention.refused": _("不批准留存规则"),
        "retention.withdrawn": _("撤回留存规则"),
        "redaction.proposed": _("申请到期清除"),
        "redaction.approved": _("批准到期清除"),
        "redaction.refused": _("不批准到期清除"),
        "redaction.withdrawn": _("撤回到期清除"),
        "redaction.finished": _("完成到期清除"),
    }
)
name_reactions(
    {
        "xinshu.ledger.tasks.verify_as_requested": _("核验总账"),
        "xinshu.ledger.tasks.clear_as_approved": _("清除到期日志"),
    }
)
