"""Shapes of what people type about supervision, submissions and numbers to verify."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.accounts.models import Organisation
from xinshu.exchange.lifecycle import SUBMISSION
from xinshu.exchange.models import Submission
from xinshu.guarantees.forms import DayField
from xinshu.guarantees.kinds import choices
from xinshu.projects.models import Project


class RowForm(RefusableForm):
    """One line of a plan."""

    use_required_attribute = False
    department = forms.ModelChoiceField(
        label=_("主管部门"),
        queryset=Organisation.objects.none(),
        empty_label=_("请选择部门"),
        error_messages={"required": _("请选择部门")},
    )
    region_code = forms.CharField(
        label=_("行政区划代码"),
        max_length=6,
        error_messages={"required": _("请填写 6 位行政区划代码")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("保函类型"), required=False, choices=choices, widget=forms.CheckboxSelectMultiple
    )
    project_kinds = forms.MultipleChoiceField(
        label=_("工程类别"), required=False, choices=Project.Kind.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        houses = Organisation.objects.filter(kind=Organisation.Kind.DEPARTMENT, active=True).order_by("name", "pk")
        self.fields["department"].queryset = houses  # type: ignore[attr-defined]


class SubmitForm(RefusableForm):
    """On what a plan rests, and from when it holds."""

    use_required_attribute = False
    basis = forms.CharField(label=_("依据"), max_length=200, error_messages={"required": _("请写明依据")})
    valid_from = forms.DateTimeField(
        label=_("生效时间"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": _("请填写生效时间"), "invalid": _("时间没有读懂")},
    )


class DecisionForm(forms.Form):
    """A reason where the act needs one, and the receipt's number."""

    reason = forms.CharField(required=False, max_length=500)
    receipt = forms.CharField(required=False, max_length=80)


class NumbersForm(RefusableForm):
    """A file of numbers."""

    file = forms.FileField(label=_("编号清单"), error_messages={"required": _("请选择文件"), "empty": _("文件是空的")})


class SearchForm(forms.Form):
    """How the list of submissions is narrowed."""

    q = forms.CharField(required=False, max_length=100)
    view = forms.ChoiceField(required=False, choices=[(code, code) for code in ("", "open", "returned", "done")])
    state = forms.ChoiceField(
        required=False,
        choices=[("", _("全部状态")), *((code, state.label) for code, state in SUBMISSION.states.items())],
    )
    event = forms.ChoiceField(required=False, choices=[("", _("全部事项")), *Submission.Event.choices])
    since = DayField(required=False)
    until = DayField(required=False)

    def clean_q(self) -> str:
        return str(self.cleaned_data["q"]).replace("\0", "").strip()
