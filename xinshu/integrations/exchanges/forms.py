"""The filters of 数据交换. What does not read is left out and said on the page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.integrations.exchanges.search import Place, Search
from xinshu.integrations.exchanges.sources import DIRECTIONS, FORMS, OUTCOMES, SOURCES, Asked


def all_kinds() -> list[tuple[str, str]]:
    """Return every kind of every source, as "source:code"."""
    return [
        (f"{source.code}:{code}", f"{source.label} · {name}") for source in SOURCES for code, name in source.kinds()
    ]


class ExchangesForm(forms.Form):
    """What is looked for."""

    receiver = forms.CharField(required=False, max_length=60)
    source = forms.ChoiceField(
        required=False, choices=[("", _("全部来源")), *((source.code, source.label) for source in SOURCES)]
    )
    direction = forms.ChoiceField(required=False, choices=[("", _("全部方向")), *DIRECTIONS.items()])
    kind = forms.ChoiceField(required=False, choices=lambda: [("", _("全部接口与事项")), *all_kinds()])
    outcome = forms.ChoiceField(required=False, choices=[("", _("全部结果")), *OUTCOMES.items()])
    form = forms.ChoiceField(required=False, choices=[("", _("全部形式")), *FORMS.items()])
    subject = forms.CharField(required=False, max_length=16)
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    before = forms.CharField(required=False, max_length=60)

    def clean_subject(self) -> str:
        return str(self.cleaned_data["subject"]).upper()

    def search(self) -> Search:
        """Return what a valid form asks for."""
        told: dict[str, Any] = {**self.cleaned_data}
        told.pop("before")
        return Search(told.pop("since"), told.pop("until"), Asked(**told))

    @property
    def place(self) -> Place | None:
        """From where on; None: from the newest."""
        return Place.read(self.cleaned_data.get("before", ""))
