"""What the pages of billing share: page numbers, filters in words, workbooks as answers."""

import io
from datetime import datetime

from django import forms
from django.http import FileResponse, HttpRequest

from xinshu.core.clock import CHINA


def page_of(request: HttpRequest) -> int:
    """Return the page that the URL asks for; 1 for what is no number."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def applied_of(form: forms.Form) -> list[tuple[str, str]]:
    """Return the filters in force in words, each with the name to leave out of the URL."""
    words = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if value not in (None, ""):
            shown = dict(field.choices).get(value, value) if hasattr(field, "choices") else value
            words.append((f"{field.label}：{shown}" if field.label else str(shown), name))
    return words


def attachment(content: bytes, name: str, at: datetime) -> FileResponse:
    """Return a workbook under a name that says when it was taken."""
    stamp = at.astimezone(CHINA).strftime("%Y%m%d-%H%M")
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=f"{name}-{stamp}.xlsx")
