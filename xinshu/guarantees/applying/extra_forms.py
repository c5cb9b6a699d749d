"""The part of the wizard that asks for a type's own fields: drawn from the definition, kept by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.core.refusals import Invalid
from xinshu.guarantees.extras import AMOUNT, CHOICE, DAY, LONGEST, NUMBER, Extra
from xinshu.guarantees.forms import DayField
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed

FORMER = "x"  # before the number of a field in what the browser sends


class ExtrasForm(forms.Form):
    """One input per field of the type; none when it has none. `values`: what the case keeps, by name."""

    use_required_attribute = False

    def __init__(self, data: Any, extras: Sequence[Extra], values: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.extras = extras
        for place, extra in enumerate(extras):
            field = _field(extra)
            field.initial = values.get(extra.name)
            self.fields[f"{FORMER}{place}"] = field

    @property
    def rows(self) -> list[tuple[forms.BoundField, Any]]:
        """The bound fields, each with its unit."""
        return [
            (self[f"{FORMER}{place}"], _("元") if extra.sort == AMOUNT else "")
            for place, extra in enumerate(self.extras)
        ]

    def values(self) -> dict[str, Any]:
        """Return what was typed, by the names of the fields; the action judges it once more."""
        typed = {extra.name: self.cleaned_data[f"{FORMER}{place}"] for place, extra in enumerate(self.extras)}
        return {name: value for name, value in typed.items() if value not in (None, "")}

    def show(self, refusal: Invalid) -> bool:
        """Show a refusal at the fields that it names. Returns whether it named any of these."""
        names = {extra.name: f"{FORMER}{place}" for place, extra in enumerate(self.extras)}
        mine = {name: text for name, text in refusal.fields.items() if name in names}
        for name, text in mine.items():
            self.add_error(names[name], text)
        return bool(mine)


def _field(extra: Extra) -> forms.Field:
    told: dict[str, Any] = {"label": extra.name, "required": extra.required, "help_text": extra.help}
    if extra.sort == NUMBER:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "maxlength": "24"})
        return forms.DecimalField(max_digits=21, decimal_places=6, widget=widget, **told)
    if extra.sort == DAY:
        return DayField(**told)
    if extra.sort == AMOUNT:
        return AmountField(**told)
    if extra.sort == CHOICE:
        return forms.ChoiceField(choices=[("", _("请选择")), *((one, one) for one in extra.choices)], **told)
    return forms.CharField(max_length=LONGEST, **told)


keep_typed("guarantees", {f"{FORMER}{place}": _("类型字段") for place in range(8)})
