"""What a source sends of its projects: taken once per version, never backwards, two contents of one version kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.exchange.lifecycle import SUPERVISE
from xinshu.exchange.models import Arrival, ProjectRecord
from xinshu.exchange.projects.facts import FIELDS, Facts, digest_of, for_action
from xinshu.ledger.recording import record
from xinshu.projects.actions import AlreadyRegistered, register_project
from xinshu.projects.models import Project
from xinshu.projects.supervision import supervises_projects

REPEATED = "repeated"
OUTCOMES = (*Arrival.Outcome.values, REPEATED)


@dataclass(frozen=True)
class Taken:
    """What became of a delivery: `outcome` is one of OUTCOMES."""

    record: ProjectRecord
    arrival: Arrival
    outcome: str


@transaction.atomic
def take_delivery(external_id: str, version: int, facts: Facts, *, withdrawn: bool, by: Member, at: datetime) -> Taken:
    """Take what `by`'s house says of one of its projects.

    The same version with the same content is answered as before and changes nothing. An older version is kept and does
    not overwrite. The same version with another content is kept beside the first until a person decides.
    Raises NotPermitted for a house that is no source, Invalid for a project outside what it supervises.
    """
    house = by.organisation
    if not by.can(SUPERVISE) or house.kind != Organisation.Kind.DEPARTMENT:
        raise NotPermitted(_("只有主管部门和交易中心可以推送项目。"), advice=_("需要接入的，请联系平台运营。"))
    if unknown := set(facts) - set(FIELDS) - {"number"}:
        raise TypeError(f"not facts of a project: {sorted(unknown)}")
    if not withdrawn:
        _must_be_theirs(facts, house, at)
    found, _new = ProjectRecord.objects.get_or_create(
        source=house, external_id=external_id, defaults={"received_at": at, "changed_at": at}
    )
    found = ProjectRecord.objects.select_for_update(of=("self",)).get(pk=found.pk)
    digest = digest_of(facts, withdrawn=withdrawn)
    known = found.arrivals.filter(version=version, digest=digest).first()
    if known is not None:
        Arrival.objects.filter(pk=known.pk).update(times=F("times") + 1)
        return Taken(found, known, REPEATED)
    outcome = _outcome(found, version)
    arrival = Arrival.objects.create(
        record=found, version=version, withdrawn=withdrawn, facts=facts, digest=digest, outcome=outcome, at=at,
        receipt=f"XM-{secrets.token_hex(10).upper()}",
    )  # fmt: skip
    if outcome == Arrival.Outcome.TAKEN:
        _hold(found, arrival, at)
    what: dict[str, str] = {
        Arrival.Outcome.TAKEN: "taken",
        Arrival.Outcome.OLDER: "overtaken",
        Arrival.Outcome.CONFLICT: "conflicting",
    }
    kind = f"project_record.{what[outcome]}"
    record(kind, found, by=by, at=at, version=version, withdrawn=withdrawn, receipt=arrival.receipt)
    return Taken(found, arrival, outcome)


@transaction.atomic
def settle_conflict(arrival: Arrival, *, adopt: bool, by: Member, at: datetime) -> Arrival:
    """Let a person of the source say which of two contents of one version holds."""
    found = ProjectRecord.objects.select_for_update(of=("self",)).get(pk=arrival.record_id)
    arrival = found.arrivals.get(pk=arrival.pk)
    if not by.can(SUPERVISE) or by.organisation_id != found.source_id:
        raise NotPermitted(_("只有推送这个项目的单位可以决定。"))
    if arrival.outcome != Arrival.Outcome.CONFLICT:
        raise NotNow(_("这份来文已经有结论：%(what)s。") % {"what": arrival.get_outcome_display()})
    if adopt and arrival.version < found.version:
        raise Changed(_("之后已收到更新的版本，不能再改用这一份。"), advice=_("请弃用它，或让对方系统重新推送。"))
    arrival.outcome = Arrival.Outcome.ADOPTED if adopt else Arrival.Outcome.DISMISSED
    arrival.save(update_fields=["outcome"])
    if adopt:
        _hold(found, arrival, at)
    kind = "project_record.taken" if adopt else "project_record.dismissed"
    record(kind, found, by=by, at=at, version=arrival.version, withdrawn=arrival.withdrawn, receipt=arrival.receipt)
    return arrival


@transaction.atomic
def register_from(found: ProjectRecord, *, by: Member, at: datetime) -> Project:
    """Register the source's project for `by`'s house: an entry of its own, of which the source learns nothing.

    Raises AlreadyRegistered where the house has one of this number, whatever it came from.
    """
    if found.withdrawn:
        raise NotNow(_("对方已撤回这个项目，不能登记。"))
    twin = Project.objects.filter(registered_by=by.organisation_id, number=found.number).exclude(number="").first()
    if twin is not None:
        raise AlreadyRegistered(twin)
    from_them: dict[str, Any] = {}
    for name in FIELDS:
        if name != "award" and name in found.facts:
            from_them |= as_typed(found, name)
    return register_project(**from_them, number=found.number, source=Project.Source.SYNCED, by=by, at=at)


def as_typed(found: ProjectRecord, name: str) -> dict[str, Any]:
    """Return one of the source's facts as the actions on projects want it."""
    return for_action(name, found.facts.get(name), source_words(found))


def source_words(found: ProjectRecord) -> str:
    """Return where an amount was read."""
    return _("%(source)s同步（第 %(n)s 版）") % {"source": found.source.name[:80], "n": found.version}


def _outcome(found: ProjectRecord, version: int) -> str:
    if version > found.version:
        return Arrival.Outcome.TAKEN
    return Arrival.Outcome.CONFLICT if version == found.version else Arrival.Outcome.OLDER


def _hold(found: ProjectRecord, arrival: Arrival, at: datetime) -> None:
    """Let the record say what arrived. A withdrawal keeps the last facts: people want to see what was withdrawn."""
    found.version, found.withdrawn, found.changed_at = arrival.version, arrival.withdrawn, at
    if not arrival.withdrawn:
        found.facts = {name: value for name, value in arrival.facts.items() if name != "number"}
        found.number, found.name = arrival.facts.get("number", ""), arrival.facts.get("name", "")
    found.save(update_fields=["version", "withdrawn", "facts", "number", "name", "changed_at"])


def _must_be_theirs(facts: Facts, house: Organisation, at: datetime) -> None:
    problems = {name: _("没有填写") for name in ("number", "name", "buyer", "region_code") if not facts.get(name)}
    region = facts.get("region_code") or ""
    if region and not supervises_projects(house, facts.get("kind") or Project.Kind.OTHER, region, at):
        problems["region_code"] = _("这个地区或工程类别不归贵单位管理。")
    if problems:
        raise Invalid(_("项目没有收下，请改正后重新推送。"), fields=problems)
