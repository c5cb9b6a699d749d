"""What can be done: arrange the public site anew, go back to an earlier arrangement."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Changed, Invalid, NotPermitted, Unknown
from xinshu.ledger.recording import record
from xinshu.portal.arranging.pieces import (
    ALWAYS_WIDE,
    ENTRIES,
    KINDS,
    MOST_CHANNELS,
    MOST_COLUMNS,
    MOST_ROWS,
    MUST_BE_REACHABLE,
    TARGETS,
    Piece,
)
from xinshu.portal.bulletins.lifecycle import MANAGE
from xinshu.portal.bulletins.wording import readable
from xinshu.portal.models import Arrangement, Category


def newest() -> Arrangement | None:
    """Return the arrangement that holds; None while the shipped one does."""
    return Arrangement.objects.order_by("-number").first()


@transaction.atomic
def arrange(
    channels: list[Piece], columns: list[Piece], *, seen: int, by: Member, at: datetime, note: str = ""
) -> Arrangement:
    """Put a new arrangement in the place of number `seen` (0: the shipped one). The earlier ones are kept.

    Raises Invalid for what cannot be arranged so, Changed when somebody else did it meanwhile.
    """
    holds = Arrangement.objects.select_for_update().order_by("-number").first()
    if not by.can(MANAGE):
        raise NotPermitted(_("您没有编排门户的权限。"), advice=_("需要办理的，请联系平台管理员开通。"))
    if (holds.number if holds else 0) != seen:
        raise _overtaken()
    channels, columns = check(channels, columns)
    try:
        with transaction.atomic():
            made = Arrangement.objects.create(
                number=seen + 1, channels=channels, columns=columns, note=readable(note)[:200], by=by.actor_label, at=at
            )
    except IntegrityError:
        raise _overtaken() from None
    record(
        "portal.arranged", made, by=by, at=at, number=made.number, note=made.note,
        channels=[one["title"] for one in channels if one["visible"]],
        columns=[one["title"] for one in columns if one["visible"]],
    )  # fmt: skip
    return made


def restore(number: int, *, seen: int, by: Member, at: datetime) -> Arrangement:
    """Arrange everything as it was under `number`, as a new version."""
    found = Arrangement.objects.filter(number=number).first()
    if found is None:
        raise Unknown(_("没有这一版编排。"), advice=_("请从历次编排中选择。"))
    note = _("恢复为第 %(n)s 版") % {"n": number}
    return arrange(found.channels, found.columns, seen=seen, by=by, at=at, note=note)


def check(channels: list[Piece], columns: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Return the arrangement without what means nothing. Raises Invalid for what cannot be."""
    if len(channels) > MOST_CHANNELS or len(columns) > MOST_COLUMNS:
        words = {"a": MOST_CHANNELS, "b": MOST_COLUMNS}
        raise Invalid(_("频道最多 %(a)s 个，栏目最多 %(b)s 个。") % words, advice=_("请删去不用的再保存。"))
    channels = [_channel(one) for one in channels]
    columns = [_column(one) for one in columns]
    reached = {one["to"] for one in channels if one["visible"]}
    reached |= {entry for one in columns if one["visible"] and one["kind"] == "entries" for entry in one["entries"]}
    missing = [str(TARGETS[to].label) for to in MUST_BE_REACHABLE if to not in reached]
    if missing:
        raise Invalid(
            _("首页上到不了：%(what)s。编排没有保存。") % {"what": "、".join(missing)},
            advice=_("申请、查验和索赔必须能从首页进入，请放进功能入口栏目或频道，并设为显示。"),
        )
    return channels, columns


def _channel(told: Piece) -> Piece:
    if told.get("to") not in TARGETS:
        raise Invalid(_("有频道没有选择页面。"), advice=_("请选择频道通往的页面，或者删去这一行。"))
    return {"to": told["to"], "title": _title(told), "visible": bool(told.get("visible"))}


def _column(told: Piece) -> Piece:
    kind, category, rows = told.get("kind"), told.get("category") or "", told.get("rows") or 5
    if kind not in KINDS or category not in ("", *Category.values) or not 1 <= rows <= MOST_ROWS:
        raise Invalid(_("有栏目没有选择内容，或条数不在 1 到 %(n)s 之间。") % {"n": MOST_ROWS})
    return {
        "kind": kind,
        "title": _title(told),
        "visible": bool(told.get("visible")),
        "category": category if kind == "bulletins" else "",
        "rows": rows,
        "wide": bool(told.get("wide")) or kind in ALWAYS_WIDE,
        "entries": [entry for entry in ENTRIES if entry in (told.get("entries") or [])] if kind == "entries" else [],
    }


def _title(told: Piece) -> str:
    title = readable(str(told.get("title") or "")).replace("\n", " ")
    if not 2 <= len(title) <= 20:
        raise Invalid(_("频道和栏目的名称填 2 到 20 个字。"), advice=_("请检查没有名称的行。"))
    return title


def _overtaken() -> Changed:
    return Changed(_("您打开页面以后，别人已经改过编排，您的没有保存。"), advice=_("请先看最新编排，再决定是否继续。"))
