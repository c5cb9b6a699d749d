"""Shapes of what people hand in about a living guarantee; actions judge the contents."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.core.money import parse_yuan, yuan
from xinshu.core.refusals import Invalid
from xinshu.guarantees.changing import GROUNDS
from xinshu.guarantees.forms import DayField
from xinshu.guarantees.law.consenting import EFFECTS
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed

REASON = forms.Textarea(attrs={"rows": 3, "maxlength": 500})


class AmendForm(forms.Form):
    """The terms as they should read; what is left as it stands does not change."""

    new_amount = AmountField(label=_("保函金额"))
    new_expires_on = DayField(label=_("到期日"))
    applicant = forms.CharField(label=_("申请人名称"), max_length=120, required=False)
    beneficiary = forms.CharField(label=_("受益人名称"), max_length=120, required=False)
    project = forms.CharField(label=_("项目名称"), max_length=120, required=False)
    project_number = forms.CharField(label=_("项目编号"), max_length=120, required=False)
    reason = forms.CharField(label=_("修改的原因"), max_length=500, min_length=4, widget=REASON)


class SurrenderForm(forms.Form):
    """Why it is given back, and what proves it."""

    ground = forms.ChoiceField(label=_("退保情形"), choices=GROUNDS)
    reason = forms.CharField(label=_("退保的原因"), max_length=500, min_length=4, widget=REASON)
    file = forms.FileField(label=_("证明文件"), allow_empty_file=True)


class SupplyForm(forms.Form):
    """What was missing."""

    reason = forms.CharField(label=_("补充说明"), max_length=500, min_length=4, widget=REASON)
    file = forms.FileField(label=_("证明文件"), allow_empty_file=True, required=False)


class ReduceForm(forms.Form):
    """By how much, on what document."""

    amount = AmountField(label=_("减少的金额"))
    reason = forms.CharField(label=_("减额的依据"), max_length=500, min_length=4, widget=REASON)
    file = forms.FileField(label=_("依据文件"), allow_empty_file=True)


class ContractChangeForm(forms.Form):
    """How the main contract changed, on what paper."""

    effect = forms.ChoiceField(label=_("变更的性质"), choices=EFFECTS)
    amount = AmountField(
        label=_("涉及的金额"), required=False, help_text=_("加重、减轻或转移的金额；履行期限、债权转让不填")
    )
    reason = forms.CharField(label=_("变更的内容"), max_length=500, min_length=4, widget=REASON)
    file = forms.FileField(label=_("补充协议或通知"), allow_empty_file=True)


class ScheduleField(forms.CharField):
    """A schedule of reductions, one line each ("2027-03-31 500,000.00"): a list of (day, 分)."""

    widget = forms.Textarea(attrs={"rows": 4, "maxlength": 4000, "placeholder": "2027-03-31　500,000.00"})

    def to_python(self, value: Any) -> Any:
        steps = []
        for line in str(value or "").splitlines():
            if not line.strip():
                continue
            found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})[\s，,：:]+(.+)", line.strip(), re.ASCII)
            try:
                if found is None:
                    raise ValueError
                steps.append((date.fromisoformat(found[1]), parse_yuan(found[2])))
            except (ValueError, Invalid) as error:
                raise forms.ValidationError(
                    _("“%(line)s”没有读懂，每行写一期：日期 金额，如 2027-03-31 500000"),
                    params={"line": line.strip()[:60]},
                ) from error
        return steps

    def prepare_value(self, value: Any) -> Any:
        return value if not isinstance(value, list) else "\n".join(f"{on.isoformat()} {yuan(fen)}" for on, fen in value)


class ScheduleForm(forms.Form):
    """The reductions that are agreed at issue; empty: none."""

    schedule = ScheduleField(label=_("减额安排"), required=False)


keep_typed(
    "guarantees",
    {
        name: field.label
        for form in (AmendForm, SurrenderForm, ReduceForm, ContractChangeForm, ScheduleForm)
        for name, field in form.base_fields.items()
        if name != "file"
    },
)
