"""Amendments, reductions and surrenders on the desks of those whose turn it is, and amendments before the committee."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.core.lifecycle import Lifecycle
from xinshu.core.money import yuan
from xinshu.guarantees import changing, second_desk
from xinshu.guarantees.actions.amendments import KIND, judged_facts
from xinshu.guarantees.batches import desk as batches
from xinshu.guarantees.batches.queries import waiting_for as waiting_batches
from xinshu.guarantees.judging.committee import FACTS, USUAL_LEVELS
from xinshu.guarantees.models import Amendment, ContractChange, FeeReturn, Guarantee, Reduction, Surrender
from xinshu.guarantees.models.changes import WITH_PARTIES, Change
from xinshu.projects.supervision import guarantees_under
from xinshu.work.cases import KINDS as CASES
from xinshu.work.cases import CaseKind, Event, PastCase, Todo, register
from xinshu.work.deadlines import calendar_of
from xinshu.work.queries import due_days as approval_due_days
from xinshu.work.queries import waiting_for as approvals_waiting

TABLES: tuple[tuple[type[Change], Lifecycle, str], ...] = (
    (Amendment, changing.AMENDMENT, "guarantees:amendment"),
    (Reduction, changing.REDUCTION, "guarantees:reduction"),
    (Surrender, changing.SURRENDER, "guarantees:surrender_case"),
    (ContractChange, changing.CONTRACT_CHANGE, "guarantees:contract_change"),
)
# With what the fees have of their own: no change of the instrument, but on the same desks and pages.
WITH_RETURNS: tuple[tuple[type[Change], Lifecycle, str], ...] = (
    *TABLES,
    (FeeReturn, changing.FEE_RETURN, "guarantees:fee_return"),
)


def lifecycle_of(change: Change) -> Lifecycle:
    return next(table for model, table, _page in WITH_RETURNS if isinstance(change, model))


def page_of(change: Change) -> str:
    """Return the address of a change's own page."""
    page = next(page for model, _table, page in WITH_RETURNS if isinstance(change, model))
    return reverse(page, args=[change.reference])


def waiting_for(model: type[Change], table: Lifecycle, member: Member, at: datetime) -> "models.QuerySet[Any]":
    """Return the changes of one kind in which something is expected of `member`."""
    mine = member.organisation_id
    sides = {
        "applicant": Q(guarantee__applicant=mine) | Q(guarantee__guarantor=mine, guarantee__on_behalf=True),
        "guarantor": Q(guarantee__guarantor=mine),
        "beneficiary": Q(guarantee__beneficiary=mine),
    }
    if member.can("guarantees.supervise"):
        supervised = Guarantee.objects.filter(guarantees_under(member.organisation, at))
        sides["department"] = Q(guarantee__in=supervised.values("pk"))
    waits = []  # only what this person can do at all: every page carries the number of to-dos
    for side, condition in sides.items():
        states = [code for code in table.waiting_for(side, member) if code != "in_review" or side != "guarantor"]
        if states:
            waits.append(condition & Q(state__in=states))
    if model is Amendment and member.can(CASES[KIND].signs):
        to_sign = approvals_waiting(member, KIND, local_day(at)).values("subject_id")
        waits.append(Q(guarantee__guarantor=mine, state="in_review", pk__in=to_sign))
    if not waits:
        return model.objects.none()
    found = model.objects.visible_to(member, at).filter(reduce(or_, waits))
    if model is FeeReturn:  # who stated an amount does not confirm it
        found = found.exclude(state="stated", stated_by_key=member.actor_key)
    return found


def due_on(change: Change) -> date | None:
    """Return by when the present state should be left, by the calendar of whose turn it is; None: no limit."""
    table, guarantee = lifecycle_of(change), change.guarantee
    if isinstance(change, Amendment) and change.state == "in_review":
        return approval_due_days([change]).get(change.pk)
    state = table.states[change.state]
    if not state.working_days:
        return None
    house = guarantee.applicant_id if state.waits_for == "applicant" else guarantee.guarantor_id
    return calendar_of(house).add(local_day(change.changed_at), state.working_days).on


