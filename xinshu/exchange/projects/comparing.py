"""Where a source and a registrant do not say the same: found, shown side by side, decided by a person or by a rule."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Invalid, NotPermitted, Refusal
from xinshu.exchange.lifecycle import DIFFERENCE, EDIT
from xinshu.exchange.models import Difference, FieldRule, ProjectRecord
from xinshu.exchange.projects.facts import FIELDS, REVEALING, facts_of
from xinshu.exchange.projects.receiving import as_typed, source_words
from xinshu.ledger.recording import record
from xinshu.projects.actions import amend_project, record_award
from xinshu.projects.models import Project
from xinshu.projects.supervision import supervises_projects

Wins = FieldRule.Wins


def projects_beside(found: ProjectRecord) -> list[Project]:
    """Return every registration of the lot that a source speaks of, whoever's. For the platform's own use."""
    if not found.number:
        return []
    same = Project.objects.filter(number=found.number).select_related("buyer", "registered_by")
    return list(same.order_by("pk"))


def records_beside(project: Project) -> list[ProjectRecord]:
    """Return what sources say of a registration's lot."""
    if not project.number:
        return []
    return list(ProjectRecord.objects.filter(number=project.number, version__gt=0).select_related("source"))


@transaction.atomic
def compare(found: ProjectRecord, project: Project, *, at: datetime) -> int:
    """Note where the two differ now, and let rules decide what they may. Returns how many wait for a person."""
    project = Project.objects.select_for_update(of=("self",)).select_related("buyer").get(pk=project.pk)
    if project.region_code and not supervises_projects(found.source, project.kind, project.region_code, at):
        return 0
    ours = facts_of(project)
    known = {
        row.field: row for row in Difference.objects.filter(record=found, project=project).select_related("project")
    }
    waiting = 0
    for name in FIELDS:
        theirs = None if found.withdrawn else found.facts.get(name)
        if theirs is None or theirs == ours.get(name):
            _settle(known.get(name), at)
            continue
        row = _note(known.get(name), found, project, name, theirs, ours.get(name), at)
        if row.state == "open":
            row = _by_rule(row, at)
        waiting += row.state == "open"
    return waiting


@transaction.atomic
def take_theirs(difference: Difference, *, by: Actor, at: datetime) -> Difference:
    """Let the source's word stand in the registrant's project. What was typed stays in the ledger."""
    difference = Difference.objects.locked(difference)
    step = DIFFERENCE.step("take", difference, by)
    found = ProjectRecord.objects.select_related("source").get(pk=difference.record_id)
    if found.withdrawn or found.facts.get(difference.field) is None:
        raise Invalid(_("对方已撤回或不再提供这一项，没有采用。"), advice=_("请刷新后再看。"))
    project = Project.objects.select_related("buyer", "registered_by").get(pk=difference.project_id)
    if difference.field == "award":
        award = found.facts["award"]
        record_award(
            project, winner=award["winner"], amount=award["amount"], members=award.get("members", []),
            award_source=source_words(found), by=by, at=at,
        )  # fmt: skip
    else:
        amend_project(project, by=by, at=at, **as_typed(found, difference.field))
    theirs = found.facts[difference.field]
    difference.change(step, theirs=theirs, their_version=found.version, decided_at=at, decider=by.actor_label)
    _remember("difference.taken", difference, by=by, at=at)
    return difference


@transaction.atomic
def keep_ours(difference: Difference, *, by: Actor, at: datetime) -> Difference:
    """Leave what was typed. The source's word stays beside it, and asks again only when it says something else."""
    difference = Difference.objects.locked(difference)
    step = DIFFERENCE.step("keep", difference, by)
    difference.change(step, decided_at=at, decider=by.actor_label)
    _remember("difference.kept", difference, by=by, at=at)
    return difference


@transaction.atomic
def set_rules(source: Organisation, wins: dict[str, str], *, by: Member, at: datetime) -> None:
    """Say which side wins without asking, field by field, for `by`'s house and one source; open ones follow at once."""
    if not by.can(EDIT):
        raise NotPermitted(_("您没有修改项目的权限。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    if set(wins) - set(FIELDS) or set(wins.values()) - set(Wins.values):
        raise Invalid(_("取用规则没有保存：有读不懂的选项。"), advice=_("请刷新页面后重新选择。"))
    house, before = by.organisation, rules_of(by.organisation, source)
    changed = {name: choice for name, choice in wins.items() if before.get(name, Wins.ASK) != choice}
    for name, choice in changed.items():
        FieldRule.objects.update_or_create(
            organisation=house, source=source, field=name, defaults={"wins": choice, "by": by.actor_label, "at": at}
        )
    if not changed:
        return
    record("difference.ruled", house, by=by, at=at, source=source.pk, wins=changed)
    waiting = Difference.objects.filter(
        project__registered_by=house, record__source=source, state="open", field__in=list(changed)
    )
    for row in waiting.select_related("project").order_by("pk"):
        _by_rule(row, at)


def rules_of(house: Organisation, source: Organisation) -> dict[str, str]:
    """Return the rules that a house has for one source: field -> wins."""
    return dict(FieldRule.objects.filter(organisation=house, source=source).values_list("field", "wins"))


def _by_rule(row: Difference, at: datetime) -> Difference:
    """Decide by rule, where there is one and it may. What cannot be taken as it stands waits for a person."""
    project = row.project
    rule = FieldRule.objects.filter(
        organisation=project.registered_by_id, source=row.record.source_id, field=row.field
    ).first()
    wins = rule.wins if rule else Wins.ASK
    secret = project.secret_until is not None and project.secret_until > at
    if wins == Wins.OURS:
        return keep_ours(row, by=SYSTEM, at=at)
    if wins == Wins.THEIRS and not (secret and row.field in REVEALING):
        try:
            with transaction.atomic():
                return take_theirs(row, by=SYSTEM, at=at)
        except Refusal:
            return row
    return row


def _note(
    row: Difference | None,
    found: ProjectRecord,
    project: Project,
    name: str,
    theirs: object,
    ours: object,
    at: datetime,
) -> Difference:
    """Keep what both sides say; open again what was decided about something else."""
    said = {"theirs": theirs, "ours": ours, "their_version": found.version, "seen_at": at}
    if row is None:
        row = Difference.objects.create(state="open", record=found, project=project, field=name, **said)
        _remember("difference.found", row, by=SYSTEM, at=at)
        return row
    row.project = project
    if row.state in ("settled", "taken") or (row.state == "kept" and (row.theirs, row.ours) != (theirs, ours)):
        row.change(DIFFERENCE.step("reopen", row, SYSTEM), **said, decided_at=None, decider="")
        _remember("difference.found", row, by=SYSTEM, at=at)
    elif (row.theirs, row.ours) != (theirs, ours):
        row.change(**said)
    return row


def _settle(row: Difference | None, at: datetime) -> None:
    if row is not None and row.state in ("open", "kept"):
        row.change(DIFFERENCE.step("settle", row, SYSTEM), decided_at=at)
        _remember("difference.settled", row, by=SYSTEM, at=at)


def _remember(kind: str, row: Difference, *, by: Actor, at: datetime) -> None:
    """As secret as the registration: that somebody has one of this lot is what must not be known."""
    project = Project.objects.get(pk=row.project_id)
    record(
        kind, row, by=by, at=at, sealed_until=project.secret_until, field=row.field, version=row.their_version,
        project=row.project_id,
    )  # fmt: skip
