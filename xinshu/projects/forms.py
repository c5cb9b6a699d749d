"""The shapes of what people type about a project; the actions decide whether it holds."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.projects.lifecycle import LIFECYCLE
from xinshu.projects.models import Project
from xinshu.web.fields import AmountField, MomentField
from xinshu.web.refusals import keep_typed


class ProjectForm(RefusableForm):
    """Everything that a person enters about a project."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("项目名称"), max_length=300, error_messages={"required": _("请填写项目全称，与招标文件一致。")}
    )
    number = forms.CharField(label=_("招标（标段）编号"), max_length=80, required=False)
    kind = forms.ChoiceField(label=_("工程类别"), choices=Project.Kind.choices, initial=Project.Kind.OTHER)
    buyer = forms.CharField(
        label=_("建设单位（招标人）"), max_length=120, error_messages={"required": _("请填写建设单位全称。")}
    )
    site = forms.CharField(label=_("建设地点"), max_length=200, required=False)
    region_code = forms.RegexField(
        r"^(\d{6}|)$",
        label=_("行政区划代码"),
        required=False,
        error_messages={"invalid": _("行政区划代码是 6 位数字。")},
        widget=forms.TextInput({"inputmode": "numeric", "maxlength": "6"}),
    )
    estimate_amount = AmountField(label=_("招标项目估算价"), required=False)
    estimate_source = forms.CharField(label=_("估算价出处"), max_length=120, required=False)
    opens_at = MomentField(label=_("开标时间"), required=False)
    bid_validity_days = forms.IntegerField(label=_("投标有效期"), required=False)
    contract_days = forms.IntegerField(label=_("工期"), required=False)
    regime = forms.ChoiceField(
        label=_("采购方式"), choices=Project.Regime.choices, initial=Project.Regime.TENDER, required=False
    )
    contract_amount = AmountField(label=_("施工合同价款"), required=False)
    contract_source = forms.CharField(label=_("合同价款出处"), max_length=120, required=False)
    advance_amount = AmountField(label=_("预付款金额"), required=False)
    advance_source = forms.CharField(label=_("预付款出处"), max_length=120, required=False)
    settlement_amount = AmountField(label=_("工程结算总额"), required=False)
    settlement_source = forms.CharField(label=_("结算总额出处"), max_length=120, required=False)
    completed_on = forms.DateField(
        label=_("竣工验收日期"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    defects_months = forms.IntegerField(label=_("缺陷责任期"), required=False)
    labour_department = forms.CharField(label=_("人力资源社会保障部门"), max_length=120, required=False)

    def clean_regime(self) -> str:
        return self.cleaned_data["regime"] or Project.Regime.TENDER


class AwardForm(RefusableForm):
    """Who won, and for how much."""

    use_required_attribute = False

    winner = forms.CharField(
        label=_("中标人（联合体填牵头单位）"), max_length=120, error_messages={"required": _("请填写中标人全称。")}
    )
    members = forms.CharField(
        label=_("联合体其他成员"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("一行一家，没有联合体不用填。"),
    )
    award_amount = AmountField(label=_("中标金额"), error_messages={"required": _("请填写中标金额。")})
    award_source = forms.CharField(
        label=_("金额出处"), max_length=120, error_messages={"required": _("请写明出处，例如“中标通知书”。")}
    )

    def clean_members(self) -> list[str]:
        return [line.strip() for line in re.split(r"[\n；;]", self.cleaned_data["members"]) if line.strip()]


for form in (ProjectForm, AwardForm):
    keep_typed(
        "projects", {name: field.label for name, field in form.base_fields.items() if name not in ("kind", "regime")}
    )


class AttachForm(forms.Form):
    """One file; documents looks at what it really is."""

    file = forms.FileField(allow_empty_file=True)


class FiltersForm(forms.Form):
    """The list's filters, all in the URL. What does not read is left out."""

    q = forms.CharField(required=False, max_length=100)
    kind = forms.ChoiceField(required=False, choices=[("", _("全部类别")), *Project.Kind.choices])
    state = forms.ChoiceField(
        required=False, choices=[("", _("全部状态")), *((one.code, one.label) for one in LIFECYCLE.states.values())]
    )
    view = forms.ChoiceField(required=False, choices=[("", _("全部")), ("mine", _("本单位登记的"))])
    sort = forms.CharField(required=False, max_length=20)
