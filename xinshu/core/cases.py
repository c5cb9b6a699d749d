"""A case: a row with a state that people act on. Locked before every act, changed only through a lifecycle step."""

import secrets
from typing import Any, Self, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from xinshu.core.lifecycle import Row
from xinshu.core.refusals import Changed

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
        """Return the row of `case` locked until the transaction ends.

        Raises Changed when it has moved on since `case` was read: the person decided on what is no longer so.
        """
        row: CaseRow = self.select_for_update(of=("self",)).get(pk=case.pk)
        if row.version != case.version:
            raise Changed(
                _("您打开这笔业务以后，它已被改过，您的操作没有执行。"),
                case=row,
                advice=_("请先看最新内容，再决定是否继续。"),
            )
        return row


class Case(models.Model):
    """State, version and reference of anything with a lifecycle."""

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    state = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def change(self, step: Row | None = None, /, **changes: Any) -> Self:
        """Save `changes`, the step's target state and the next version: exactly these columns."""
        if step is not None:
            changes["state"] = step.target
        changes["version"] = self.version + 1
        for name, value in changes.items():
            setattr(self, name, value)
        self.save(update_fields=list(changes))
        return self
