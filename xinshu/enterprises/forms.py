"""The record as a form: pre-filled, so that a person only handles what changed, is missing or is old."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.forms import RefusableForm
from xinshu.accounts.models import Member
from xinshu.core.clock import today
from xinshu.enterprises.ageing import LONGEST, SHORTEST
from xinshu.enterprises.fields import FIELDS, PARTS, Field
from xinshu.enterprises.queries import CHANGED, MISSING, STALE, FieldView
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed
from xinshu.web.words import day

keep_typed("enterprises", {code: field.label for code, field in FIELDS.items()})
EARLIEST = date(1990, 1, 1)
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
        view = self.view
        parts = (
            view.source,
            view.place,
            _("可信度 %(n)s") % {"n": view.confidence} if view.confidence else "",
            day(view.recorded_at) if view.recorded_at else "",
            _("%(name)s 已核实") % {"name": view.verified_by} if view.verified_by else "",
        )
        words = " · ".join(part for part in parts if part)
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


class OriginForm(RefusableForm):
    """Where the values just entered come from: a document, the page in it, since when they hold. All may stay empty."""

    use_required_attribute = False

    paper = forms.FileField(label=lazy("来源文件"), required=False)
    page = forms.IntegerField(
        label=lazy("所在页"), required=False, min_value=1, max_value=9999,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), lazy("请填写页码，从 1 开始。")),
    )  # fmt: skip
    valid_from = forms.DateField(
        label=lazy("自何日起"), required=False, widget=forms.DateInput({"type": "date"}),
        error_messages={"invalid": lazy("请填写日期，例如 2026-10-01。")},
    )  # fmt: skip


class AsOfForm(RefusableForm):
    """Of which day the record is asked for: what was true then (`true`), from what was known then (`known`)."""

    use_required_attribute = False

    true = forms.DateField(
        label=lazy("哪一天的情况"), required=False, widget=forms.DateInput({"type": "date"}),
        error_messages={"invalid": lazy("请填写日期，例如 2026-10-01。")},
    )  # fmt: skip
    known = forms.DateField(
        label=lazy("按哪一天所知"), required=False, widget=forms.DateInput({"type": "date"}),
        error_messages={"invalid": lazy("请填写日期，例如 2026-10-01。")},
    )  # fmt: skip

    def days(self) -> tuple[date, date]:
        """Return (true, known); today where nothing was typed, or what cannot be a day of a record."""
        if not self.is_bound or not self.is_valid():
            return today(), today()
        true, known = self.cleaned_data["true"] or today(), self.cleaned_data["known"] or today()
        for name, asked in (("true", true), ("known", known)):
            if not EARLIEST <= asked <= today() + timedelta(days=3660):
                self.add_error(name, _("请填写 1990 年以后的日期。"))
                true = known = today()
        return true, known


class HandOverForm(RefusableForm):
    """To whom a customer goes, and why."""

    use_required_attribute = False

    manager = forms.ModelChoiceField(
        Member.objects.none(), label=lazy("移交给"), empty_label=lazy("请选择"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), lazy("请选择本机构的客户经理。")),
    )  # fmt: skip
    reason = forms.CharField(
        label=lazy("原因"), max_length=500, widget=forms.Textarea({"rows": 3}),
        error_messages={"required": lazy("请写明移交的原因，双方都会看到。")},
    )  # fmt: skip

    def __init__(self, *args: Any, colleagues: list[Member], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.fields["manager"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = Member.objects.filter(pk__in=[member.pk for member in colleagues]).select_related("user")
        chosen.label_from_instance = _name_of  # type: ignore[method-assign,assignment]


def _name_of(member: Member) -> str:
    return member.user.name


class RhythmForm(RefusableForm):
    """After how many days each part of a record is to be looked at again."""

    use_required_attribute = False

    def __init__(self, *args: Any, rhythm: dict[str, int], **options: Any) -> None:
        super().__init__(*args, **options)
        for part in PARTS.values():
            self.fields[part.code] = forms.IntegerField(
                label=part.label, min_value=SHORTEST, max_value=LONGEST, initial=rhythm[part.code],
                error_messages=dict.fromkeys(
                    ("required", "invalid", "min_value", "max_value"),
                    _("请填写 %(a)d 至 %(b)d 之间的天数。") % {"a": SHORTEST, "b": LONGEST},
                ),
            )  # fmt: skip


def _field(field: Field) -> forms.Field:
    if field.kind == "money":
        return AmountField(label=field.label, required=False)
    modes = {"phone": "tel", "count": "numeric"}
    attrs = {"autocomplete": "off"} | ({"inputmode": modes[field.kind]} if field.kind in modes else {})
    if field.kind == "day":
        attrs["type"] = "date"
    return forms.CharField(label=field.label, required=False, max_length=500, widget=forms.TextInput(attrs))
