"""Saving a view of the register, and dropping it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.models import SavedView
from xinshu.ledger.recording import record

MOST = 20  # views of one person


@transaction.atomic
def save_view(name: str, query: str, *, shared: bool, by: Member, at: datetime) -> SavedView:
    """Keep filters and columns under a name; the same name again replaces them. What is looked for is not recorded."""
    name = name.strip()
    if not name or len(name) > 20:
        raise Invalid(_("请给视图起一个 20 字以内的名称。"), fields={"name": _("没有填写或太长")})
    if len(query) > 600:
        raise Invalid(_("条件太长，没有保存。"), advice=_("请去掉一些条件。"))
    own = SavedView.objects.select_for_update().filter(owner=by)
    if not own.filter(name=name).exists() and own.count() >= MOST:
        raise NotNow(_("最多保存 %d 个视图。") % MOST, advice=_("请先删除不用的。"))
    kept = {"query": query, "shared": shared, "saved_at": at, "house": by.organisation}
    view, _new = SavedView.objects.update_or_create(owner=by, name=name, defaults=kept)
    record("view.saved", view, by=by, at=at, shared=shared)
    return view


@transaction.atomic
def drop_view(view: SavedView, *, by: Member, at: datetime) -> None:
    """Drop one's own view; who shares it no longer finds it."""
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    if view.owner_id != by.pk:
        raise NotPermitted(_("这是同事共享的视图，只有保存它的人可以删除。"))
    record("view.dropped", view, by=by, at=at)
    view.delete()
