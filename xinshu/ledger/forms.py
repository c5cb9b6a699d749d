"""The shapes of what is asked of the ledger's pages."""

import re
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy as _

from xinshu.core.refusals import Refusal
from xinshu.ledger.kinds import expirable, name_of
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


def _kinds() -> list[tuple[str, str]]:
    return [("", _("请选择")), *((kind, f"{name_of(kind)}（{kind}）") for kind in expirable())]  # type: ignore[list-item]


class RuleForm(forms.Form):
    """For how long one kind of entry is kept, and why."""

    kind = forms.ChoiceField(label=_("事项"), choices=_kinds, error_messages={"required": _("请选择事项")})
    months = forms.IntegerField(
        label=_("留存期限"), min_value=1, max_value=1200, error_messages={"required": _("请填写月数")}
    )
    basis = forms.CharField(label=_("依据"), max_length=200, error_messages={"required": _("请写明依据")})
    refusal: Refusal | None = None

    def refuse(self, refusal: Refusal) -> None:
        """Keep `refusal` for the page: its sentence above the form, its fields beside the fields."""
        self.refusal = refusal
        for name, message in refusal.fields.items():
            self.add_error(name if name in self.fields else NON_FIELD_ERRORS, message)

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        return self.refusal.status if self.refusal is not None else 422 if self.errors else 200


class DecisionForm(forms.Form):
    """Why somebody decides as they do, and which version they saw."""

    reason = forms.CharField(max_length=500, required=False)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class EvidenceForm(forms.Form):
    """An evidence file, uploaded or pasted."""

    file = forms.FileField(required=False, label=_("存证文件"), allow_empty_file=True)
    text = forms.CharField(required=False, label=_("或粘贴文件内容"), strip=False, widget=forms.Textarea)
