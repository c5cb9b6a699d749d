"""How a tariff may change: written, published by somebody else as the next version, or thrown away."""

from xinshu.core.lifecycle import Lifecycle, Row, State

LIFECYCLE = Lifecycle(
    "tariff",
    "费率草稿",
    states=(
        State("draft",     "待发布", "warn", "guarantor", "发布"),
        State("published", "已发布", "ok",   final=True),
        State("discarded", "已作废", "mute", final=True),
    ),
    rows=(
        #   action            button    from        to           whose act    permission
        Row("edit",           "修改",   ("draft",), "draft",     "guarantor", "guarantees.review"),
        Row("publish_tariff", "发布",   ("draft",), "published", "guarantor", "guarantees.issue", tone="pri",
            consequence="自生效日起的报价按新版本，已经报价的保函保持原版本。发布后不能修改，只能再发布下一版。"),
        Row("discard_tariff", "作废",   ("draft",), "discarded", "guarantor", "guarantees.review", tone="dan",
            needs_reason=True, consequence="草稿作废，现行费率不变。"),
    ),
)  # fmt: skip
