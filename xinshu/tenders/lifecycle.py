"""What a house makes of an opportunity (商机): it follows it, sets it aside, or business comes of it."""

from xinshu.core.lifecycle import Lifecycle, Row, State

FOLLOW = "guarantees.apply"

OPPORTUNITY = Lifecycle(
    "opportunity",
    "商机",
    states=(
        State("pushed",     "待跟进", "warn", "house", "跟进这条中标"),
        State("following",  "跟进中", "info"),
        State("irrelevant", "不相关", "mute"),
        State("converted",  "已转化", "ok", final=True),
    ),
    rows=(
        #   action            button      from                                  to            whose act  permission
        Row("follow",         "跟进",     ("pushed", "irrelevant"),             "following",  "house",   FOLLOW),
        Row("set_aside",      "不相关",   ("pushed", "following"),              "irrelevant", "house",   FOLLOW,
            needs_reason=True),
        Row("take_back",      "撤回不相关", ("irrelevant",),                    "pushed",     "house",   FOLLOW),
        Row("begin",          "发起申请", ("pushed", "following", "irrelevant"), "following",  "system"),
        Row("convert",        "已转化",   ("pushed", "following", "irrelevant"), "converted",  "system"),
    ),
)  # fmt: skip
