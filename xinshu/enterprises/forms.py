"""The record as a form: pre-filled, so that a person only handles what changed, is missing or is old."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from xinshu.accounts.forms import RefusableForm
from xinshu.enterprises.fields import FIELDS, Field
from xinshu.enterprises.queries import CHANGED, MISSING, STALE, FieldView
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed
from xinshu.web.words import day

keep_typed("enterprises", {code: field.label for code, field in FIELDS.items()})
HOW = {CHANGED: "changed", MISSING: "missing", STALE: "missing"}  # the look of ui.prefilled; all else is kept


@dataclass(frozen=True)
class Filled:
    """One field with what the page says of it."""

    view: FieldView
    bound: forms.BoundField

    @property
    def how(self) -> str:
        return HOW.get(self.view.state, "kept")

    @property
    def optional_gap(self) -> bool:
        """Empty, and nobody needs it: shown as an ordinary field."""
        return self.view.state == MISSING and not self.view.required

    @property
    def source(self) -> str:
        if self.view.state == MISSING:
            return _("还没有填写")
        words = " ".join(part for part in (self.view.source, day(self.view.recorded_at)) if part and part != "—")
        if self.view.state == STALE:
            return _("%(source)s，已过期，请核对") % {"source": words}
        return words


class RecordForm(RefusableForm):
    """Every field of the record. What comes back as it was shown (also in part: 138****6021) counts as unchanged."""

    use_required_attribute = False

    def __init__(self, *args: Any, record: list[FieldView], **options: Any) -> None:
        super().__init__(*args, **options)
        self.record = record
        for view in record:
            self.fields[view.code] = _field(view.field)
            self.initial[view.code] = view.shown

    @property
    def seen(self) -> int:
        """The newest version that the page shows."""
        return max((view.version for view in self.record), default=0)

    def values(self) -> dict[str, str]:
        """Return what was typed, by field code, for `enter_fields`. What was not on the form is left alone."""
        return {view.code: self._value(view) for view in self.record if view.code in self.data}

    def _value(self, view: FieldView) -> str:
        typed = str(self.data.get(view.code, "")).strip()
        if typed == view.shown:
            return view.value
        cleaned = self.cleaned_data[view.code]
        return "" if cleaned is None else str(cleaned)

    def groups(self) -> Iterator[tuple[str, list[Filled]]]:
        """Yield the groups of fields, in the table's order."""
        for label in dict.fromkeys(view.field.group for view in self.record):
            yield label, [Filled(view, self[view.code]) for view in self.record if view.field.group == label]

    def wanting(self) -> list[FieldView]:
        """Return what still has to be filled in or looked at before an application."""
        return [view for view in self.record if view.required and view.state in (MISSING, STALE)]


def _field(field: Field) -> forms.Field:
    if field.kind == "money":
        return AmountField(label=field.label, required=False)
    attrs = {"autocomplete": "off"} | ({"inputmode": "tel"} if field.kind == "phone" else {})
    return forms.CharField(label=field.label, required=False, max_length=500, widget=forms.TextInput(attrs))
