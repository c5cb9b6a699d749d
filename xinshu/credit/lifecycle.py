"""How cards, list entries and appeals may change. Nothing of theirs is decided by one person alone."""

from xinshu.core.lifecycle import Lifecycle, Row, State

VIEW, LIST, EXPORT = "credit.view", "credit.list", "credit.export"  # of an organisation's people
MANAGE = "credit.manage"  # of the operator
HOLDS = ("standing", "lifting")  # a list entry that holds
PAST = ("lifted", "ended")  # one that held
APPEAL_DAYS = 10  # working days to decide, within the 20 days of 征信业管理条例 第二十五条

CARD = Lifecycle(
    "credit_card",
    "评分规则",
    states=(
        State("draft",      "待启用", "warn", "operator", "测算后由另一人启用"),
        State("active",     "现行",   "ok"),
        State("superseded", "已替换", "mute", final=True),
        State("discarded",  "已作废", "mute", final=True),
    ),
    rows=(
        #   action          button    from        to           whose act   permission
        Row("edit",         "修改",   ("draft",), "draft",     "operator", MANAGE),
        Row("measure",      "测算影响", ("draft",), "draft",   "operator", MANAGE),
        Row("activate_card", "启用",  ("draft",), "active",    "operator", MANAGE, tone="pri",
            consequence="启用后所有信用分按它重新计算，以前各天的分仍按当时的规则。写过它的人不能启用。"),
        Row("discard_card", "作废",   ("draft",), "discarded", "operator", MANAGE, tone="dan", needs_reason=True,
            consequence="草稿作废，现行规则不变。"),
    ),
)  # fmt: skip

_PROPOSED, _STANDING, _LIFTING = ("proposed",), ("standing",), ("lifting",)


def _for_both(action: str, label: str, sources: tuple[str, ...], target: str, **more: object) -> tuple[Row, Row]:
    """Return a row for the operator's own entries and one for a house's."""
    return (
        Row(action, label, sources, target, "operator", MANAGE, **more),  # type: ignore[arg-type]
        Row(action, label, sources, target, "house", LIST, **more),  # type: ignore[arg-type]
    )


LISTED = Lifecycle(
    "credit_list",
    "名单",
    states=(
        State("proposed", "待确认",     "warn", "owner", "另一人确认"),
        State("standing", "有效",       "law"),
        State("lifting",  "待确认移出", "warn", "owner", "另一人确认移出"),
        State("refused",  "未列入",     "mute", final=True),
        State("lifted",   "已移出",     "mute", final=True),
        State("ended",    "已到期",     "mute", final=True),
    ),
    rows=(
        #           action          button        from        to
        *_for_both("propose",      "提出列入",   _PROPOSED,  "proposed"),
        Row("propose", "提出列入", _PROPOSED, "proposed", "system"),
        *_for_both("confirm",      "确认列入",   _PROPOSED,  "standing", tone="pri",
                   consequence="自生效日起按它的效力处理新业务。提出的人不能确认。"),
        *_for_both("refuse",       "不列入",     _PROPOSED,  "refused",  tone="dan", needs_reason=True),
        *_for_both("ask_to_lift",  "提出移出",   _STANDING,  "lifting",  needs_reason=True,
                   consequence="另一人确认移出以前，名单继续有效。"),
        *_for_both("lift",         "确认移出",   _LIFTING,   "lifted",   tone="pri",
                   consequence="移出后不再影响新业务，记录保留。提出移出的人不能确认。"),
        *_for_both("keep",         "不移出",     _LIFTING,   "standing", needs_reason=True),
        Row("end", "到期", HOLDS, "ended", "system"),
    ),
)  # fmt: skip

APPEAL = Lifecycle(
    "credit_appeal",
    "异议",
    states=(
        State("open",      "待处理",     "warn", "operator", "核查并决定", APPEAL_DAYS),
        State("upheld",    "成立，已更正", "ok",   final=True),
        State("refused",   "不成立",     "mute", final=True),
        State("withdrawn", "已撤回",     "mute", final=True),
    ),
    rows=(
        #   action           button        from       to           whose act   permission
        Row("raise_appeal",  "提出异议",   ("open",), "open",      "subject",  VIEW),
        Row("withdraw",      "撤回异议",   ("open",), "withdrawn", "subject",  VIEW),
        Row("refuse",        "不成立",     ("open",), "refused",   "operator", MANAGE, tone="dan", needs_reason=True,
            consequence="理由会告诉提出异议的企业和记录来源机构。"),
        Row("uphold",        "成立，更正", ("open",), "upheld",    "operator", MANAGE, tone="pri"),
    ),
)  # fmt: skip
