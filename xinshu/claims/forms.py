"""Shapes of what people hand in; actions judge the contents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.claims.lifecycle import DEMAND, RECOURSE
from xinshu.guarantees.forms import DayField
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed


class DemandForm(forms.Form):
    """A demand, as the beneficiary writes it."""

    amount = AmountField(label=_("索赔金额"))
    statement = forms.CharField(
        label=_("违约声明"), required=False, max_length=4000, widget=forms.Textarea({"rows": 5})
    )
    payee_name = forms.CharField(label=_("收款户名"), max_length=80)
    payee_bank = forms.CharField(label=_("开户行"), max_length=80)
    payee_account = forms.RegexField(
        r"^[0-9 -]{6,40}$", label=_("收款账号"), error_messages={"invalid": _("账号由数字组成。")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "40"}),
    )  # fmt: skip
    later = forms.BooleanField(label=_("单据以后补齐"), required=False)
    to_complete = forms.CharField(label=_("还缺什么"), required=False, max_length=300)
    extend_to = DayField(label=_("展期至"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("later") and not cleaned.get("to_complete", "").strip():
            self.add_error("to_complete", _("写明还缺什么，补齐前不开始审核。"))
        return cleaned


class CompleteForm(forms.Form):
    """What completes a presentation."""

    statement = forms.CharField(
        label=_("违约声明"), required=False, max_length=4000, widget=forms.Textarea({"rows": 4})
    )


class InjunctionForm(forms.Form):
    """A court's order."""

    court = forms.CharField(label=_("法院"), max_length=80)
    document_number = forms.CharField(label=_("裁定书文号"), max_length=80)
    from_on = DayField(label=_("止付自"))
    until_on = DayField(label=_("止付至"), required=False)
    file = forms.FileField(label=_("裁定书"), allow_empty_file=True)


class ProlongForm(forms.Form):
    """Until when an order stands now."""

    until_on = DayField(label=_("止付至"))


class SuitForm(forms.Form):
    """The suit that keeps an order standing."""

    suit = forms.CharField(label=_("案号"), max_length=80)
    on = DayField(label=_("起诉日"))


class RateForm(forms.Form):
    """The interest that the counter-security gives, in percent a year."""

    percent = forms.DecimalField(label=_("年利率"), min_value=0, max_value=100, max_digits=6, decimal_places=3)
    basis = forms.CharField(label=_("依据"), max_length=120)


class EntryForm(forms.Form):
    """A cost or a recovery."""

    amount = AmountField(label=_("金额"))
    number = forms.CharField(label=_("凭证号"), max_length=60)
    on = DayField(label=_("日期"))
    note = forms.CharField(label=_("说明"), required=False, max_length=200)


class FiltersForm(forms.Form):
    """The register's filters, all in the URL."""

    q = forms.CharField(required=False, max_length=100)
    view = forms.CharField(required=False, max_length=20)
    state = forms.ChoiceField(
        required=False, choices=[("", _("全部状态")), *((one.code, one.label) for one in DEMAND.states.values())]
    )
    presented_from = DayField(label=_("收到从"), required=False)
    presented_to = DayField(label=_("收到至"), required=False)


RECOURSE_STATES = [("", _("全部状态")), *((state.code, state.label) for state in RECOURSE.states.values())]
for form in (DemandForm, InjunctionForm, SuitForm, RateForm, EntryForm):
    keep_typed("claims", {name: field.label for name, field in form.base_fields.items()})
keep_typed("claims", {"text": _("您的意见")})
