"""What an approval needs next: decided from levels, marks and facts alone. Pure: no database, no clock.

The rule that keeps a run from getting stuck: no act of the committee may leave more signatures without anybody to give
them than there were before (`short_by`: a matching of open seats to people, per group of levels that must differ).
What comes from outside and cannot be refused (changed facts, a new keeper) is mended in `unstuck`; where people are
missing even then, an administrator appoints a stand-in (`stood_in`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from typing import Any

from xinshu.core.sm import sm3

ALL, ANY, NUMBER = "all", "any", "number"
PASSED, REJECTED, OPEN = "passed", "rejected", "open"

Facts = Mapping[str, Any]
Committee = Mapping[int, frozenset[str]]  # person → badges: "role:reviewer", "permission:guarantees.review"
StandIns = Mapping[int, frozenset[int]]  # delegate → for whom they may sign


@dataclass(frozen=True)
class Level:
    """One step: who signs (a badge, or people by name), how many of them, for which cases, in how many working days."""

    key: str
    name: str
    badge: str = ""
    people: tuple[int, ...] = ()
    needs: str = ANY
    number: int = 1
    above: int | None = None  # only amounts above this, in 分
    up_to: int | None = None  # only amounts up to this, in 分
    when: tuple[tuple[str, Any], ...] = ()  # only when each of these facts has this value
    judges: tuple[str, ...] = ()  # the facts that this level answers for; none named: all of them
    apart: str = ""  # levels of one group are signed by different people
    working_days: int = 2
    added: bool = False  # 加签: not in the plan, added in the course of this run
    stand_ins: tuple[int, ...] = ()  # 指定代签人: appointed for this run because people were missing
    excused: tuple[int, ...] = ()  # whose seat a stand-in has taken

    def applies(self, facts: Facts) -> bool:
        """Say whether a case with these facts passes through this level."""
        amount = facts.get("amount") or 0
        return (
            (self.above is None or amount > self.above)
            and (self.up_to is None or amount <= self.up_to)
            and all(facts.get(name) == value for name, value in self.when)
        )

    def seats(self, committee: Committee) -> frozenset[int]:
        """Return who has a seat at this level."""
        if self.people:
            usual = set(self.people)
        else:
            usual = {person for person, badges in committee.items() if self.badge in badges}
        return frozenset((usual - set(self.excused)) | set(self.stand_ins)) & committee.keys()

    def digest(self, facts: Facts) -> str:
        """Return the digest of the facts that this level judges."""
        return digest_of({name: facts.get(name) for name in self.judges} if self.judges else facts)

    @property
    def group(self) -> str:
        """The group in which nobody signs twice; a level without one is a group by itself."""
        return self.apart or f"level:{self.key}"

    def as_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "people": list(self.people),
            "when": [list(pair) for pair in self.when],
            "judges": list(self.judges),
            "stand_ins": list(self.stand_ins),
            "excused": list(self.excused),
        }


def level_of(row: Mapping[str, Any]) -> Level:
    """Read a level back from its JSON."""
    return Level(
        **{
            **row,
            "people": tuple(row["people"]),
            "when": tuple((name, value) for name, value in row["when"]),
            "judges": tuple(row["judges"]),
            "stand_ins": tuple(row.get("stand_ins", ())),
            "excused": tuple(row.get("excused", ())),
        }
    )


def digest_of(facts: Facts) -> str:
    return sm3(json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hex()


@dataclass(frozen=True)
class Mark:
    """One signature that counts: at which level, by whose hand, for whose seat, yes or no, on which facts."""

    level: str
    hand: int
    seat: int
    approves: bool
    digest: str
    closes: bool = False  # it was the last one that its level lacked: who joins or leaves later changes nothing

    @property
    def people(self) -> set[int]:
        return {self.hand, self.seat}


@dataclass(frozen=True)
class Run:
    """One approval as it stands: its levels in order, the facts, who made the case, the marks that count."""

    levels: tuple[Level, ...]
    facts: Facts
    keepers: frozenset[int] = frozenset()
    marks: tuple[Mark, ...] = ()

    @property
    def path(self) -> list[Level]:
        """The levels through which this case passes."""
        return [level for level in self.levels if level.added or level.applies(self.facts)]

    def at(self, level: Level) -> list[Mark]:
        return [mark for mark in self.marks if mark.level == level.key]

    def used(self, group: str) -> set[int]:
        """Return the people who have signed in a group, with their own hand or through another's."""
        keys = {level.key for level in self.levels if level.group == group}
        return {person for mark in self.marks if mark.level in keys for person in mark.people}


@dataclass(frozen=True)
class Decision:
    """Where a run stands: the open level, who may act there and for which seats; `short`: people are missing."""

    outcome: str
    level: Level | None = None
    may: Mapping[int, frozenset[int]] = field(default_factory=dict)
    short: bool = False


