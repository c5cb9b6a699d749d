"""The editor's form: one paragraph a line, one paper a line; with what the preview is to be filled."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.guarantees.letters.texts import Text
from xinshu.web.refusals import keep_typed


class WordingForm(RefusableForm):
    """What a version says. Line breaks part paragraphs."""

    use_required_attribute = False

    paragraphs = forms.CharField(
        label=_("正文"), max_length=40_000, widget=forms.Textarea({"rows": 18, "spellcheck": "false"}),
        help_text=_("一段一行。金额、日期、名称只用占位项，不要写死。"),
    )  # fmt: skip
    documents = forms.CharField(
        label=_("索赔单据"), max_length=8_000, required=False, help_text=_("一项一行"),
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
    )  # fmt: skip
    case = forms.ChoiceField(label=_("预览用的数据"), required=False)

    def __init__(self, *args: Any, cases: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["case"].choices = [("", _("示例数据")), *cases]  # type: ignore[attr-defined]

    def text(self) -> Text:
        """Return what was typed; the action judges its shape, the linter its words."""
        return text_of(self.cleaned_data["paragraphs"], self.cleaned_data["documents"])


def text_of(paragraphs: str, documents: str) -> Text:
    """Return what was typed in two boxes as a text."""
    return Text(_lines(paragraphs), _lines(documents))


def initial_of(text: Text) -> dict[str, str]:
    """Return what the boxes show of a text that there is."""
    return {"paragraphs": "\n".join(text.paragraphs), "documents": "\n".join(text.documents)}


def _lines(typed: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in typed.splitlines() if line.strip())


keep_typed(
    "guarantees", {name: WordingForm.base_fields[name].label for name in ("paragraphs", "documents")}
    | {"answer": _("说明")},
)  # fmt: skip
