"""How a product may change: written, put on the shelf by somebody else, taken down."""

from xinshu.core.lifecycle import Lifecycle, Row, State

LIFECYCLE = Lifecycle(
    "product",
    "保函产品",
    states=(
        State("draft",     "草稿",   "mute", "guarantor", "上架"),
        State("on_shelf",  "已上架", "ok"),
        State("off_shelf", "已下架", "warn", "guarantor", "修改后重新上架"),
    ),
    rows=(
        #   action       button    from                      to           whose act    permission
        Row("edit",      "修改",   ("draft", "off_shelf"),   "draft",     "guarantor", "guarantees.review"),
        Row("offer",     "上架",   ("draft",),               "on_shelf",  "guarantor", "guarantees.issue", tone="pri",
            consequence="上架后申请人可以看到并申请，本机构这类保函的申请须符合某个上架产品。写过它的人不能上架。"),
        Row("withdraw_offer", "下架", ("on_shelf",),         "off_shelf", "guarantor", "guarantees.review", tone="dan",
            needs_reason=True, consequence="下架后不能再申请，已提交的申请照常办理。"),
    ),
)  # fmt: skip