def wanted(run: Run, level: Level, committee: Committee) -> list[set[int]]:
    """Return the signatures that `level` still lacks, each as the set of people who may give it.

    Whoever made the case stands back (回避). A level whose last open seat has gone wants somebody who is not there:
    nobody left to ask is not the same as everybody having agreed.
    """
    marks = run.at(level)
    if any(mark.closes for mark in marks):
        return []
    seats = level.seats(committee) - run.keepers
    signed = {mark.seat for mark in marks if mark.approves}
    if level.needs == ALL:
        return [{person} for person in sorted(seats - signed)] or [set()]
    lacking = (level.number if level.needs == NUMBER else 1) - len(signed)
    return [set(seats) - {mark.seat for mark in marks}] * max(1, lacking)


def is_finished(run: Run, level: Level) -> bool:
    return any(mark.closes for mark in run.at(level))


def short_by(run: Run, committee: Committee) -> int:
    """Return how many of the lacking signatures nobody is left to give, when nobody signs twice in a group."""
    slots: dict[str, list[set[int]]] = {}
    for level in run.path:
        used = run.used(level.group)
        slots.setdefault(level.group, []).extend(people - used for people in wanted(run, level, committee))
    return sum(len(group) - _matched(group) for group in slots.values())


def feasible(run: Run, committee: Committee) -> bool:
    """Say whether all that is lacking can be signed."""
    return short_by(run, committee) == 0


def _matched(slots: list[set[int]]) -> int:
    """Return how many slots get a person of their own at most (augmenting paths)."""
    taken: dict[int, int] = {}

    def place(slot: int, tried: set[int]) -> bool:
        for person in slots[slot] - tried:
            tried.add(person)
            if person not in taken or place(taken[person], tried):
                taken[person] = slot
                return True
        return False

    return sum(place(slot, set()) for slot in range(len(slots)))


def open_level(run: Run) -> Level | None:
    """Return the first level on the way that is not finished."""
    return next((level for level in run.path if not is_finished(run, level)), None)


def decide(run: Run, committee: Committee, stand_ins: StandIns | None = None) -> Decision:
    """Return where the run stands, and who may act."""
    level = open_level(run)
    if level is None:
        return Decision(PASSED)
    short = short_by(run, committee)
    may: dict[int, frozenset[int]] = {}
    for hand in committee:
        seats = {hand} | set((stand_ins or {}).get(hand, ()))
        admitted = frozenset(seat for seat in seats if _admits(run, level, hand, seat, committee, short))
        if admitted:
            may[hand] = admitted
    return Decision(OPEN, level, may, short=short > 0)


def _admits(run: Run, level: Level, hand: int, seat: int, committee: Committee, short: int) -> bool:
    """Say whether `hand` may sign for `seat`, and leaves no more signatures without people than there are now."""
    people = {hand, seat}
    if seat not in level.seats(committee) or people & run.keepers or people & run.used(level.group):
        return False
    return short_by(_marked(run, level, hand, seat, True, committee), committee) <= short


def _marked(run: Run, level: Level, hand: int, seat: int, approves: bool, committee: Committee) -> Run:
    closes = approves and len(wanted(run, level, committee)) == 1
    mark = Mark(level.key, hand, seat, approves, level.digest(run.facts), closes)
    return replace(run, marks=(*run.marks, mark))


def sign(run: Run, hand: int, seat: int, *, approves: bool, committee: Committee) -> tuple[Run, str]:
    """Return the run with this mark, and what came of it. The caller has asked `decide` whether `hand` may.

    A "no" ends a level that needs any or all; a vote is lost as soon as its number cannot come together any more.
    """
    level = open_level(run)
    assert level is not None
    after = _marked(run, level, hand, seat, approves, committee)
    if not approves:
        lost = level.needs != NUMBER or not feasible(after, committee)
        return after, REJECTED if lost else OPEN
    return after, OPEN if open_level(after) else PASSED


def returned_to(run: Run, key: str) -> Run:
    """Return the run with the marks of this level and all later ones taken back."""
    keys = [level.key for level in run.levels]
    repeated = set(keys[keys.index(key) :])
    return replace(run, marks=tuple(mark for mark in run.marks if mark.level not in repeated))


def earlier(run: Run, level: Level) -> list[Level]:
    """Return the levels to which a case at `level` can be returned."""
    path = run.path
    return path[: path.index(level)]


def with_facts(run: Run, facts: Facts, committee: Committee, keepers: Iterable[int] = ()) -> Run:
    """Return the run on new facts: a level whose facts changed starts again, the others keep their marks.

    So does a level that somebody signed who has since had a hand in the case (`keepers`). Should the changed case need
    people who have signed elsewhere, it is mended (`unstuck`). Somebody looks at new facts in any case.
    """
    keepers = run.keepers | frozenset(keepers)
    if digest_of(facts) == digest_of(run.facts) and keepers == run.keepers:
        return run
    by_key = {level.key: level for level in run.levels}
    again = {
        mark.level for mark in run.marks if by_key[mark.level].digest(facts) != mark.digest or mark.people & keepers
    }
    kept = tuple(mark for mark in run.marks if mark.level not in again)
    return _looked_at(unstuck(replace(run, facts=facts, keepers=keepers, marks=kept), committee))


