"""What the level table in force says, read once per question: which methods count, what each act asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from xinshu.accounts.assurance.acts import ACTS, Act
from xinshu.accounts.assurance.methods import METHODS, Method
from xinshu.accounts.models import LevelTable
from xinshu.core.composed import composed

Content = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Asked:
    """What one act asks for: level of the person, of the firm, and how many days old the proof may be (0: any)."""

    person: int
    firm: int
    days: int


@dataclass(frozen=True)
class Settings:
    """One version of the level table. What it does not name counts as shipped; an act that it does not name asks 0."""

    content: Content

    def is_on(self, method: Method) -> bool:
        """Tell whether a method counts: switched on, and there to be used."""
        said = self.content.get("methods", {}).get(method.code, {})
        return method.fixed or (bool(said.get("on", True)) and method.available())

    def days(self, method: Method) -> int:
        """Return for how many days a method stays good; 0: as long as it stands."""
        return int(self.content.get("methods", {}).get(method.code, {}).get("days", method.days))

    def asked(self, act: Act) -> Asked:
        """Return what an act asks for."""
        said = self.content.get("acts", {}).get(act.code, {})
        return Asked(int(said.get("person", 0)), int(said.get("firm", 0)), int(said.get("days", 0)))

    def highest(self, side: str) -> int:
        """Return the highest level that can be reached at all."""
        return max((one.strength for one in METHODS.values() if one.side == side and self.is_on(one)), default=0)


def shipped() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the content that the platform ships with."""
    return {
        "methods": {method.code: {"on": True, "days": method.days} for method in METHODS.values()},
        "acts": {act.code: {"person": act.person, "firm": act.firm, "days": act.days} for act in ACTS.values()},
    }


def in_force() -> Settings | None:
    """Return what holds now; None where no table was ever put into force: then nothing is asked."""
    found = _active("active")
    return Settings(found[0].content) if found else None


@composed  # asked before every act that a table names
def _active(state: str) -> QuerySet[LevelTable]:
    return LevelTable.objects.filter(state=state)
