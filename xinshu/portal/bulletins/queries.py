"""What can be asked of announcements: what anybody sees, and what the platform's people keep."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.refusals import Unknown
from xinshu.portal.models import Bulletin, Bulletins, Category

VIEWS = {
    "": lazy("全部"),
    "shown": lazy("展示中"),
    "coming": lazy("待展示"),
    "draft": lazy("草稿"),
    "over": lazy("已下架"),
    "deleted": lazy("已删除"),
}


@dataclass(frozen=True)
class Search:
    """What a list is narrowed to; everything optional."""

    q: str = ""
    view: str = ""
    category: str = ""

    def public(self, at: datetime) -> Bulletins:
        """Return what anybody sees at `at`."""
        return self._narrowed(Bulletin.objects.shown(at)).in_order()

    def kept(self, at: datetime) -> Bulletins:
        """Return what the platform keeps, the newest first; deleted ones only where they are asked for."""
        found = self._narrowed(Bulletin.objects.all())
        published = Q(state="published")
        narrowed = {
            "shown": Q(pk__in=Bulletin.objects.shown(at).values("pk")),
            "coming": published & Q(shown_from__gt=at),
            "draft": Q(state="draft"),
            "over": Q(state="taken_down") | published & Q(shown_until__lte=at),
            "deleted": Q(state="deleted"),
        }
        return found.filter(narrowed.get(self.view, ~Q(state="deleted"))).order_by("-pinned", "-changed_at", "-pk")

    def _narrowed(self, found: Bulletins) -> Bulletins:
        if self.q:
            found = found.filter(Q(title__icontains=self.q) | Q(body__icontains=self.q))
        return found.filter(category=self.category) if self.category in Category.values else found


def shown_bulletin(reference: str, at: datetime) -> Bulletin:
    """Return one that anybody may read now. Raises Unknown: a draft, one to come and none at all look the same."""
    found = Bulletin.objects.shown(at).filter(reference=reference).first()
    if found is None:
        raise Unknown(_("没有这份公告，或者它已下架。"), advice=_("请从公告列表查看正在展示的公告。"))
    return found


def kept_bulletin(reference: str) -> Bulletin:
    """Return one for the platform's people. Raises Unknown."""
    found = Bulletin.objects.filter(reference=reference).first()
    if found is None:
        raise Unknown(_("没有找到这份公告。"), advice=_("请从公告管理进入。"))
    return found
