"""The back office's form for a type: fields, clauses chosen from the library or written, papers, dated limits."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.forms import RefusableForm
from xinshu.guarantees.extras import MOST as MOST_FIELDS
from xinshu.guarantees.extras import SORTS, Extra
from xinshu.guarantees.kinds import BASES, DEPOSITS, KINDS, PERIODS, SIDES, STAGES, Document, Kind
from xinshu.guarantees.law.compliance import ASKED, EVERYWHERE
from xinshu.guarantees.law.legal import LEAST, MOST, PROCUREMENT, RULES, TENDER, Cap
from xinshu.guarantees.letters.library import LIBRARY, PLACES
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed

FIELDS = MOST_FIELDS  # rows of own fields that the form offers
LIMITS = 6  # rows of limits that the form offers
SLOTS = ("duty", "events", "proof")
_PLACES_TOLD = lazy("可用占位项：") + "、".join(f"{{{name}}}" for name in PLACES)


def library_of(slot: str) -> list[tuple[str, str]]:
    """Return the library's clauses of one slot: those that came with the platform, then those of types in use."""
    texts = [*LIBRARY[slot].values(), *(getattr(kind, slot) for kind in KINDS.values())]
    return [(text, text if len(text) <= 60 else f"{text[:58]}…") for text in dict.fromkeys(texts)]


