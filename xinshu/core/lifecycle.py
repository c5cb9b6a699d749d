"""A lifecycle is a table: which act leads from which state to which, whose act it is, and what it takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import NotNow, NotPermitted


class Case(Protocol):
    """Anything with a state that people act on. `sides_of` names the sides on which an actor stands in this case."""

    @property
    def state(self) -> str: ...

    def sides_of(self, by: Actor) -> set[str]: ...


@dataclass(frozen=True)
class State:
    """One state: its word, its tone (design tokens), the side it waits for, what it waits for, working days allowed."""

    code: str
    label: str
    tone: str = "mute"
    waits_for: str = ""
    awaited: str = ""
    working_days: int | None = None
    final: bool = False


@dataclass(frozen=True)
class Row:
    """One act: from any of `sources` to `target`, by somebody on `side` who holds `permission`."""

    action: str
    label: str
    sources: tuple[str, ...]
    target: str
    side: str
    permission: str = ""
    tone: str = ""  # "pri" for the one expected act, "dan" for one that cannot be taken back
    needs_reason: bool = False
    consequence: str = ""  # what the person is told before an act that goes outward or cannot be taken back


class Lifecycle:
    """The states and rows of one kind of case: buttons, to-dos, refusals, diagrams, table tests are drawn from it."""

    def __init__(self, name: str, label: str, states: Iterable[State], rows: Iterable[Row]) -> None:
        self.name, self.label = name, label
        self.states = {state.code: state for state in states}
        self.rows = tuple(rows)
        loose = {code for row in self.rows for code in (*row.sources, row.target)} - set(self.states)
        if loose:
            raise ValueError(f"lifecycle {name} names states that it does not have: {sorted(loose)}")

    def step(self, action: str, case: Case, by: Actor) -> Row:
        """Return the row by which `by` may do `action` to `case` now.

        Raises NotPermitted when it is not this person's act, NotNow when the present state does not allow it.
        """
        rows = [row for row in self.rows if row.action == action]
        if not rows:
            raise KeyError(f"lifecycle {self.name} has no action {action}")
        mine = [row for row in rows if self._is_theirs(row, case, by)]
        if not mine:
            raise NotPermitted(
                _("您没有“%(act)s”的权限。") % {"act": rows[0].label}, advice=_("需要办理的，请联系本机构管理员开通。")
            )
        for row in mine:
            if case.state in row.sources:
                return row
        raise NotNow(
            _("这笔%(case)s现在是“%(state)s”，不能%(act)s。")
            % {"case": self.label, "state": self.states[case.state].label, "act": rows[0].label},
            advice=_("可能已有人先办理。刷新页面可以看到最新进展。"),
        )

    def possible(self, case: Case, by: Actor) -> list[Row]:
        """Return the rows open to `by` in the present state, in the table's order: what the page shows as buttons."""
        return [row for row in self.rows if case.state in row.sources and self._is_theirs(row, case, by)]

    def waiting_for(self, side: str, by: Actor) -> list[str]:
        """Return the states in which something is expected of `by`, standing on `side`: what makes a to-do list."""
        return [
            state.code
            for state in self.states.values()
            if state.waits_for == side
            and any(
                state.code in row.sources and row.side == side and (not row.permission or by.can(row.permission))
                for row in self.rows
            )
        ]

    @staticmethod
    def _is_theirs(row: Row, case: Case, by: Actor) -> bool:
        if row.side == "system" or by is SYSTEM:
            return row.side == "system" and by is SYSTEM
        return row.side in case.sides_of(by) and (not row.permission or by.can(row.permission))
