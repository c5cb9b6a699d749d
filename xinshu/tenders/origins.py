"""What a source is called: the room that reads sources says so; one that nobody names bears its code."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from xinshu.tenders.models import BY_HAND

Names = Mapping[str, str]  # by code
_namers: list[Callable[[], Names]] = []


def names_sources(namer: Callable[[], Names]) -> Callable[[], Names]:
    """Have `namer` asked what sources are called. Called at start-up, once."""
    if namer not in _namers:
        _namers.append(namer)
    return namer


def namer() -> Callable[[str], str]:
    """Return what tells of each code what its source is called; all names are asked for at once."""
    names = {code: name for one in _namers for code, name in one().items()} | {BY_HAND: _("人工录入")}
    return lambda code: names.get(code, code)
