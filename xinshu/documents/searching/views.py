"""检索结果原文: one file as it was read, page by page, what was looked for lit, also on its picture."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import signed_in
from xinshu.core.grams import normalise, terms_of
from xinshu.documents.lifecycle import ENTER
from xinshu.documents.models import File, FileText, Reading
from xinshu.documents.reading.lines import Box
from xinshu.documents.searching.finding import pages_lit
from xinshu.documents.searching.keeping import pages_in
from xinshu.documents.visibility import file_for, homes_of
from xinshu.ledger.reads import looked_at

WHY = {
    "": _("这份文件里没有可以显示的文字：可能是空白页，或者是身份证件，身份证件的内容不登记。"),
    "kind": _("这种格式的文件只按文件名检索，内容请下载后查看。"),
    "personal": _("认证材料只按文件名检索，内容不登记。"),
    "withdrawn": _("这份材料已不采用，不再按内容检索。"),
    "crashed": _("读取这份文件时三次中断，只登记了已经读到的部分。"),
}
UNREADABLE = _("这份文件打不开或读不出文字，只按文件名检索。")
WAITING = _("这份文件正在排队读取，读完以后这里显示文字。")


@require_safe
@signed_in
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what is written in a file to whoever may open it; somebody else's is remembered as read."""
    member, at = member_of(request), now()
    file = file_for(reference, member, at)
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    text = FileText.objects.filter(file=file).first()
    pages = pages_lit(pages_in(text), terms_of(q)) if text is not None else []
    if file.owner_id != member.organisation_id:
        looked_at("file.read", file, by=member, at=at, sealed_until=file.sealed_until)
    why = "" if any(pages) else _why(text)
    context = {
        "file": file, "q": q, "pages": pages, "why": why or (WHY["crashed"] if text and text.why == "crashed" else ""),
        "home": homes_of([file], member, at).get(file.pk), "pictures": _pictures(file, member, terms_of(q)),
        "held": [number for number, lines in enumerate(pages, 1) if any(lit for line in lines for _part, lit in line)],
    }  # fmt: skip
    return render(request, "documents/text.html", context)


def _why(text: FileText | None) -> object:
    if text is None or text.read_at is None:
        return WAITING
    return WHY.get(text.why, UNREADABLE)


def _pictures(file: File, member: Member, terms: list[str]) -> dict[int, tuple[Reading, int, int, list[Box]]]:
    """Return, by page, the picture of a paper of the member's own house and the boxes of the lines that hold a term."""
    reading = Reading.objects.visible_to(member).filter(file=file).first() if member.can(ENTER) else None
    found: dict[int, tuple[Reading, int, int, list[Box]]] = {}
    for page in reading.pages.filter(concealed=False).order_by("number") if reading is not None else ():
        boxes = [tuple(row[1]) for row in page.lines if any(term in normalise(row[0]) for term in terms)]
        if boxes and reading is not None:
            found[page.number] = (reading, page.width, page.height, boxes)
    return found
