"""Shapes of what people type about credit; actions judge the contents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.credit.kinds import SIDES, kinds_by_hand, kinds_of
from xinshu.credit.models import Behaviour, ListEntry
from xinshu.credit.reckoning import MOST_BANDS, MOST_DIMENSIONS
from xinshu.web.fields import DayField
from xinshu.web.refusals import keep_typed

_AREA = forms.Textarea({"rows": 3})
REVOKED = "revoked"


def _whole(label: Any, *, least: int = 0, most: int = 9999, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=least, max_value=most, help_text=hint,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "5"}),
    )  # fmt: skip


class _Form(RefusableForm):
    use_required_attribute = False


class BehaviourForm(_Form):
    """A behaviour entered by hand."""

    kind = forms.ChoiceField(label=_("信用行为"))
    happened_on = DayField(label=_("发生日"))
    document = forms.CharField(
        label=_("文书"), max_length=60, help_text=_("名称和文号，例如“（2026）云01民初7号判决书”")
    )
    note = forms.CharField(label=_("说明"), max_length=500, required=False, widget=_AREA)
    file = forms.FileField(label=_("文书扫描件"), required=False, allow_empty_file=True)

    def __init__(self, *args: Any, side: str, **options: Any) -> None:
        super().__init__(*args, **options)
        told = [("", _("请选择")), *((kind.code, kind.label) for kind in kinds_by_hand(side))]
        self.fields["kind"].choices = told  # type: ignore[attr-defined]


class CorrectionForm(_Form):
    """What a behaviour was instead, or that it is revoked."""

    kind = forms.ChoiceField(label=_("更正为"))
    happened_on = DayField(label=_("发生日"), required=False, help_text=_("不填即不变"))
    reason = forms.CharField(label=_("原因"), max_length=500, widget=_AREA, help_text=_("企业和记录来源机构都会看到"))

    def __init__(self, *args: Any, side: str, **options: Any) -> None:
        super().__init__(*args, **options)
        told = [("", _("请选择")), (REVOKED, _("撤销，不计分")), *((kind.code, kind.label) for kind in kinds_of(side))]
        self.fields["kind"].choices = told  # type: ignore[attr-defined]

    def clean_kind(self) -> str:
        """Return the kind as actions take it: "" revokes."""
        kind: str = self.cleaned_data["kind"]
        return "" if kind == REVOKED else kind


class UpholdForm(CorrectionForm):
    """The decision for the subject: which behaviour, and what it comes to."""

    behaviour = forms.ChoiceField(label=_("更正哪一条"))
    field_order = ("behaviour", "kind", "happened_on", "reason")

    def __init__(self, *args: Any, rows: list[Behaviour], side: str, **options: Any) -> None:
        super().__init__(*args, side=side, **options)
        told = [(row.reference, f"{row.happened_on:%Y-%m-%d} {row.label or _('撤销')}") for row in rows]
        self.fields["behaviour"].choices = told if len(told) == 1 else [("", _("请选择")), *told]  # type: ignore[attr-defined]


class AppealForm(_Form):
    """An objection."""

    text = forms.CharField(
        label=_("异议的理由"), max_length=1000, widget=_AREA, help_text=_("写明哪里不对、实际是怎样")
    )
    file = forms.FileField(label=_("证明材料"), required=False, allow_empty_file=True)


class ListForm(_Form):
    """An entry of a list."""

    firm = forms.CharField(label=_("企业"), max_length=120, help_text=_("全称或统一社会信用代码"))
    side = forms.ChoiceField(label=_("作为"), choices=list(SIDES.items()))
    colour = forms.ChoiceField(label=_("名单"), choices=ListEntry.Colour.choices)
    effect = forms.ChoiceField(
        label=_("效力"),
        choices=ListEntry.Effect.choices,
        help_text=_(
            "黑名单：不得批准或转人工；灰名单：转人工；红名单：优待；重点、百强、骨干：标识或优待；异常：标识或转人工"
        ),
    )
    reason = forms.CharField(label=_("理由"), max_length=500, widget=_AREA)
    evidence = forms.CharField(label=_("依据"), max_length=200, help_text=_("文书、案件或者信用行为"))
    valid_from = DayField(label=_("生效日"))
    valid_until = DayField(label=_("有效期至"), help_text=_("到期自动移出"))
    file = forms.FileField(label=_("依据扫描件"), required=False, allow_empty_file=True)


class AsOfForm(_Form):
    """Which past day is asked for."""

    on = DayField(label=_("哪一天的信用分"), required=False)
    known = forms.BooleanField(label=_("按今天所知（含以后的更正）"), required=False)


TONES = (("ok", _("绿")), ("info", _("蓝")), ("warn", _("黄")), ("danger", _("红")), ("mute", _("灰")))
ITEM = ("points", "dimension", "window", "half_life", "cap")


class CardForm(_Form):
    """A card as people write it: dimensions, what each behaviour is worth, bands. Empty rows are left out."""

    def __init__(self, *args: Any, side: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.side = side
        places = [("", "—"), *((str(place), _("维度 %(n)s") % {"n": place}) for place in range(1, MOST_DIMENSIONS + 1))]
        for place in range(1, MOST_DIMENSIONS + 1):
            self.fields |= {
                f"name_{place}": forms.CharField(label=_("维度名称"), max_length=20, required=False),
                f"weight_{place}": _whole(_("权重"), most=100),
                f"base_{place}": _whole(_("起始分"), most=100),
            }
        for kind in kinds_of(side):
            self.fields |= {
                f"points_{kind.code}": _whole(_("分值"), least=-100, most=100),
                f"dimension_{kind.code}": forms.ChoiceField(label=_("维度"), choices=places, required=False),
                f"window_{kind.code}": _whole(_("有效期")),
                f"half_life_{kind.code}": _whole(_("半衰期")),
                f"cap_{kind.code}": _whole(_("封顶"), most=100),
            }
        for place in range(1, MOST_BANDS + 1):
            self.fields |= {
                f"label_{place}": forms.CharField(label=_("等级"), max_length=20, required=False),
                f"least_{place}": _whole(_("起点"), most=1000),
                f"tone_{place}": forms.ChoiceField(label=_("颜色"), choices=TONES, required=False),
            }

    def content(self) -> dict[str, Any]:
        """Return the card typed, as reckoning.read_card takes it."""
        typed = self.cleaned_data
        places = [place for place in range(1, MOST_DIMENSIONS + 1) if typed.get(f"name_{place}", "").strip()]
        number = {str(place): position for position, place in enumerate(places)}
        items = []
        for kind in kinds_of(self.side):
            said = {name: typed.get(f"{name}_{kind.code}") or 0 for name in ITEM}
            if said["points"]:
                said["dimension"] = number.get(str(said["dimension"]), -1)
                items.append({"kind": kind.code, **said})
        return {
            "dimensions": [
                {
                    "name": typed[f"name_{place}"].strip(), "weight": typed.get(f"weight_{place}") or 0,
                    "base": typed.get(f"base_{place}") or 0,
                }
                for place in places
            ],
            "items": items,
            "bands": [
                {
                    "label": typed[f"label_{place}"].strip(), "least": typed.get(f"least_{place}") or 0,
                    "tone": typed.get(f"tone_{place}", ""),
                }
                for place in range(1, MOST_BANDS + 1)
                if typed.get(f"label_{place}", "").strip()
            ],
        }  # fmt: skip

    def sections(self) -> dict[str, list[Any]]:
        """Return the bound fields as the page lays them out."""
        return {
            "dimensions": [
                [self[f"{name}_{place}"] for name in ("name", "weight", "base")]
                for place in range(1, MOST_DIMENSIONS + 1)
            ],
            "items": [(kind, [self[f"{name}_{kind.code}"] for name in ITEM]) for kind in kinds_of(self.side)],
            "bands": [
                [self[f"{name}_{place}"] for name in ("label", "least", "tone")] for place in range(1, MOST_BANDS + 1)
            ],
        }


def initial_of(content: dict[str, Any]) -> dict[str, Any]:
    """Return what the form shows of a card."""
    shown: dict[str, Any] = {}
    for place, row in enumerate(content["dimensions"], start=1):
        shown |= {f"{name}_{place}": row[name] for name in ("name", "weight", "base")}
    for row in content["items"]:
        shown |= {f"{name}_{row['kind']}": row[name] for name in ITEM}
        shown[f"dimension_{row['kind']}"] = str(row["dimension"] + 1)
    for place, row in enumerate(content["bands"], start=1):
        shown |= {f"{name}_{place}": row[name] for name in ("label", "least", "tone")}
    return shown


keep_typed("credit", {"text": _("异议的理由"), "reason": _("原因"), "note": _("说明")})
