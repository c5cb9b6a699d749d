"""The form of a subscription: shapes of what is typed; the act judges whether it holds."""

import re
from collections import defaultdict
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.forms import RefusableForm
from xinshu.accounts.models import Member
from xinshu.admission.models import Tag
from xinshu.core.divisions import divisions, name_of
from xinshu.subscriptions.actions.subscriptions import Content
from xinshu.subscriptions.engine.language import LONGEST
from xinshu.subscriptions.models import Subscription
from xinshu.tenders.reading.kinds import KINDS
from xinshu.tenders.reading.trades import TRADES
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed

_BETWEEN = re.compile(r"[、，,；;\n]+")


class SubscriptionForm(RefusableForm):
    """What a person wants to hear of."""

    name = forms.CharField(label=lazy("名称"), max_length=40)
    line = forms.CharField(
        label=lazy("关键词"), required=False, strip=False, max_length=LONGEST * 2,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
    )  # fmt: skip
    qualifications = forms.CharField(label=lazy("资质要求"), required=False, max_length=400)
    regions = forms.CharField(label=lazy("地区"), required=False, max_length=400)
    kinds = forms.MultipleChoiceField(
        label=lazy("公告类型"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(code, str(label)) for code, label in KINDS.items()],
    )  # fmt: skip
    trades = forms.MultipleChoiceField(
        label=lazy("行业"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(code, str(label)) for code, label in TRADES.items()],
    )  # fmt: skip
    tags = forms.TypedMultipleChoiceField(
        label=lazy("客户标签"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    least_amount = AmountField(label=lazy("金额从"), required=False)
    most_amount = AmountField(label=lazy("金额至"), required=False)
    least_score = forms.IntegerField(label=lazy("最低分"), required=False, min_value=0, max_value=100)
    unsure = forms.BooleanField(label=lazy("没有写明地区、行业或金额的公告也要"), required=False)

    def __init__(self, data: Any = None, *, member: Member, **options: Any) -> None:
        super().__init__(data, **options)
        tags = Tag.objects.filter(house=member.organisation).order_by("name").values_list("pk", "name")
        self.fields["tags"].choices = list(tags)  # type: ignore[attr-defined]

    def clean_regions(self) -> list[str]:
        """Return the codes of what is typed as names or codes."""
        return [_region(one.strip()) for one in _BETWEEN.split(self.cleaned_data["regions"]) if one.strip()]

    def content(self) -> Content:
        """Return what was typed."""
        told = self.cleaned_data
        return Content(
            name=told["name"], line=told["line"], kinds=tuple(told["kinds"]), regions=tuple(told["regions"]),
            qualifications=tuple(one for one in _BETWEEN.split(told["qualifications"]) if one.strip()),
            trades=tuple(told["trades"]), tags=tuple(told["tags"]), least_amount=told["least_amount"],
            most_amount=told["most_amount"], least_score=told["least_score"] or 0, unsure=told["unsure"],
        )  # fmt: skip


keep_typed("subscriptions", {"name": lazy("名称"), "line": lazy("关键词")})


def typed_of(row: Subscription) -> dict[str, Any]:
    """Return a subscription as its owner would type it."""
    names = ("name", "line", "kinds", "trades", "tags", "least_amount", "most_amount", "least_score", "unsure")
    return {name: getattr(row, name) for name in names} | {
        "qualifications": "、".join(row.qualifications),
        "regions": "、".join(name_of(code) for code in row.regions),
    }


@cache
def _codes() -> dict[str, list[str]]:
    """Return the codes of divisions by their whole and their short names."""
    found: dict[str, list[str]] = defaultdict(list)
    for code, one in divisions().items():
        for name in {one.name, name_of(code), one.name.removesuffix("省").removesuffix("市")}:
            found[name].append(code)
    return dict(found)


def _region(typed: str) -> str:
    if re.fullmatch(r"[0-9]{2,6}", typed):
        return typed
    codes = _codes().get(typed, [])
    if len(codes) == 1:
        return codes[0]
    if codes:
        some = "、".join(name_of(code) for code in codes[:3])
        raise forms.ValidationError(_("“%(name)s”不止一个，请写全，例如 %(some)s。") % {"name": typed, "some": some})
    raise forms.ValidationError(_("没有找到地区“%(name)s”，请写全称或行政区划代码。") % {"name": typed[:20]})
