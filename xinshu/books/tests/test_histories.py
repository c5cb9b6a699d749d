"""Whatever happens in whatever order: nothing is lost, nothing is made up, no line goes below nothing."""

from dataclasses import dataclass, field

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from xinshu.accounts.models import Organisation, User
from xinshu.books.audit import drifted, imbalance
from xinshu.books.lines import Line, grant_line, line_of, occupy, reserve, restore, void_reservation
from xinshu.books.tests.conftest import AT
from xinshu.books.transfers import Overdrawn
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import NotNow

CASES = st.integers(1, 4)
AMOUNTS = st.integers(1, 60_00)
ACTS = st.one_of(
    st.tuples(st.just("grant"), CASES, AMOUNTS),
    st.tuples(st.sampled_from(["reserve", "occupy", "void", "restore"]), CASES, AMOUNTS),
    st.tuples(st.just("reserve"), CASES, AMOUNTS),
)


@dataclass
class Told:
    """The same history, told in the simplest way: one number for the limit, one state and amount per case."""

    limit: int = 0
    keys: set[int] = field(default_factory=set)
    cases: dict[int, tuple[str, int]] = field(default_factory=dict)

    def sum_of(self, state: str) -> int:
        return sum(amount for found, amount in self.cases.values() if found == state)

    @property
    def line(self) -> Line:
        reserved, occupied = self.sum_of("reserved"), self.sum_of("occupied")
        return Line(self.limit, reserved, occupied, self.limit - reserved - occupied)

    def act(self, act: str, case: int, amount: int) -> type[Exception] | None:
        """Do it, or name the refusal that the books must give."""
        state, held = self.cases.get(case, ("", 0))
        if act == "grant":
            self.limit += amount if case not in self.keys else 0
            self.keys.add(case)
        elif act == "reserve" and state:
            return None if amount == held else NotNow
        elif act == "reserve":
            if amount > self.line.available:
                return Overdrawn
            self.cases[case] = ("reserved", amount)
        elif act == "void" and state in ("occupied", "restored"):
            return NotNow
        elif act == "void":
            self.cases.pop(case, None)
        elif not state or (act == "restore" and state == "reserved"):
            return NotNow
        elif act == "occupy" and state == "reserved":
            self.cases[case] = ("occupied", held)
        elif act == "restore":
            self.cases[case] = ("restored", held)
        return None


class Histories(TestCase):
    """A TestCase, because hypothesis needs one to roll the database back between examples."""

    @settings(max_examples=60, deadline=None)
    @given(st.lists(ACTS, max_size=25))
    def test_the_books_agree_with_the_simplest_telling_of_any_history(
        self, history: list[tuple[str, int, int]]
    ) -> None:
        issuer = Organisation.objects.create(name="担保", kind=Organisation.Kind.GUARANTOR)
        party = Organisation.objects.create(name="企业", kind=Organisation.Kind.ENTERPRISE)
        told, granted = Told(), {}

        for act, number, amount in history:
            case = User(pk=number)
            if act == "grant":
                amount = granted.setdefault(number, amount)
            expected = told.act(act, number, amount)
            try:
                with transaction.atomic():
                    if act == "grant":
                        grant_line(issuer, party, amount, by=SYSTEM, at=AT, key=f"grant-{number}")
                    elif act == "reserve":
                        reserve(issuer, party, amount, for_=case, at=AT)
                    else:
                        {"occupy": occupy, "void": void_reservation, "restore": restore}[act](case, at=AT)
                refusal = None
            except (Overdrawn, NotNow) as refused:
                refusal = type(refused)

            assert refusal == expected, f"{act} of {number}"
            assert line_of(issuer, party) == told.line
        assert imbalance() == {}
        assert drifted() == []
