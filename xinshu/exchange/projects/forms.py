"""Shapes of what people type about projects that travel."""

from typing import Any

from django import forms

from xinshu.exchange.lifecycle import DIFFERENCE, PROJECT_MESSAGE
from xinshu.exchange.models import FieldRule
from xinshu.exchange.projects.facts import FIELDS
from xinshu.exchange.projects.queries import VIEWS


class SearchForm(forms.Form):
    """How a list is narrowed, all in the URL. What does not read is left out."""

    q = forms.CharField(required=False, max_length=100)
    view = forms.ChoiceField(required=False, choices=list(VIEWS.items()))
    source = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    state = forms.ChoiceField(
        required=False,
        choices=[(code, code) for code in ("", *DIFFERENCE.states, *PROJECT_MESSAGE.states)],
    )

    def clean_q(self) -> str:
        return str(self.cleaned_data["q"]).replace("\0", "").strip()


class SeenForm(forms.Form):
    """The source's version that was seen."""

    seen = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class RulesForm(forms.Form):
    """Which side wins, per field."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in FIELDS.items():
            self.fields[name] = forms.ChoiceField(
                label=str(label), choices=FieldRule.Wins.choices, required=False, widget=forms.Select
            )

    @property
    def wins(self) -> dict[str, str]:
        """Return what was chosen."""
        return {name: choice or FieldRule.Wins.ASK for name, choice in self.cleaned_data.items()}
