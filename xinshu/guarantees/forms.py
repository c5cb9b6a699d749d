"""Shapes of what people hand in; actions judge the contents."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Organisation
from xinshu.guarantees import kinds
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PaperRequest, Product
from xinshu.guarantees.payments.sandbox import ACCOUNTS
from xinshu.guarantees.queries import REACHED
from xinshu.projects.models import Project
from xinshu.web.fields import AmountField
from xinshu.web.fields import DayField as DayField  # asked for here by the rooms above
from xinshu.web.refusals import keep_typed


class ProductField(forms.ModelChoiceField):
    """A product, told together with whose it is and of which type."""

    def label_from_instance(self, product: Product) -> str:
        return f"{product.name}（{product.guarantor.name} · {product.get_kind_display()}）"


class StartForm(forms.Form):
    """What a new application begins with."""

    kind = forms.ChoiceField(
        label=_("保函类型"), choices=kinds.choices, widget=forms.RadioSelect, initial="performance"
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

    product = ProductField(
        label=_("产品"), queryset=Product.objects.none(), to_field_name="reference", required=False,
        empty_label=_("不指定"),
    )  # fmt: skip
    amount = AmountField(label=_("保函金额"), required=False, widget=forms.HiddenInput)
    effective_on = DayField(label=_("生效日"), required=False, widget=forms.HiddenInput)
    expires_on = DayField(label=_("到期日"), required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        products: QuerySet[Product],
        projects: QuerySet[Project],
        guarantors: QuerySet[Organisation],
        applicants: QuerySet[Organisation],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        if products.query.is_empty() or not products.exists():
            del self.fields["product"]
        else:
            self.fields["product"].queryset = products  # type: ignore[attr-defined]
        for name, choices in (("guarantor", guarantors), ("applicant", applicants)):
            if choices.query.is_empty():
                del self.fields[name]
            else:
                self.fields[name].queryset = choices  # type: ignore[attr-defined]
                self.fields[name].required = True

    def terms(self) -> dict[str, Any]:
        """Return amount and days where a link has brought all three, else nothing."""
        typed = {name: self.cleaned_data.get(name) for name in ("amount", "effective_on", "expires_on")}
        return typed if all(typed.values()) else {}


class TermsForm(forms.Form):
    """How much, from when, until when."""

    amount = AmountField(label=_("保函金额"))
    effective_on = DayField(label=_("生效日"))
    expires_on = DayField(label=_("到期日"))


keep_typed("guarantees", {name: field.label for name, field in TermsForm.base_fields.items()})


class AttachmentForm(forms.Form):
    """One file with the name of what it proves."""

    title = forms.ChoiceField(label=_("材料"))
    file = forms.FileField(label=_("文件"), allow_empty_file=True)

    def __init__(self, *args: Any, asked: Sequence[PaperRequest] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        first = [(request.title, request.title) for request in asked]
        rest = [(title, title) for title in kinds.titles() if (title, title) not in first]
        self.fields["title"].choices = [*first, *rest]  # type: ignore[attr-defined]


class PaymentForm(forms.Form):
    """Which account the channel should charge."""

    account = forms.ChoiceField(label=_("付款账户"), choices=list(ACCOUNTS.items()), initial="6000-0001")


class SlipForm(forms.Form):
    """The bank's slip of a transfer: who paid, when, and a picture of it."""

    payer = forms.CharField(label=_("付款户名"), max_length=120)
    paid_on = DayField(label=_("转账日期"))
    slip = forms.FileField(label=_("转账凭证"), allow_empty_file=True)


keep_typed("guarantees", {"payer": _("付款户名"), "paid_on": _("转账日期")})


class FiltersForm(forms.Form):
    """The register's filters, all in the URL. What does not read is left out and said."""

    q = forms.CharField(required=False, max_length=100)
    view = forms.CharField(required=False, max_length=20)
    kind = forms.ChoiceField(required=False, choices=lambda: [("", _("全部类型")), *kinds.every_choice()])
    state = forms.ChoiceField(
        required=False,
        choices=[("", _("全部状态")), *((state.code, state.label) for state in LIFECYCLE.states.values())],
    )
    amount_from = AmountField(label=_("金额从"), required=False)
    amount_to = AmountField(label=_("金额到"), required=False)
    expires_from = DayField(label=_("到期从"), required=False)
    expires_to = DayField(label=_("到期至"), required=False)
    issued_from = DayField(label=_("出函从"), required=False)
    issued_to = DayField(label=_("出函至"), required=False)
    region = forms.RegexField(
        r"^(\d{1,12}|-)$", label=_("行政区划"), required=False,
        error_messages={"invalid": _("行政区划按代码的前几位填写，例如 9901。")},
    )  # fmt: skip
    guarantor = forms.CharField(label=_("保证人"), max_length=120, required=False)
    sector = forms.ChoiceField(
        label=_("工程类别"), required=False, choices=lambda: [("", _("全部工程类别")), *Project.Kind.choices]
    )
    begun_from = DayField(label=_("发起从"), required=False)
    begun_to = DayField(label=_("发起至"), required=False)
    decided_from = DayField(label=_("审批从"), required=False)
    decided_to = DayField(label=_("审批至"), required=False)
    reached = forms.ChoiceField(
        label=_("走到"), required=False,
        choices=lambda: [("", _("不限")), *((code, words) for code, (words, _found) in REACHED.items())],
    )  # fmt: skip


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
