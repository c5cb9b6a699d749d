"""Taking in what a form or a phone sends: each file kept or refused by itself, under the name of one upload."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from xinshu.core.cases import ALPHABET
from xinshu.core.refusals import Invalid
from xinshu.documents.models import random_batch
from xinshu.documents.papers.actions import MOST
from xinshu.documents.uploads import read_upload

BATCH = re.compile(f"[{ALPHABET}]{{12}}")
Keep = Callable[[bytes, str, str], object]  # content, name, batch


def take_in(request: HttpRequest, keep: Keep) -> list[Invalid]:
    """Keep every file that can be read; return why the others were not kept."""
    uploads: list[Any] = request.FILES.getlist("files")
    if not uploads:
        return [Invalid(_("还没有选择文件。"), advice=_("可以一次选择多份，支持 PDF、PNG 和 JPEG。"))]
    batch, refused, kept = batch_in(request), list[Invalid](), 0
    for upload in uploads[:MOST]:
        try:
            keep(read_upload(upload), upload.name or "", batch)
            kept += 1
        except Invalid as refusal:
            refused.append(refusal)
    if len(uploads) > MOST:
        message = _("一次最多 %(n)d 份，后面的 %(more)d 份没有保存。") % {"n": MOST, "more": len(uploads) - MOST}
        refused.append(Invalid(message, advice=_("请分批上传。")))
    if kept and not piecewise(request):
        messages.success(request, _("已保存 %(n)d 份，正在识别。可以离开这个页面，识别完会通知您。") % {"n": kept})
    return refused


def batch_in(request: HttpRequest) -> str:
    """Return the name under which files sent one by one belong together; a new one where the form has none."""
    batch = request.POST.get("batch", "")
    return batch if BATCH.fullmatch(batch) else random_batch()


def piecewise(request: HttpRequest) -> bool:
    """Say whether a page's script sends the files one by one, to show how far each is (papers.js)."""
    return request.headers.get("Accept") == "application/json"


def told(refused: list[Invalid]) -> JsonResponse:
    """Answer the script: kept, or why not, in the words of the page."""
    if not refused:
        return JsonResponse({"kept": True})
    words = " ".join(filter(None, (refused[0].message, refused[0].advice)))
    return JsonResponse({"kept": False, "why": words}, status=422)
