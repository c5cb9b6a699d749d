"""What pages ask of what a person sent: the case as they saw it, a reason, for whom they sign, which page of a list."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from xinshu.core.cases import CaseRow
from xinshu.core.refusals import Invalid

FAR = 10_000  # the last page that may be asked for where nobody counts


def as_seen(case: CaseRow, request: HttpRequest) -> CaseRow:
    """Give the case the version that the person had before them, so that a stale page is refused.

    Raises Invalid when the form carries none.
    """
    case.version = version_in(request)
    return case


def version_in(request: HttpRequest) -> int:
    """Return the version of what the person had before them. Raises Invalid when the form carries none."""
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdecimal() and len(version) < 10):
        raise Invalid(_("页面内容不完整，没有执行。"), advice=_("请刷新页面后再试。"))
    return int(version)


def reason_in(request: HttpRequest) -> str:
    """Return the reason that was written. Raises Invalid when there is none."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Invalid(_("请写明原因。"), advice=_("对方会看到您写的内容。"), fields={"reason": _("还没有填写")})
    return reason[:500]


def seat_in(request: HttpRequest) -> int | None:
    """Return for whom the member signs; None: the own seat, or the only one there is."""
    seat = request.POST.get("seat", "")
    return int(seat) if seat.isascii() and seat.isdecimal() and len(seat) < 19 else None


def page_in(request: HttpRequest, *, size: int, total: int | None = None) -> int:
    """Return which page of a list of `size` rows a page was asked for: from 1 to the last of `total`, where known."""
    text = request.GET.get("page", "1")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
    last = FAR if total is None else max(1, -(-total // size))
    return min(max(asked, 1), last)