def _waiting(member: Member, at: datetime) -> Iterator[tuple[Lifecycle, "models.QuerySet[Any]"]]:
    for model, table, _page in WITH_RETURNS:
        yield table, waiting_for(model, table, member, at)


def todos(member: Member, at: datetime, limit: int) -> list[Todo]:
    """Return what waits for `member`, oldest first: changes, batches, and tables of the house."""
    found = [*batches.todos(member, at, limit), *second_desk.todos(member, at, limit)]
    for table, rows in _waiting(member, at):
        for change in rows.select_related(*WITH_PARTIES).order_by("changed_at", "pk")[:limit]:
            state, guarantee = table.states[change.state], change.guarantee
            found.append(
                Todo(
                    title=guarantee.project.name,
                    subtitle=f"{guarantee.get_kind_display()} · {state.awaited}",
                    party=guarantee.applicant.name,
                    url=page_of(change),
                    tone=state.tone,
                    state_label=state.label,
                    amount=change.amount if isinstance(change, FeeReturn) else guarantee.amount,
                    due_on=due_on(change),
                )
            )
    return found[:limit]


def waiting(member: Member, at: datetime) -> "list[models.QuerySet[Any]]":
    """Return the changes that wait for `member`, kind by kind, the batches, and what a second person looks at."""
    return [*(found for _table, found in _waiting(member, at)), waiting_batches(member), *second_desk.waiting(member)]


def agenda(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    """Return the time limits of the member's own to-dos from `since` to `until`."""
    return [
        Event(
            on=todo.due_on, what="deadline", words=_("待我办理：%(what)s") % {"what": todo.subtitle}, title=todo.title,
            detail=todo.party, url=todo.url, tone="danger" if todo.due_on < local_day(at) else "warn",
            amount=todo.amount, mine=True,
        )
        for todo in todos(member, at, 100)
        if todo.due_on is not None and since <= todo.due_on <= until
    ]  # fmt: skip


def _past(guarantor: Organisation, limit: int) -> list[PastCase]:
    decided = Amendment.objects.filter(guarantee__guarantor=guarantor, decided_at__isnull=False)
    rows = decided.select_related(*WITH_PARTIES).order_by("-decided_at", "-pk")[:limit]
    return [PastCase(_words(row), judged_facts(row), frozenset()) for row in rows]


def _words(case: models.Model) -> str:
    assert isinstance(case, Amendment)
    return _("%(applicant)s的%(kind)s修改（改后 %(amount)s 元）") % {
        "applicant": case.guarantee.applicant.name,
        "kind": case.guarantee.get_kind_display(),
        "amount": yuan(case.new_amount or case.old_amount),
    }


def _case_of(pk: int) -> Amendment:
    return Amendment.objects.select_related(*WITH_PARTIES).get(pk=pk)


def _sealed_until(case: models.Model) -> datetime | None:
    assert isinstance(case, Amendment)
    return case.secret_until


def _link(case: models.Model) -> str:
    assert isinstance(case, Amendment)
    return page_of(case)


register(
    CaseKind(
        code=KIND,
        label=gettext_lazy("保函修改"),
        signs="guarantees.review",
        keeps="guarantees.apply",
        facts={name: FACTS[name] for name in ("above_authority", "kind", "verified")},
        scopes={"amount": (gettext_lazy("只对金额"), ("amount", "above_authority"))},
        usual_levels=USUAL_LEVELS,
        escalates_to="role:director",
        todos=todos,
        waiting=waiting,
        past=_past,
        judged=judged_facts,
        agenda=agenda,
        papers=lambda member, at, text: None,  # its letters are papers of the guarantee
        case_of=_case_of,
        link=_link,
        words=_words,
        sealed_until=_sealed_until,
    )
)
