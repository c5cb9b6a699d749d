"""Shapes of what comes in: levels of a plan, delegations, own days, signing beside the lifecycle's buttons."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member
from xinshu.work.cases import KINDS
from xinshu.work.models import STOP_REASONS, ApprovalPlan
from xinshu.work.people import badges_of, signers_of
from xinshu.work.plan import ALL, ANY, NUMBER, Level
from xinshu.work.queries import badge_words

WAN = 10_000_00
NEEDS = ((ANY, gettext_lazy("任一人")), (ALL, gettext_lazy("全部")), (NUMBER, gettext_lazy("满几人")))
Choices = list[tuple[str, Any]]


class LevelForm(forms.Form):
    """One row of the editor: a level."""

    key = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("级别名称"), max_length=30)
    who = forms.ChoiceField(label=gettext_lazy("由谁签署"), required=False)
    people = forms.MultipleChoiceField(label=gettext_lazy("点名"), required=False, widget=forms.CheckboxSelectMultiple)
    needs = forms.ChoiceField(label=gettext_lazy("怎样算通过"), choices=NEEDS)
    number = forms.IntegerField(label=gettext_lazy("人数"), min_value=1, max_value=50, required=False)
    above = forms.IntegerField(
        label=gettext_lazy("金额高于（万元）"), min_value=0, max_value=100_000_000, required=False
    )
    up_to = forms.IntegerField(
        label=gettext_lazy("金额不高于（万元）"), min_value=1, max_value=100_000_000, required=False
    )
    scope = forms.ChoiceField(label=gettext_lazy("对什么负责"), required=False)
    apart = forms.CharField(label=gettext_lazy("回避组"), max_length=20, required=False)
    working_days = forms.IntegerField(label=gettext_lazy("时限（工作日）"), min_value=1, max_value=60)

    def __init__(self, *args: Any, plan: ApprovalPlan, badges: Choices, people: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        kind = KINDS[plan.kind]
        self.kind = kind
        self.fields["who"].choices = [("", _("点名（在下面勾选）")), *badges]  # type: ignore[attr-defined]
        self.fields["people"].choices = people  # type: ignore[attr-defined]
        scopes = [(code, words) for code, (words, _names) in kind.scopes.items()]
        self.fields["scope"].choices = [("", _("对全部要素")), *scopes]  # type: ignore[attr-defined]
        for code, fact in kind.facts.items():
            values = [(str(n), word) for n, (_value, word) in enumerate(fact.values)]
            self.fields[f"fact_{code}"] = forms.ChoiceField(
                label=fact.label, choices=[("", _("不限")), *values], required=False
            )

    @property
    def conditions(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("fact_")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("who") and not data.get("people") and "name" in data:
            self.add_error("who", _("请选择角色，或者点名"))
        if data.get("needs") == NUMBER and not data.get("number"):
            self.add_error("number", _("请填写人数"))
        return data

    def level(self, key: str) -> Level:
        data = self.cleaned_data
        when = []
        for code, fact in self.kind.facts.items():
            if chosen := data.get(f"fact_{code}"):
                when.append((code, fact.values[int(chosen)][0]))
        people = () if data["who"] else tuple(sorted(int(person) for person in data["people"]))
        return Level(
            key=key,
            name=data["name"].strip(),
            badge=data["who"],
            people=people,
            needs=data["needs"],
            number=data["number"] or 1,
            above=data["above"] * WAN if data["above"] is not None else None,
            up_to=data["up_to"] * WAN if data["up_to"] is not None else None,
            when=tuple(when),
            judges=self.kind.scopes[data["scope"]][1] if data["scope"] else (),
            apart=data["apart"].strip(),
            working_days=data["working_days"],
        )


def initial_of(level: Level, kind: str) -> dict[str, Any]:
    """Return a level as its form shows it."""
    row: dict[str, Any] = {
        "key": level.key,
        "name": level.name,
        "who": level.badge,
        "people": [str(person) for person in level.people],
        "needs": level.needs,
        "number": level.number if level.needs == NUMBER else None,
        "above": level.above // WAN if level.above is not None else None,
        "up_to": level.up_to // WAN if level.up_to is not None else None,
        "scope": next((code for code, (_w, names) in KINDS[kind].scopes.items() if names == level.judges), ""),
        "apart": level.apart,
        "working_days": level.working_days,
    }
    for name, value in level.when:
        values = [code for code, _word in KINDS[kind].facts[name].values]
        row[f"fact_{name}"] = str(values.index(value)) if value in values else ""
    return row


def levels_formset(plan: ApprovalPlan, data: Mapping[str, Any] | None = None) -> BaseFormSet:
    """Return the editor of a plan's levels: a row for each, and an empty one."""
    signers = signers_of(plan.organisation_id, plan.kind)
    held = sorted({badge for member in signers for badge in badges_of(member) if badge.startswith("role:")})
    known = {f"permission:{KINDS[plan.kind].signs}", *held, "role:director"}
    known |= {level.badge for level in plan.steps if level.badge}
    options = {
        "plan": plan,
        "badges": [(badge, badge_words(badge, plan.kind, plan.organisation.role_table)) for badge in sorted(known)],
        "people": [(str(member.user_id), member.user.name) for member in signers],
    }
    make = formset_factory(LevelForm, extra=1, can_delete=True, can_order=True, max_num=10, absolute_max=12)
    initial = [initial_of(level, plan.kind) for level in plan.steps]
    return make(data, initial=initial, form_kwargs=options, prefix="levels")


