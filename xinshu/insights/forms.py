"""Shapes of what people ask for: a board's period and conditions; a proposal."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.guarantees import kinds
from xinshu.insights.volumes import DIMENSIONS, LONGEST, SECTOR, Asked, last_year
from xinshu.projects.models import Project
from xinshu.web.fields import DayField

EARLIEST = date(2000, 1, 1)  # no guarantee here is older


class BoardForm(forms.Form):
    """A board as it is asked for in the URL; whatever does not read is left out and said."""

    by = forms.ChoiceField(label=lazy("按"), required=False, choices=lambda: list(DIMENSIONS.items()))
    since = DayField(label=lazy("从"), required=False)
    until = DayField(label=lazy("至"), required=False)
    sector = forms.ChoiceField(
        label=lazy("工程类别"), required=False, choices=lambda: [("", lazy("全部工程类别")), *Project.Kind.choices]
    )
    kind = forms.ChoiceField(
        label=lazy("保函类型"), required=False, choices=lambda: [("", lazy("全部类型")), *kinds.every_choice()]
    )
    region = forms.RegexField(
        r"^(\d{1,12}|-)$", label=lazy("行政区划"), required=False,
        error_messages={"invalid": lazy("行政区划按代码的前几位填写，例如 9901。")},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if since and until and since > until:
            self.add_error("until", _("期间的最后一天早于第一天，已按近一年统计。"))
        elif since and until and (until - since).days > LONGEST:
            self.add_error("since", _("期间最长三年，已按最后三年统计。"))
        return told

    def asked(self, at: datetime) -> Asked:
        """Return what is asked for; the last twelve months where no period is, or none that can be."""
        told = self.cleaned_data
        first, today = last_year(at)
        until = max(told.get("until") or today, EARLIEST)
        since = told.get("since") or (first if until >= first else until - timedelta(days=365))
        if since > until:
            since, until = first, today
        since = max(since, until - timedelta(days=LONGEST))
        by = told.get("by") or SECTOR
        narrowed = {name: told.get(name) or "" for name in ("sector", "kind", "region")}
        return Asked(since, until, by, **narrowed)


class ProposalForm(forms.Form):
    """What is typed beside a candidate."""

    note = forms.CharField(max_length=200, required=False)
    until = DayField(required=False)
