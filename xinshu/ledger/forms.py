"""The shapes of what is asked of the ledger's pages."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.ledger.log import Search


class SearchForm(forms.Form):
    """The filters of the system log."""

    kind = forms.CharField(required=False, max_length=60)
    actor = forms.CharField(required=False, max_length=60)
    subject = forms.CharField(required=False, max_length=90)
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def clean_subject(self) -> str:
        subject = self.cleaned_data["subject"]
        if subject and not re.fullmatch(r"[a-z_.]+:[0-9]{1,18}", subject):
            raise forms.ValidationError(_("对象写成“类型:编号”，例如 guarantees.guarantee:12。"))
        return str(subject)

    def search(self) -> Search:
        """Return what a valid form asks for."""
        asked: dict[str, Any] = {**self.cleaned_data}
        asked.pop("before")
        return Search(**asked)


class EvidenceForm(forms.Form):
    """An evidence file, uploaded or pasted."""

    file = forms.FileField(required=False, label=_("存证文件"), allow_empty_file=True)
    text = forms.CharField(required=False, label=_("或粘贴文件内容"), strip=False, widget=forms.Textarea)
