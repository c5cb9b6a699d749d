"""The shapes of what people type about ties; the actions decide whether it holds."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.core import resident_id
from xinshu.ties.actions import Facts, Other
from xinshu.ties.models import Node, Tie
from xinshu.ties.nodes import Person
from xinshu.web.fields import AmountField, DayField
from xinshu.web.refusals import keep_typed

FIRM, PERSON, KNOWN = "firm", "person", "known"


class FactsForm(RefusableForm):
    """What a tie says: share, amount, role, from when until when."""

    use_required_attribute = False

    share = forms.DecimalField(
        label=_("持股比例"), required=False, max_digits=5, decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "max_digits", "max_decimal_places", "max_whole_digits"),
            _("请填写百分比，最多两位小数，例如 65 或 33.33。"),
        ),
    )  # fmt: skip
    amount = AmountField(label=_("金额"), required=False)
    role = forms.CharField(label=_("职务"), max_length=40, required=False)
    valid_from = DayField(label=_("自何日起"), error_messages={"required": _("请填写从哪一天起")})
    valid_until = DayField(label=_("到何日止"), required=False)

    def facts(self, kind: str) -> Facts:
        """Return what was typed, as the actions take it."""
        told = self.cleaned_data
        share: Decimal | None = told["share"]
        return Facts(
            kind, None if share is None else int(share * 100), told["amount"], told["role"], told["valid_from"],
            told["valid_until"],
        )  # fmt: skip


class TieForm(FactsForm):
    """A tie told by hand: its kind and direction, the other end, the document."""

    kind = forms.ChoiceField(label=_("关系"), choices=Tie.Kind.choices)
    direction = forms.ChoiceField(
        label=_("方向"), choices=[
            ("from", _("对方 → 本企业（例如对方是股东、任职人、担保人）")),
            ("to", _("本企业 → 对方（例如对外投资、对外担保）")),
        ],
    )  # fmt: skip
    about = forms.ModelChoiceField(
        Node.objects.none(), label=_("哪家企业的关系"), required=False, to_field_name="reference",
        empty_label=_("本企业"), error_messages={"invalid_choice": _("请从列出的企业中选择。")},
    )  # fmt: skip
    who = forms.ChoiceField(
        label=_("对方是"), choices=[(FIRM, _("企业")), (PERSON, _("自然人")), (KNOWN, _("图谱里已有的"))]
    )
    known = forms.ModelChoiceField(
        Node.objects.none(), label=_("图谱里已有的"), required=False, to_field_name="reference",
        empty_label=_("请选择"),
        error_messages={"invalid_choice": _("请从列出的主体中选择。")},
    )  # fmt: skip
    name = forms.CharField(label=_("名称或姓名"), max_length=120, required=False)
    code = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=24,
        required=False,
        widget=forms.TextInput({"autocapitalize": "characters"}),
    )
    number = forms.CharField(
        label=_("身份证号码"), max_length=24, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    label = forms.CharField(label=_("文件名称"), max_length=120, required=False)
    file = forms.FileField(label=_("证明文件"), required=False, allow_empty_file=True)

    def __init__(self, *args: Any, nodes: list[Node], **options: Any) -> None:
        super().__init__(*args, **options)
        there = Node.objects.filter(pk__in=[node.pk for node in nodes]).order_by("name", "pk")
        for name, offered in (("known", there), ("about", there.filter(kind=Node.Kind.FIRM))):
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ModelChoiceField)
            chosen.queryset = offered
            chosen.label_from_instance = named  # type: ignore[method-assign,assignment]

    def other(self) -> Other:
        """Return the other end."""
        told = self.cleaned_data
        if told["who"] == KNOWN and told["known"] is not None:
            return Other(node=told["known"])
        if told["who"] == PERSON:
            return Other(person=Person(told["name"], number=resident_id.normalise(told["number"])))
        return Other(firm_name=told["name"], firm_code=told["code"])

    def clean(self) -> dict[str, Any]:
        """Ask for the one chosen."""
        told = super().clean() or self.cleaned_data
        if told.get("who") == KNOWN and told.get("known") is None and "known" not in self.errors:
            self.add_error("known", str(_("请从图谱里选择对方")))
        return told


def named(node: Node) -> str:
    """Return a node as it is chosen from: with what tells it from others of its name."""
    return f"{node.name}（{node.code or node.card_masked or node.get_kind_display()}）"


TYPED = {name: field.label for name, field in TieForm.base_fields.items() if name != "number"}
keep_typed("ties", TYPED)