def _choices(table: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(table.items())


class TypeForm(RefusableForm):
    """Everything that makes a type. What is chosen from the library goes before what is written."""

    use_required_attribute = False

    label = forms.CharField(label=lazy("名称"), max_length=20)
    code = forms.CharField(label=lazy("代码"), max_length=20, help_text=lazy("小写字母，起草后不能改"))
    prefix = forms.CharField(label=lazy("编号前缀"), max_length=2, help_text=lazy("两个大写字母"))  # type: ignore[assignment]
    applicant = forms.ChoiceField(label=lazy("申请人"), choices=_choices(SIDES), initial="contractor")
    beneficiary = forms.ChoiceField(label=lazy("受益人"), choices=_choices(SIDES), initial="buyer")
    stage = forms.ChoiceField(label=lazy("阶段"), choices=_choices(STAGES), initial="contract")
    period = forms.ChoiceField(label=lazy("担保期限"), choices=_choices(PERIODS), initial="contract_days")
    secret_until_opening = forms.BooleanField(label=lazy("开标前保密"), required=False)
    deposit = forms.ChoiceField(label=lazy("与保证金的关系"), choices=_choices(DEPOSITS), initial="other")
    base = forms.ChoiceField(
        label=lazy("金额基数"), choices=[(code, base.label) for code, base in BASES.items()], initial="award"
    )
    usual_share = forms.DecimalField(
        label=lazy("通常比例"), min_value=Decimal("0.01"), max_value=100, decimal_places=4, max_digits=7
    )
    layout = forms.ChoiceField(
        label=lazy("函件版式"),
        choices=[("general", lazy("通用保函")), ("performance", lazy("履约保函")), ("bid", lazy("投标保函"))],
    )
    pays_within = forms.CharField(label=lazy("付款时限"), max_length=10, initial="七个工作日")
    duty = forms.CharField(
        label=lazy("申请人的义务"), max_length=500, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_PLACES_TOLD,
    )  # fmt: skip
    events = forms.CharField(
        label=lazy("可以索赔的情形"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    proof = forms.CharField(
        label=lazy("索赔时的证明材料"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )
    more = forms.CharField(
        label=lazy("其他条款"), max_length=3000, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=lazy("一段一行"),
    )  # fmt: skip
    documents = forms.CharField(
        label=lazy("申请材料"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=lazy("一行一份，必需的在行首写“必需：”"),
    )  # fmt: skip
    rules = forms.MultipleChoiceField(
        label=lazy("其他合规规则"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(name, RULES[name].source) for name in ASKED if name not in EVERYWHERE],
    )  # fmt: skip

    def __init__(self, *args: Any, fixed: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        for slot in SLOTS:
            self.fields[f"{slot}_from"] = forms.ChoiceField(
                label=_("%(slot)s：从条款库选择") % {"slot": self.fields[slot].label},
                required=False,
                choices=[("", _("自己写")), *library_of(slot)],
            )
        for row in range(LIMITS):
            self.fields |= _limit_fields(row)
        for row in range(FIELDS):
            self.fields |= _own_fields(row)
        if fixed:
            self.fields["code"].widget.attrs["readonly"] = True

    @property
    def limit_rows(self) -> list[list[Any]]:
        """The bound fields of the limits, row by row."""
        return [[self[name] for name in _limit_fields(row)] for row in range(LIMITS)]

    @property
    def field_rows(self) -> list[list[Any]]:
        """The bound fields of the type's own fields, row by row."""
        return [[self[name] for name in _own_fields(row)] for row in range(FIELDS)]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for slot in SLOTS:
            typed[slot] = typed.get(f"{slot}_from") or typed.get(slot, "")
        for row in range(LIMITS):
            cells = [typed.get(f"limit{row}_{name}") for name in ("share", "ceiling", "source", "since")]
            if any(cells) and not (cells[2] and cells[3] and (cells[0] is None) != (cells[1] is None)):
                self.add_error(f"limit{row}_source", _("比例和金额填其中一项，并写明依据和起始日期。"))
        return typed

    def kind(self) -> Kind:
        """Return what was typed as a type; the action judges whether it can be one."""
        typed = self.cleaned_data
        code = typed["code"].strip()
        return Kind(
            code=code,
            label=typed["label"].strip(),
            prefix=typed["prefix"].strip(),
            base=typed["base"],
            usual_share=f"{typed['usual_share'] / 100:f}",
            secret_until_opening=typed["secret_until_opening"],
            applicant=typed["applicant"],
            beneficiary=typed["beneficiary"],
            stage=typed["stage"],
            period=typed["period"],
            deposit=typed["deposit"],
            template=typed["layout"],
            documents=_documents(typed["documents"]),
            duty=typed["duty"].strip(),
            events=typed["events"].strip(),
            proof=typed["proof"].strip(),
            more=tuple(_lines(typed["more"])),
            pays_within=typed["pays_within"].strip(),
            caps=tuple(
                cap
                for row in range(LIMITS)
                if (cap := _cap(code, row, {name: typed[f"limit{row}_{name}"] for name in _CELLS})) is not None
            ),
            rules=tuple(typed["rules"]),
            fields=tuple(
                extra
                for row in range(FIELDS)
                if (extra := _extra({n: typed[f"field{row}_{n}"] for n in _OWN})) is not None
            ),
        )


def initial_of(kind: Kind) -> dict[str, Any]:
    """Return what the form shows of a type that there is."""
    names = (
        "code", "prefix", "base", "secret_until_opening", "applicant", "beneficiary", "stage", "period", "deposit",
        "duty", "events", "proof", "pays_within",
    )  # fmt: skip
    shown: dict[str, Any] = {name: getattr(kind, name) for name in names}
    shown |= {
        "label": str(kind.label),
        "layout": kind.template,
        "usual_share": _percent(Decimal(kind.usual_share)),
        "more": "\n".join(kind.more),
        "documents": "\n".join(f"{'必需：' if one.required else ''}{one.title}" for one in kind.documents),
        "rules": list(kind.rules),
    }
    for row, cap in enumerate(kind.caps[:LIMITS]):
        shown |= {
            f"limit{row}_bound": cap.bound,
            f"limit{row}_share": None if cap.share is None else _percent(cap.share),
            f"limit{row}_ceiling": cap.ceiling,
            f"limit{row}_regime": cap.regime,
            f"limit{row}_source": cap.source,
            f"limit{row}_since": cap.since,
            f"limit{row}_until": cap.until,
            f"limit{row}_checked": cap.checked,
        }
    for row, extra in enumerate(kind.fields[:FIELDS]):
        shown |= {
            f"field{row}_name": extra.name,
            f"field{row}_sort": extra.sort,
            f"field{row}_required": extra.required,
            f"field{row}_help": extra.help,
            f"field{row}_choices": "、".join(extra.choices),
        }
    return shown


def _percent(share: Decimal) -> str:
    return f"{share * 100:f}".rstrip("0").rstrip(".") if "." in f"{share * 100:f}" else f"{share * 100:f}"


_CELLS = ("bound", "share", "ceiling", "regime", "source", "since", "until", "checked")


def _limit_fields(row: int) -> dict[str, forms.Field]:
    def day(label: str) -> forms.DateField:
        return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    return {
        f"limit{row}_bound": forms.ChoiceField(
            label=_("上限或下限"), choices=[(MOST, _("不超过")), (LEAST, _("不低于"))], required=False
        ),
        f"limit{row}_share": forms.DecimalField(
            label=_("比例（%）"), required=False, min_value=0, max_value=100, decimal_places=4, max_digits=7
        ),
        f"limit{row}_ceiling": AmountField(label=_("或金额（元）"), required=False),
        f"limit{row}_regime": forms.ChoiceField(
            label=_("适用"), required=False,
            choices=[("", _("全部")), (TENDER, _("招标投标")), (PROCUREMENT, _("政府采购"))],
        ),
        f"limit{row}_source": forms.CharField(label=_("依据"), max_length=200, required=False),
        f"limit{row}_since": day(_("自")),
        f"limit{row}_until": day(_("至")),
        f"limit{row}_checked": forms.BooleanField(label=_("依据已核对（超限不能提交）"), required=False),
    }  # fmt: skip


def _cap(code: str, row: int, cells: dict[str, Any]) -> Cap | None:
    if not cells["source"] or cells["since"] is None:
        return None
    return Cap(
        f"limit.{code}.{row + 1}", code, cells["regime"] or "", cells["source"].strip(), cells["since"],
        until=cells["until"], share=None if cells["share"] is None else cells["share"] / 100,
        ceiling=cells["ceiling"], checked=cells["checked"], bound=cells["bound"] or MOST,
    )  # fmt: skip


_OWN = ("name", "sort", "required", "help", "choices")


def _own_fields(row: int) -> dict[str, forms.Field]:
    return {
        f"field{row}_name": forms.CharField(label=_("字段名称"), max_length=15, required=False),
        f"field{row}_sort": forms.ChoiceField(label=_("形式"), choices=_choices(SORTS), required=False),
        f"field{row}_help": forms.CharField(label=_("给申请人的说明"), max_length=100, required=False),
        f"field{row}_choices": forms.CharField(
            label=_("选项"), max_length=300, required=False, help_text=_("只用于“选项”，用顿号隔开")
        ),
        f"field{row}_required": forms.BooleanField(label=_("必填"), required=False),
    }


def _extra(cells: dict[str, Any]) -> Extra | None:
    if not cells["name"].strip():
        return None
    choices = tuple(part.strip() for part in re.split(r"[、,，;；]", cells["choices"]) if part.strip())
    sort = cells["sort"] or "text"
    return Extra(
        cells["name"].strip(), sort, cells["required"], cells["help"].strip(), choices if sort == "choice" else ()
    )


def _documents(text: str) -> tuple[Document, ...]:
    found = []
    for line in _lines(text):
        title = re.sub(r"^必需[：:]\s*", "", line)
        found.append(Document(title, required=title != line))
    return tuple(found)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


keep_typed(
    "guarantees", {name: field.label for name, field in TypeForm.base_fields.items() if name not in ("rules", "code")}
)
