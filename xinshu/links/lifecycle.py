"""How a link may change. Whether it has run out is a question of its days (models.Link.stands), not a state."""

from xinshu.core.lifecycle import Lifecycle, Row, State

_LETTING_GO = "撤销后对方不能再用这个链接，正在打开的页面也随即关闭；已办的事不受影响。"
_VOUCHED = "核实后，收件人凭验证码可以答复修改、减额和退保，也可以解除担保。请先用登记的座机或当面核对这个人和手机号。"

LINK = Lifecycle(
    "link",
    "办理链接",
    states=(
        State("live",     "可用",   "ok"),
        State("renewed",  "已换新", "mute", final=True),
        State("revoked",  "已撤销", "mute", final=True),
    ),
    rows=(
        #   action    button         from        to          whose act      permission
        Row("vouch",  "核实收件人",  ("live",),  "live",     "guarantor",   "guarantees.issue",
            tone="pri", consequence=_VOUCHED),
        Row("revoke", "撤销",        ("live",),  "revoked",  "sender",      "guarantees.view",
            tone="dan", needs_reason=True, consequence=_LETTING_GO),
        Row("revoke", "撤销",        ("live",),  "revoked",  "guarantor",   "guarantees.issue",
            tone="dan", needs_reason=True, consequence=_LETTING_GO),
        Row("revoke", "撤销",        ("live",),  "revoked",  "beneficiary", "guarantees.release",
            tone="dan", needs_reason=True, consequence=_LETTING_GO),
        Row("renew",  "换新",        ("live",),  "renewed",  "holder"),
    ),
)  # fmt: skip
