"""Shapes of what people file about a guarantor; actions judge the contents."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.guarantors.models import Filing, NetAssets, Qualification
from xinshu.guarantors.naming import kind_choices
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed


def _day(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=hint,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


class QualificationForm(RefusableForm):
    """A licence or record."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("资质"), choices=Qualification.Kind.choices)
    certificate = forms.CharField(label=_("证号"), max_length=60)
    authority = forms.CharField(label=_("发证（备案）机关"), max_length=80)
    valid_from = _day(_("有效期自"))
    valid_until = _day(_("有效期至"), required=False, hint=_("不填即长期"))
    file = forms.FileField(label=_("证照扫描件"), required=False, allow_empty_file=True)

    def says(self) -> dict[str, Any]:
        """Return the columns as typed."""
        return {name: self.cleaned_data[name] for name in Qualification.SAYS}


class ScopeForm(RefusableForm):
    """A business that the house does."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=_("保函类型"), required=False, choices=lambda: [("", _("全部类型")), *kind_choices()]
    )
    region_code = forms.CharField(
        label=_("地区"), max_length=6, required=False,
        help_text=_("行政区划代码的前几位，例如 9901 是全市、990103 是一个区；不填即不限"),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    most_amount = AmountField(label=_("单笔最高"), required=False, help_text=_("不填即不限"))
    annual_rate = forms.DecimalField(
        label=_("报备年费率"), required=False, min_value=0, max_value=100, max_digits=7, decimal_places=4,
        help_text=_("报价按费率表；这里是报备的数字"),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "maxlength": "12"}),
    )  # fmt: skip
    valid_from = _day(_("有效期自"))
    valid_until = _day(_("有效期至"), required=False, hint=_("不填即长期"))

    def says(self) -> dict[str, Any]:
        """Return the columns as typed; the rate as a share."""
        typed = {name: self.cleaned_data[name] for name in self.fields}
        rate: Decimal | None = typed["annual_rate"]
        return typed | {"annual_rate": None if rate is None else rate / 100}


class NetAssetsForm(RefusableForm):
    """Net assets as a report states them."""

    use_required_attribute = False

    amount = AmountField(label=_("净资产（资本净额）"), error_messages={"required": _("请填写金额。")})
    valid_from = _day(_("报表基准日"))
    source = forms.CharField(label=_("数据出处"), max_length=120, help_text=_("例如“2025 年度审计报告”"))
    mainly_small = forms.BooleanField(
        label=_("主要为小微企业和农业、农村、农民服务（责任余额上限按净资产的 15 倍）"), required=False
    )
    basis = forms.CharField(label=_("15 倍的依据"), max_length=200, required=False, help_text=_("不按 15 倍的不填"))
    file = forms.FileField(label=_("报表或审计报告"), required=False, allow_empty_file=True)

    def says(self) -> dict[str, Any]:
        """Return the columns as typed."""
        return {name: self.cleaned_data[name] for name in NetAssets.SAYS}


def initial_of(filing: Filing) -> dict[str, Any]:
    """Return what the form shows of a version that there is."""
    shown = dict(filing.values)
    if shown.get("annual_rate") is not None:
        shown["annual_rate"] = f"{(shown['annual_rate'] * 100).normalize():f}"
    return shown


for _form in (QualificationForm, ScopeForm, NetAssetsForm):
    keep_typed("guarantors", {name: field.label for name, field in _form.base_fields.items() if name != "kind"})
