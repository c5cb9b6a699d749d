"""Shapes of an arrangement: two lists of rows in one form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.portal.arranging.pieces import ENTRIES, KINDS, MOST_CHANNELS, MOST_COLUMNS, MOST_ROWS, TARGETS, Piece
from xinshu.portal.models import Category


class _Row(forms.Form):
    use_required_attribute = False
    title = forms.CharField(label=_("名称"), max_length=20, required=False)
    visible = forms.BooleanField(label=_("显示"), required=False, initial=True)

    def has_changed(self) -> bool:
        """A row that names nothing is the empty one at the end, whatever its boxes say."""
        return bool(self.data.get(self.add_prefix(self.names)) or self.data.get(self.add_prefix("title")))

    names = ""


class ChannelForm(_Row):
    """One channel."""

    names = "to"
    to = forms.ChoiceField(
        label=_("通往"), choices=[("", _("请选择")), *((code, one.label) for code, one in TARGETS.items())],
        error_messages={"required": _("请选择页面")},
    )  # fmt: skip


class ColumnForm(_Row):
    """One column."""

    names = "kind"
    kind = forms.ChoiceField(
        label=_("内容"), choices=[("", _("请选择")), *KINDS.items()], error_messages={"required": _("请选择内容")}
    )
    category = forms.ChoiceField(label=_("公告类别"), required=False, choices=[("", _("全部类别")), *Category.choices])
    rows = forms.IntegerField(label=_("条数"), required=False, min_value=1, max_value=MOST_ROWS, initial=5)
    wide = forms.BooleanField(label=_("占整行"), required=False)
    entries = forms.MultipleChoiceField(
        label=_("入口"), required=False, choices=[(code, TARGETS[code].label) for code in ENTRIES],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


class NoteForm(forms.Form):
    """What was changed, and which version was seen."""

    note = forms.CharField(label=_("说明"), max_length=200, required=False)
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    number = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


_given: dict[str, Any] = {"can_order": True, "can_delete": True, "extra": 1, "validate_max": True}
Channels = forms.formset_factory(ChannelForm, max_num=MOST_CHANNELS, absolute_max=MOST_CHANNELS + 2, **_given)
Columns = forms.formset_factory(ColumnForm, max_num=MOST_COLUMNS, absolute_max=MOST_COLUMNS + 2, **_given)


def pieces_of(formset: Any) -> list[Piece]:
    """Return the rows of a valid formset in their order, without the deleted ones."""
    rows = [form.cleaned_data for form in formset.forms if form.has_changed() and not form.cleaned_data.get("DELETE")]
    placed = sorted(enumerate(rows), key=lambda pair: (pair[1].get("ORDER") or 10_000, pair[0]))
    return [{name: value for name, value in row.items() if name not in ("ORDER", "DELETE")} for _place, row in placed]
