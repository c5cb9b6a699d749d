"""Shapes of what a firm hands in; actions judge the contents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.certification.actions import Papers
from xinshu.certification.models import Certification, Item
from xinshu.documents.uploads import Upload
from xinshu.web.fields import DayField
from xinshu.web.refusals import keep_typed


class CertificationForm(RefusableForm):
    """What is on the licence and on the card, until when the firm may be asked about, and the three files."""

    legal_name = forms.CharField(label=_("企业名称"), max_length=120)
    uscc = forms.CharField(
        label=_("统一社会信用代码"), max_length=24, widget=forms.TextInput({"autocapitalize": "characters"})
    )
    licence_until = DayField(label=_("营业期限至"), required=False)
    licence = forms.FileField(label=_("营业执照"), required=False, allow_empty_file=True)
    representative = forms.CharField(label=_("法定代表人姓名"), max_length=40)
    number = forms.CharField(
        label=_("法定代表人身份证号码"), max_length=24, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    id_until = DayField(label=_("证件有效期至"), required=False)
    representative_file = forms.FileField(label=_("法定代表人身份证人像面"), required=False, allow_empty_file=True)
    authorised_from = DayField(label=_("授权起始日"))
    authorised_until = DayField(label=_("授权截止日"))
    authorisation = forms.FileField(label=_("盖章的授权书"), required=False, allow_empty_file=True)

    def papers(self) -> Papers:
        """Return what was handed in."""
        told = self.cleaned_data
        files: dict[str, Upload | None] = {
            Item.LICENCE: told["licence"], Item.REPRESENTATIVE: told["representative_file"],
            Item.AUTHORISATION: told["authorisation"],
        }  # fmt: skip
        return Papers(
            told["legal_name"], told["uscc"], told["representative"], told["number"], told["licence_until"],
            told["id_until"], told["authorised_from"], told["authorised_until"], files,
        )  # fmt: skip


def begun_from(row: Certification | None, known: dict[str, str]) -> dict[str, Any]:
    """Return what the form shows at first: the certification before, else what the platform knows of the firm."""
    if row is None:
        return known
    names = ("legal_name", "uscc", "licence_until", "representative", "id_until", "authorised_from", "authorised_until")
    return {name: getattr(row, name) for name in names}


keep_typed("certification", {name: field.label for name, field in CertificationForm.base_fields.items()})


class ProofForm(RefusableForm):
    """What proves a firm on 机构认证方式: elements, a bank account, the amount that came."""

    count = forms.ChoiceField(label=_("核对几项"), choices=[("2", "2"), ("3", "3"), ("4", "4")], required=False)
    representative = forms.CharField(label=_("法定代表人"), max_length=40, required=False)
    number = forms.CharField(
        label=_("法定代表人身份证号码"), max_length=30, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    account_no = forms.CharField(
        label=_("对公账号"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    bank = forms.CharField(label=_("开户行"), max_length=60, required=False)
    amount = forms.CharField(
        label=_("收到的金额"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
