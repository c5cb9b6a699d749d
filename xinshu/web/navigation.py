"""What a navigation table is made of. The table itself is config/navigation.py: config knows every context."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.module_loading import import_string

from xinshu.accounts.models import Member

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


FEW = 18  # entries that a screen of 900 px shows at once


@dataclass(frozen=True)
class Entry:
    """One place to go: absent for those without `permission` or of other organisation `kinds`, and when not built in.

    `badge` names a count registered in web.shell; `tab` puts the entry into the phone's bottom bar; `demo` keeps it
    out of production.
    """

    label: "StrOrPromise"
    icon: str
    to: str  # name of the page: "guarantees:list"
    permission: str = ""
    kinds: tuple[str, ...] = ()
    badge: str = ""
    tab: "StrOrPromise" = ""  # short label in the phone's bottom bar
    demo: bool = False

    def is_for(self, member: Member) -> bool:
        """Tell whether `member` gets to see this entry."""
        return (
            (not self.permission or member.can(self.permission))
            and (not self.kinds or member.organisation.kind in self.kinds)
            and (not self.demo or settings.DEMO or settings.TESTING)
        )


@dataclass(frozen=True)
class Section:
    """Entries under one heading that folds; the first section has none. `name`: letters, for the fold that is kept."""

    name: str
    label: "StrOrPromise"
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Link:
    """An entry as it stands on one page for one member."""

    label: str
    icon: str
    href: str
    current: bool
    tab: str
    badge: str


@dataclass(frozen=True)
class Group:
    """A section as it stands on one page for one member; `opened`: its entries are to be seen."""

    name: str
    label: str
    links: list[Link]
    opened: bool


@cache
def _href(name: str, urlconf: str | None) -> str:
    try:
        return reverse(name, urlconf)
    except NoReverseMatch:
        return ""


def table() -> Sequence[Section]:
    """Return the installation's navigation (setting NAVIGATION)."""
    return import_string(settings.NAVIGATION)


def groups(member: Member, path: str, folds: str = "") -> list[Group]:
    """Return sections with the entries that `member` may see; of those that lead to `path` the longest is current.

    Few entries stand open. Of many, the first section with a heading does, and the one that holds the page; `folds`
    is what the member opened and closed since ("shelf1.bills0"), and it goes before.
    """
    urlconf = get_urlconf()
    shown = [
        (
            section,
            [(entry, href) for entry in section.entries if (href := _href(entry.to, urlconf)) and entry.is_for(member)],
        )
        for section in table()
    ]
    shown = [(section, entries) for section, entries in shown if entries]
    leading = [href for _section, entries in shown for _entry, href in entries if path.startswith(href)]
    current = max(leading, key=len, default="")
    few = sum(len(entries) for _section, entries in shown) <= FEW
    always = {section.name for section, _entries in shown[:2]}
    chosen = {fold[:-1]: fold[-1] == "1" for fold in folds.split(".") if fold}
    return [
        Group(
            section.name,
            str(section.label),
            [Link(str(e.label), e.icon, href, href == current, str(e.tab), e.badge) for e, href in entries],
            current in [href for _entry, href in entries] or chosen.get(section.name, few or section.name in always),
        )
        for section, entries in shown
    ]
