"""Shapes of what people hand in; actions judge the contents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.accounts.models import Organisation
from xinshu.billing.actions.invoices import Title
from xinshu.billing.fee_statements import WORDS
from xinshu.billing.lifecycle import INVOICE
from xinshu.billing.models import TITLE, BuyerTitle, Invoice
from xinshu.billing.statistics import DIMENSIONS
from xinshu.core.uscc import normalise
from xinshu.enterprises.models import RecordField
from xinshu.guarantees import kinds
from xinshu.guarantees.forms import DayField
from xinshu.guarantees.forms import FiltersForm as RegisterForm
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed


class TitleForm(RefusableForm):
    """What the buyer wants on the invoice."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("发票种类"), choices=Invoice.Kind.choices, initial=Invoice.Kind.ORDINARY)
    title = forms.CharField(label=_("发票抬头"), max_length=120, error_messages={"required": _("请填写发票抬头。")})
    tax_number = forms.CharField(
        label=_("纳税人识别号"), max_length=30, error_messages={"required": _("请填写纳税人识别号。")},
        widget=forms.TextInput({"autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    phone = forms.CharField(label=_("电话"), max_length=30, required=False, widget=forms.TextInput({"type": "tel"}))
    bank = forms.CharField(label=_("开户行"), max_length=120, required=False)
    account = forms.RegexField(
        r"^[0-9 -]{6,40}$", label=_("银行账号"), required=False, error_messages={"invalid": _("账号由数字组成。")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "40"}),
    )  # fmt: skip
    mail = forms.EmailField(label=_("接收邮箱"), required=False, max_length=120)

    def clean_tax_number(self) -> str:
        number = normalise(self.cleaned_data["tax_number"])
        if len(number) > 20:
            raise forms.ValidationError(_("纳税人识别号最长 20 位。"))
        return number

    @property
    def wanted(self) -> Title:
        return Title(**self.cleaned_data)


def title_of(organisation: Organisation) -> dict[str, Any]:
    """Return what is known for the title of an organisation: what it wanted last, else what its record says."""
    last = BuyerTitle.objects.filter(organisation=organisation).first()
    if last is not None:
        return {name: getattr(last, name) for name in TITLE}
    fields = RecordField.objects.filter(enterprise__organisation=organisation).order_by("pk")
    record = dict(fields.values_list("code", "value"))  # the latest of each code comes last
    return {
        "kind": Invoice.Kind.ORDINARY,
        "title": record.get("legal_name") or organisation.name,
        "tax_number": record.get("uscc") or organisation.uscc or "",
        "address": record.get("address", ""),
        "phone": record.get("contact_phone", ""),
        "bank": record.get("bank_account_name", ""),
    }


class FiltersForm(forms.Form):
    """The filters of the invoices, as they stand in the URL."""

    q = forms.CharField(max_length=100, required=False)
    state = forms.ChoiceField(
        required=False, choices=[("", _("全部状态")), *((one.code, one.label) for one in INVOICE.states.values())]
    )
    since = DayField(label=_("申请日期从"), required=False)
    until = DayField(label=_("到"), required=False)


class StatisticsForm(RefusableForm):
    """By what guarantees are counted, and which; every field but the first is one of the register's filters."""

    use_required_attribute = False

    by = forms.ChoiceField(label=_("统计口径"), required=False, choices=list(DIMENSIONS.items()))
    kind = forms.ChoiceField(
        label=_("保函类型"), required=False, choices=lambda: [("", _("全部类型")), *kinds.every_choice()]
    )
    region = RegisterForm.base_fields["region"]
    guarantor = RegisterForm.base_fields["guarantor"]
    issued_from = RegisterForm.base_fields["issued_from"]
    issued_to = RegisterForm.base_fields["issued_to"]


class DayForm(RefusableForm):
    """The day that is looked at."""

    use_required_attribute = False

    on = DayField(label=_("截至"), required=False)


class MethodForm(RefusableForm):
    """How reserves are set aside; rates in percent."""

    use_required_attribute = False

    unearned = forms.DecimalField(label=_("未到期责任准备"), min_value=0, max_value=100, max_digits=6, decimal_places=3)
    claims = forms.DecimalField(label=_("担保赔偿准备"), min_value=0, max_value=100, max_digits=6, decimal_places=3)
    cap = forms.DecimalField(label=_("担保赔偿准备上限"), min_value=0, max_value=100, max_digits=6, decimal_places=3)
    opening = AmountField(label=_("担保赔偿准备年初余额"), required=False)
    minimum_at_once = forms.BooleanField(label=_("最低收费在生效首日确认"), required=False)
    source = forms.CharField(
        label=_("依据"), max_length=200, error_messages={"required": _("请写明依据的办法和条款，或内部决议。")}
    )
    valid_from = DayField(label=_("适用自"), error_messages={"required": _("请填写从哪天起适用。")})


class BankFileForm(RefusableForm):
    """A file of bank lines."""

    use_required_attribute = False

    file = forms.FileField(
        label=_("银行流水"), allow_empty_file=True, error_messages={"required": _("请选择流水文件。")}
    )


class PeriodForm(RefusableForm):
    """The period of a statement and what of it is shown, as they stand in the URL."""

    use_required_attribute = False

    since = DayField(label=_("起始日"), required=False)
    until = DayField(label=_("截止日"), required=False)
    what = forms.ChoiceField(
        label=_("事项"), required=False, choices=[("", _("全部事项")), *((code, word) for code, word in WORDS.items())]
    )
    q = forms.CharField(label=_("查找"), max_length=100, required=False)


keep_typed("billing", {name: field.label for name, field in TitleForm.base_fields.items()} | {"order": _("订单号")})
