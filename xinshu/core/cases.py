"""A case: a row with a state that people act on. Locked before every act, changed only through a lifecycle step."""

import secrets
from copy import copy
from typing import Any, Self, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from xinshu.core.lifecycle import Row
from xinshu.core.refusals import Changed
from xinshu.core.statements import change, version_of

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L: people read references aloud


def random_code(length: int) -> str:
    """Return a random code. Never a counter: how many cases there are is nobody's business (投标保密)."""
    return "".join(secrets.choice(ALPHABET) for _position in range(length))


def new_reference() -> str:
    """Return the name under which a case is addressed, in URLs and on the phone."""
    return random_code(12)


CaseRow = TypeVar("CaseRow", bound="Case")


class CaseQuerySet(models.QuerySet[CaseRow]):
    """Cases, with the door through which every act begins."""

    def locked(self, case: CaseRow) -> CaseRow:
        """Return `case` for an act to change, its row locked until the transaction ends.

        A version names one content: where the row still has the version of `case`, there is nothing to read again (the
        copy keeps a failed act from leaving traces in the caller's hands). Raises Changed when it has moved on: the
        person decided on what is no longer so.
        """
        version = version_of(self.model, case.pk)
        if version is None:
            raise self.model.DoesNotExist
        if version != case.version:
            raise Changed(
                _("您打开这笔业务以后，它已被改过，您的操作没有执行。"),
                case=self.get(pk=case.pk),
                advice=_("请先看最新内容，再决定是否继续。"),
            )
        return copy(case)


class Case(models.Model):
    """State, version and reference of anything with a lifecycle."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    state = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def has_moved(self) -> bool:
        """Whether somebody changed the case since it was read: what a page read after it may then not fit it."""
        return not type(self)._default_manager.filter(pk=self.pk, version=self.version).exists()

    def change(self, step: Row | None = None, /, **changes: Any) -> Self:
        """Save `changes`, the step's target state and the next version: exactly these columns, in one statement.

        Raises Changed, on top of `locked`, should the row have another version than this instance.
        """
        if step is not None:
            changes["state"] = step.target
        changes["version"] = self.version + 1
        for name, value in changes.items():
            setattr(self, name, value)
        if not change(self, list(changes), version=self.version - 1):
            raise Changed(_("这笔业务刚刚被改过，您的操作没有执行。"), case=self, advice=_("请刷新后再试。"))
        return self
