"""Shapes of what people hand in; the actions judge the contents."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Invalid
from xinshu.watch.actions.rules import Wish
from xinshu.watch.levels import BANDS
from xinshu.watch.lifecycle import ALERT, CASE
from xinshu.watch.patterns import AMOUNT, ANOMALIES, EVENTS, GRADES, Pattern


def _one_of(blank: Any, rows: Any) -> Any:
    return lambda: [("", blank), *((code, str(label)) for code, label in rows)]


class _Filters(forms.Form):
    q = forms.CharField(required=False, max_length=60)

    def asked(self) -> dict[str, str]:
        """Return what reads, "" for what does not."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class CaseFilters(_Filters):
    """How the list of cases is narrowed."""

    view = forms.ChoiceField(required=False, choices=[(code, code) for code in ("", "live", "mine", "frozen", "ended")])
    pattern = forms.ChoiceField(
        required=False, choices=_one_of(lazy("全部监测项"), [(code, one.label) for code, one in ANOMALIES.items()])
    )
    grade = forms.ChoiceField(required=False, choices=_one_of(lazy("全部等级"), GRADES.items()))
    state = forms.ChoiceField(
        required=False,
        choices=_one_of(lazy("全部状态"), [(s.code, s.label) for s in CASE.states.values() if s.code != "sealed"]),
    )


class AlertFilters(_Filters):
    """How the list of alerts is narrowed."""

    view = forms.ChoiceField(required=False, choices=[(code, code) for code in ("", "live", "mine", "ended")])
    kind = forms.ChoiceField(
        required=False, choices=_one_of(lazy("全部类型"), [(code, one.label) for code, one in EVENTS.items()])
    )
    grade = forms.ChoiceField(required=False, choices=_one_of(lazy("全部等级"), GRADES.items()))
    state = forms.ChoiceField(
        required=False, choices=_one_of(lazy("全部状态"), [(s.code, s.label) for s in ALERT.states.values()])
    )


class FirmFilters(_Filters):
    """How the list of firms is narrowed."""

    band = forms.ChoiceField(
        required=False, choices=_one_of(lazy("全部等级"), [(code, label) for _least, code, label, _tone in BANDS])
    )


class RuleForm(forms.Form):
    """How a pattern shall be watched: its fields are those of the pattern's thresholds, amounts in 元."""

    on = forms.BooleanField(label=lazy("监测这一项"), required=False)
    grade = forms.ChoiceField(
        label=lazy("发现后的等级"), choices=lambda: [(code, str(label)) for code, label in GRADES.items()]
    )
    blocks = forms.BooleanField(label=lazy("发现后立即冻结企业的新业务"), required=False)

    def __init__(self, pattern: Pattern, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pattern = pattern
        if pattern.group != "anomaly":
            del self.fields["blocks"]
        for name, limit in pattern.limits.items():
            self.fields[f"limit_{name}"] = forms.CharField(label=limit.label, max_length=24)

    @property
    def limits(self) -> list[Any]:
        """The fields of the thresholds, each with its unit."""
        return [(self[f"limit_{name}"], limit.unit) for name, limit in self.pattern.limits.items()]

    def wish(self) -> Wish | None:
        """Return what was asked for; None where a threshold does not read (the fields then say so)."""
        read: dict[str, int] = {}
        for name, limit in self.pattern.limits.items():
            text = self.cleaned_data[f"limit_{name}"].replace(",", "").replace("，", "").strip()
            try:
                value = parse_yuan(text) if limit.kind == AMOUNT else int(text) if text.isascii() else None
            except (ValueError, Invalid):
                value = None
            if value is None or not limit.least <= value <= limit.most:
                bounds = (limit.least // 100, limit.most // 100) if limit.kind == AMOUNT else (limit.least, limit.most)
                words = _("填 %(least)s 到 %(most)s 之间的数") % {"least": f"{bounds[0]:,}", "most": f"{bounds[1]:,}"}
                self.add_error(f"limit_{name}", words)
            else:
                read[name] = value
        if self.errors:
            return None
        told = self.cleaned_data
        return Wish(on=told["on"], grade=told["grade"], blocks=bool(told.get("blocks")), limits=read)


class ScreenForm(forms.Form):
    """Which firm is looked at."""

    name = forms.CharField(label=lazy("企业名称"), max_length=120)
    uscc = forms.CharField(label=lazy("统一社会信用代码"), max_length=30)
