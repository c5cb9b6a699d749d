"""Form fields for what people type everywhere: amounts in yuan, days, moments in China's time."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from xinshu.core.money import parse_yuan, yuan
from xinshu.core.refusals import Invalid


class AmountField(forms.Field):
    """Yuan as people type them ("1,234.50", "50万元"), 分 as everything else wants them; None when left empty."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "widget", forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "maxlength": "40"})
        )
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return parse_yuan(text)
        except Invalid as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def prepare_value(self, value: Any) -> Any:
        return yuan(value) if isinstance(value, int) else value


class DayField(forms.DateField):
    """A day, with the browser's calendar; within two centuries, so that it can be counted from."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [MinValueValidator(date(1990, 1, 1)), MaxValueValidator(date(2190, 12, 31))]


class MomentField(forms.DateTimeField):
    """A moment, with the browser's calendar and clock; what is typed is China's time."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
        super().__init__(**options)
