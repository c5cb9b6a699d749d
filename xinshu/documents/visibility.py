"""Who may read a file: its owner's members, and whoever the context that owns the case lets in.

The original of an identity card only those who may read sensitive values uncovered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.classification import REVEAL
from xinshu.core.refusals import Unknown
from xinshu.documents.models import File, Reading

Reader = Callable[[File, Member, datetime], bool]
_readers: dict[str, Reader] = {}
_own: set[str] = set()  # types of cases whose files not every member of the owner may read


def may_read(subject_type: str, *, own: bool = False) -> Callable[[Reader], Reader]:
    """Register who else, besides the owner's members, may read files of cases of this type ("guarantees.guarantee").

    `own`: the owner's members are asked about, too.
    """

    def register(reader: Reader) -> Reader:
        if _readers.get(subject_type, reader) is not reader:
            raise ValueError(f"files of {subject_type} already have a rule")
        _readers[subject_type] = reader
        if own:
            _own.add(subject_type)
        return reader

    return register


@dataclass(frozen=True)
class Home:
    """The cases that files of a type belong to: which of them exist for a member, and how one is called and found."""

    cases: Callable[[Member, datetime], QuerySet[Any]]
    told: Callable[[Any], tuple[str, str]]  # a case → its words, its address


_homes: dict[str, Home] = {}
_unsearched: set[str] = set()


def belongs_to(model: type[Model], cases: Callable[[Member, datetime], QuerySet[Any]],
               told: Callable[[Any], tuple[str, str]]) -> None:  # fmt: skip
    """Have files of these cases searched for whom the case exists, and shown with it. Called at start-up.

    It narrows a search and no more: whether a file may be opened is asked of its own door, file by file.
    """
    _homes[model._meta.label_lower] = Home(cases, told)


def keep_unsearched(model: type[Model]) -> None:
    """Have what is written in files of these cases never read for search: such files are found by their names only."""
    _unsearched.add(model._meta.label_lower)


def is_searched(file: File) -> bool:
    """Say whether what is written in the file may be looked for."""
    return file.subject_type not in _unsearched


def perhaps_visible(member: Member, at: datetime) -> Q:
    """Return the condition on rows with a `file` that it may exist for `member`; `is_visible` decides on each."""
    among = Q(file__owner=member.organisation_id)
    for name in _readers:
        there = Q(file__subject_type=name)
        if name in _homes:
            cases = _homes[name].cases(member, at).order_by().filter(pk=OuterRef("file__subject_id"))
            there &= Q(Exists(cases))
        among |= there
    return among


def visible_among(rows: Iterable[tuple[int, int, str, int | None]], member: Member, at: datetime) -> set[int]:
    """Return which of these files (pk, owner, kind and pk of the case) may exist for `member`: as `perhaps_visible`.

    One question for every kind of case that they belong to.
    """
    found, by_type = set[int](), dict[str, dict[int, int | None]]()
    for pk, owner, name, case in rows:
        if owner == member.organisation_id:
            found.add(pk)
        elif name in _readers:
            by_type.setdefault(name, {})[pk] = case
    for name, mine in by_type.items():
        if name not in _homes:
            found |= mine.keys()
            continue
        asked = {case for case in mine.values() if case is not None}
        there = set(_homes[name].cases(member, at).order_by().filter(pk__in=asked).values_list("pk", flat=True))
        found.update(pk for pk, case in mine.items() if case in there)
    return found


def homes_of(files: Iterable[File], member: Member, at: datetime) -> dict[int, tuple[str, str]]:
    """Return, by file, the words and the address of the case that it belongs to, where that exists for `member`."""
    by_type: dict[str, list[File]] = {}
    for file in files:
        if file.subject_id is not None and file.subject_type in _homes:
            by_type.setdefault(file.subject_type, []).append(file)
    found: dict[int, tuple[str, str]] = {}
    for name, mine in by_type.items():
        home = _homes[name]
        cases = home.cases(member, at).in_bulk({file.subject_id for file in mine})
        found |= {file.pk: home.told(cases[file.subject_id]) for file in mine if file.subject_id in cases}
    return found


def is_visible(file: File, member: Member, at: datetime) -> bool:
    """Say whether this file exists for this member at this moment."""
    if file.owner_id == member.organisation_id and file.subject_type not in _own:
        return member.can(REVEAL) or not Reading.objects.filter(file=file, pages__concealed=True).exists()
    reader = _readers.get(file.subject_type)
    return reader is not None and reader(file, member, at)


def file_for(reference: str, member: Member, at: datetime) -> File:
    """Return the file with this reference. Raises Unknown when there is none, or none for this member."""
    file = File.objects.select_related("blob", "owner").filter(reference=reference).first()
    if file is None or not is_visible(file, member, at):
        raise Unknown(_("没有找到这个文件。"), advice=_("地址可能不完整，或者文件不属于您所在的机构。"))
    return file


belongs_to(
    Reading,
    lambda member, at: Reading.objects.visible_to(member),
    lambda reading: (_("材料识别"), reverse("documents:reading", args=[reading.reference])),
)
