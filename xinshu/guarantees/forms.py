"""Shapes of what people hand in; actions judge the contents."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Organisation
from xinshu.guarantees import kinds
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.payments.sandbox import ACCOUNTS
from xinshu.projects.models import Project
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed


class DayField(forms.DateField):
    """A day, with the browser's calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class StartForm(forms.Form):
    """What a new application begins with."""

    kind = forms.ChoiceField(
        label=_("保函类型"), choices=kinds.CHOICES, widget=forms.RadioSelect, initial="performance"
    )
    project = forms.ModelChoiceField(
        label=_("项目"), queryset=Project.objects.none(), to_field_name="reference", empty_label=_("请选择项目")
    )
    guarantor = forms.ModelChoiceField(
        label=_("保证人"), queryset=Organisation.objects.none(), required=False, empty_label=_("请选择保证人")
    )
    applicant = forms.ModelChoiceField(
        label=_("申请人"), queryset=Organisation.objects.none(), required=False, empty_label=_("请选择申请人")
    )

    def __init__(
        self,
        *args: Any,
        projects: QuerySet[Project],
        guarantors: QuerySet[Organisation],
        applicants: QuerySet[Organisation],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        for name, choices in (("guarantor", guarantors), ("applicant", applicants)):
            if choices.query.is_empty():
                del self.fields[name]
            else:
                self.fields[name].queryset = choices  # type: ignore[attr-defined]
                self.fields[name].required = True


class TermsForm(forms.Form):
    """How much, from when, until when."""

    amount = AmountField(label=_("保函金额"))
    effective_on = DayField(label=_("生效日"))
    expires_on = DayField(label=_("到期日"))


keep_typed("guarantees", {name: field.label for name, field in TermsForm.base_fields.items()})


class AttachmentForm(forms.Form):
    """One file with the name of what it proves."""

    title = forms.ChoiceField(
        label=_("材料"),
        choices=[(word, word) for word in ("招标文件", "中标通知书", "施工合同", "营业执照", "财务报表", "其他材料")],
    )
    file = forms.FileField(label=_("文件"), allow_empty_file=True)


class PaymentForm(forms.Form):
    """Which account the channel should charge."""

    account = forms.ChoiceField(label=_("付款账户"), choices=list(ACCOUNTS.items()), initial="6000-0001")


class FiltersForm(forms.Form):
    """The register's filters, all in the URL. What does not read is left out and said."""

    q = forms.CharField(required=False, max_length=100)
    view = forms.CharField(required=False, max_length=20)
    kind = forms.ChoiceField(required=False, choices=[("", _("全部类型")), *kinds.CHOICES])
    state = forms.ChoiceField(
        required=False,
        choices=[("", _("全部状态")), *((state.code, state.label) for state in LIFECYCLE.states.values())],
    )
    amount_from = AmountField(label=_("金额从"), required=False)
    amount_to = AmountField(label=_("金额到"), required=False)
    expires_from = DayField(label=_("到期从"), required=False)
    expires_to = DayField(label=_("到期至"), required=False)


class VerifyForm(forms.Form):
    """What stands on the letter: its number and the six digits beside it."""

    number = forms.CharField(label=_("保函编号"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    code = forms.RegexField(
        r"^\d{6}$",
        label=_("验证码"),
        error_messages={"invalid": _("验证码是函件上的 6 位数字。")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "6"}),
    )


class LetterForm(forms.Form):
    """The PDF in hand."""

    letter = forms.FileField(label=_("电子函文件"), allow_empty_file=True)
