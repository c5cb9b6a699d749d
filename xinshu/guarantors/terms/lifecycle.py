"""How terms may change: written, activated by a second person as the next version, superseded by another."""

from xinshu.core.lifecycle import Lifecycle, Row, State

WRITE, ACTIVATE = "guarantees.review", "guarantees.issue"

LIFECYCLE = Lifecycle(
    "guarantor_terms",
    "条款",
    states=(
        State("draft",      "待启用", "warn", "guarantor", "启用"),
        State("active",     "现行",   "ok"),
        State("superseded", "已替换", "mute", final=True),
        State("discarded",  "已作废", "mute", final=True),
    ),
    rows=(
        #   action           button    from        to           whose act    permission
        Row("edit",          "修改",   ("draft",), "draft",     "guarantor", WRITE),
        Row("activate_terms", "启用",  ("draft",), "active",    "guarantor", ACTIVATE, tone="pri",
            consequence="启用后提交的申请按新版本，已提交和已出具的保持原版本。启用后不能修改，只能再启用下一版。"),
        Row("discard_terms", "作废",   ("draft",), "discarded", "guarantor", WRITE, tone="dan", needs_reason=True,
            consequence="草稿作废，现行条款不变。"),
    ),
)  # fmt: skip