def levels_in(formset: Iterable[LevelForm]) -> list[Level]:
    """Return the levels that a valid editor holds, in the order given there."""
    rows = [form for form in formset if form.has_changed() or form.initial]
    rows = [form for form in rows if form.cleaned_data and not form.cleaned_data.get("DELETE")]
    rows.sort(key=lambda form: form.cleaned_data.get("ORDER") or 99)
    return [form.level(str(number)) for number, form in enumerate(rows, start=1)]


class DelegationForm(forms.Form):
    """To whom, for what, from when to when, why."""

    delegate = forms.ChoiceField(label=gettext_lazy("委托给"))
    kinds = forms.MultipleChoiceField(label=gettext_lazy("委托的业务"), widget=forms.CheckboxSelectMultiple)
    starts_on = forms.DateField(
        label=gettext_lazy("从"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    ends_on = forms.DateField(
        label=gettext_lazy("到"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)

    def __init__(self, data: Any = None, *, member: Member, today: date) -> None:
        super().__init__(data, initial={"starts_on": today, "kinds": list(KINDS)})
        colleagues = {
            other.pk: other.user.name
            for code in KINDS
            for other in signers_of(member.organisation_id, code)
            if other.pk != member.pk
        }
        self.fields["delegate"].choices = [("", _("请选择同事")), *((str(pk), name) for pk, name in colleagues.items())]  # type: ignore[attr-defined]
        self.fields["kinds"].choices = [(code, kind.label) for code, kind in KINDS.items()]  # type: ignore[attr-defined]


class OwnDayForm(forms.Form):
    """One day that differs from the common calendar."""

    day = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    works = forms.ChoiceField(
        label=gettext_lazy("安排"), choices=(("no", gettext_lazy("不上班")), ("yes", gettext_lazy("上班")))
    )
    note = forms.CharField(label=gettext_lazy("说明"), max_length=60)


class AddSignerForm(forms.Form):
    """加签: whom, before or after the open level, why."""

    signer = forms.IntegerField(min_value=1, max_value=2**62)
    where = forms.ChoiceField(choices=(("before", ""), ("after", "")))
    reason = forms.CharField(max_length=500)


class StandInForm(forms.Form):
    """指定代签人: at which level whom, why."""

    place = forms.RegexField(regex=r"^[^|]{1,20}\|[0-9]{1,18}$")  # key of the level | user
    reason = forms.CharField(max_length=400)


class BackForm(forms.Form):
    """退回上级: to which level, why."""

    level = forms.CharField(max_length=20)
    reason = forms.CharField(max_length=500)


class StopForm(forms.Form):
    """暂停计时: a listed reason, a note, and the file that proves it."""

    code = forms.ChoiceField(choices=list(STOP_REASONS.items()))
    reason = forms.CharField(max_length=200)
    file = forms.FileField()
