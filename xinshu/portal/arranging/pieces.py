"""What the public site can be made of: channels in the bar at the top, columns on the home page, entries in these.

An arrangement is plain data: {"to", "title", "visible"} per channel, {"kind", "title", "visible", "category", "rows",
"wide", "entries"} per column, in their order. The shipped one holds until somebody makes another.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinshu.portal.models import Category
from xinshu.web.jinja import address

Piece = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """A public page, or one that leads through the sign-in and back: its name in the address table."""

    label: str | Promise
    to: str
    query: str = ""
    icon: str = ""
    hint: str | Promise = ""
    label_inside: str | Promise = ""  # for somebody who is signed in
    hint_inside: str | Promise = ""

    @property
    def href(self) -> str:
        """Return its address, "" where this installation has no such page."""
        found = address(self.to)
        return f"{found}{self.query}" if found else ""


TARGETS: dict[str, Target] = {
    "home":          Target(_("首页"),     "portal:home"),
    "announcements": Target(_("通知公告"), "portal:announcements"),
    **{f"announcements-{code}": Target(label, "portal:announcements", f"?category={code}")
       for code, label in Category.choices},
    "apply":         Target(_("申请保函"), "guarantees:new",   "", "doc",      _("选项目、核资料、在线缴费")),
    "verify":        Target(_("保函查验"), "guarantees:verify", "", "shieldok", _("编号、扫码或上传函件")),
    "claim":         Target(_("发起索赔"), "portal:claim",     "", "law",      _("受益人在线提交，全程留痕")),
    "evidence":      Target(_("存证核验"), "ledger:evidence",  "", "link",     _("证明记录没有被改过")),
    "workbench":     Target(_("登录工作台"), "portal:workbench", "", "home", _("企业、金融机构、政府、运营"),
                            _("进入工作台"), _("待办、关键数字、日程")),
    "help":          Target(_("办事指南"), "portal:help",      "", "book",     _("按角色看怎么办")),
}  # fmt: skip
ENTRIES = ("apply", "verify", "claim", "evidence", "workbench", "help")
MUST_BE_REACHABLE = ("apply", "verify", "claim")  # from the home page, whatever the arrangement

KINDS: dict[str, str | Promise] = {
    "entries": _("功能入口"),
    "figures": _("平台数据"),
    "bulletins": _("公告"),
    "shelf": _("产品货架"),
    "checks": _("辨别真伪"),
    "guides": _("办事指南"),
    "steps": _("办理步骤"),
}
ALWAYS_WIDE = ("entries", "figures", "steps")
MOST_ROWS, MOST_COLUMNS, MOST_CHANNELS = 10, 16, 10


def _channel(to: str) -> Piece:
    return {"to": to, "title": str(TARGETS[to].label), "visible": True}


def _column(kind: str, title: str, **said: Any) -> Piece:
    return {
        "kind": kind,
        "title": title,
        "visible": True,
        "category": "",
        "rows": 5,
        "wide": False,
        "entries": [],
    } | said


def shipped() -> tuple[list[Piece], list[Piece]]:
    """Return channels and columns as they are before anybody arranges anything."""
    channels = [_channel(to) for to in ("home", "announcements", "verify", "claim", "evidence", "help")]
    columns = [
        _column("entries", "快捷入口", entries=["apply", "verify", "claim", "workbench"], wide=True),
        _column("figures", "平台数据", wide=True),
        _column("bulletins", "通知公告"),
        _column("guides", "按角色看办事指南"),
        _column("shelf", "在售保函产品"),
        _column("checks", "三种办法辨真伪"),
        _column("steps", "办一份保函要几步", wide=True),
    ]
    return channels, columns
