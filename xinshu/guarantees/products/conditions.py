"""What a product asks of its applicant: dated conditions over facts that are known anyway. Pure.

A condition answers three ways: met, not met, unknown (a person must find out).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.core.money import yuan

ASKED = {  # fact: what it asks; "capital" asks for an amount, the others for a yes
    "verified": gettext_lazy("申请人身份已核验"),
    "complete": gettext_lazy("企业资料齐全且在有效期内"),
    "customer": gettext_lazy("已是本机构客户"),
    "capital": gettext_lazy("注册资本不低于"),
}


@dataclass(frozen=True)
class Condition:
    """One condition, in force on days within its dates. `least` in 分, for "capital" only."""

    fact: str
    since: date
    until: date | None = None
    least: int | None = None

    @property
    def words(self) -> str:
        """What is asked, for people."""
        asked = str(ASKED[self.fact])
        return _("%(asked)s %(amount)s 元") % {"asked": asked, "amount": yuan(self.least)} if self.least else asked

    def holds(self, on: date) -> bool:
        """Tell whether the condition is asked on the day `on`."""
        return self.since <= on and (self.until is None or on <= self.until)

    def met(self, facts: Mapping[str, Any]) -> bool | None:
        """Return whether the applicant meets it; None: the fact is not known."""
        value = facts.get(self.fact)
        if value is None or self.least is None:
            return value
        return bool(value >= self.least)

    def as_json(self) -> dict[str, Any]:
        return {
            "fact": self.fact,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "least": self.least,
        }


def read(kept: Mapping[str, Any]) -> Condition:
    """Return the condition that `as_json` wrote."""
    until = date.fromisoformat(kept["until"]) if kept["until"] else None
    return Condition(kept["fact"], date.fromisoformat(kept["since"]), until, kept["least"])