def resubmitted(run: Run, facts: Facts, committee: Committee, keepers: Iterable[int] = ()) -> Run:
    """Return the run of a case that comes back: as `with_facts`, but somebody always looks at it once more.

    Levels that were finished on the same facts are not repeated.
    """
    return _looked_at(unstuck(with_facts(run, facts, committee, keepers), committee))


def _looked_at(run: Run) -> Run:
    return returned_to(run, run.path[-1].key) if run.path and open_level(run) is None else run


def unstuck(run: Run, committee: Committee) -> Run:
    """Return the run with as little taken back as lets it be finished.

    In this order: nothing; the marks of levels that are not finished; all marks; added signers, the last first. Where
    even that leaves people missing: what misses fewest.

    A plan in use can be finished when nothing is signed and nobody added (`gap_in`), so that people are still missing
    only where the house has lost some, or several of its signers made the case.
    """
    if feasible(run, committee):
        return run
    return min(_ways_on(run), key=lambda way: short_by(way, committee))


def _ways_on(run: Run) -> list[Run]:
    added = [level.key for level in run.levels if level.added]
    ways = []
    for left in range(len(added), -1, -1):
        lifted = set(added[left:])
        levels = tuple(level for level in run.levels if level.key not in lifted)
        marks = tuple(mark for mark in run.marks if mark.level not in lifted)
        rest = replace(run, levels=levels, marks=marks)
        finished = {level.key for level in levels if is_finished(rest, level)}
        ways += [rest, replace(rest, marks=tuple(mark for mark in marks if mark.level in finished))]
        ways.append(replace(rest, marks=()))
    return ways


def lifted(before: Run, after: Run) -> list[Level]:
    """Return the added levels that `unstuck` has taken out."""
    left = {level.key for level in after.levels}
    return [level for level in before.levels if level.key not in left]


def stood_in(run: Run, level: Level, person: int, committee: Committee) -> Run | None:
    """Return the run with `person` appointed to sign at `level`; None where that would not help.

    The stand-in joins those who may sign there. Where all of them must, the stand-in takes the seat of one who cannot.
    """
    short = short_by(run, committee)
    signed = {mark.seat for mark in run.at(level)}
    places: list[tuple[int, ...]] = [()]
    if level.needs == ALL:
        places += [(seat,) for seat in sorted(level.seats(committee) - run.keepers - signed)]
    for place in places:
        changed = replace(level, stand_ins=(*level.stand_ins, person), excused=(*level.excused, *place))
        after = replace(run, levels=tuple(changed if one.key == level.key else one for one in run.levels))
        if person not in level.seats(committee) and short_by(after, committee) < short:
            return after
    return None


def stand_ins_for(run: Run, committee: Committee) -> list[tuple[Level, list[int]]]:
    """Return at which open levels a stand-in would help, and who could be one."""
    if feasible(run, committee):
        return []
    found = []
    for level in run.path:
        if not is_finished(run, level):
            people = [person for person in committee if stood_in(run, level, person, committee)]
            found.append((level, people))
    return [(level, people) for level, people in found if people]


def with_level(run: Run, added: Level, *, beside: Level, before: bool) -> Run:
    """Return the run with an added level right before or after the level `beside`."""
    place = run.levels.index(beside) + (0 if before else 1)
    return replace(run, levels=(*run.levels[:place], replace(added, added=True), *run.levels[place:]))


# ── what is wrong with a plan ──


@dataclass(frozen=True)
class Gap:
    """A situation in which a plan would get stuck: no level applies, or (`level`) somebody is missing."""

    facts: Facts
    keeper: int | None = None
    level: Level | None = None


def situations(levels: Iterable[Level]) -> Iterator[dict[str, Any]]:
    """Yield one case of each kind that the conditions tell apart."""
    levels = list(levels)
    bounds = {bound for level in levels for bound in (level.above, level.up_to) if bound is not None}
    choices: dict[str, list[Any]] = {"amount": sorted({1} | {max(1, bound + n) for bound in bounds for n in (0, 1)})}
    for level in levels:
        for name, value in level.when:
            known = choices.setdefault(name, [None] if not isinstance(value, bool) else [True, False])
            if value not in known:
                known.append(value)
    for values in product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


def gap_in(levels: tuple[Level, ...], committee: Committee, keepers: Iterable[int] = ()) -> Gap | None:
    """Return the first situation in which a run of these levels could not be finished, None when there is none.

    `keepers`: people who may have made the case themselves; each is tried, and nobody.
    """
    keepers, known = list(keepers), set()
    for facts in situations(levels):
        path = tuple(level.applies(facts) for level in levels)  # which levels it passes is all that matters here
        if path in known:
            continue
        known.add(path)
        for keeper in (None, *keepers):
            run = Run(levels, facts, frozenset() if keeper is None else frozenset({keeper}))
            if not run.path:
                return Gap(facts)
            if not feasible(run, committee):
                return Gap(facts, keeper, _lacking(run, committee))
    return None


def _lacking(run: Run, committee: Committee) -> Level:
    """Return the level at which a run that cannot be finished runs out of people."""
    for end in range(1, len(run.path) + 1):
        if not feasible(replace(run, levels=tuple(run.path[:end])), committee):
            return run.path[end - 1]
    return run.path[-1]
