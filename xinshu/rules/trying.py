"""用历史试跑: a draft against kept facts, before anybody activates it; which decisions would be others."""

import json
from collections import Counter
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import NotNow
from xinshu.ledger.recording import record
from xinshu.rules.actions import content_sm3
from xinshu.rules.engine.facts import facts_from_json
from xinshu.rules.lifecycle import VERSION
from xinshu.rules.models import RuleSet, RuleVersion, Run, Trial, TrialLine
from xinshu.rules.running import fresh

MOST_RUNS = 2_000  # the latest


def history_for(rule_set: RuleSet) -> list[Run]:
    """Return the kept runs that a draft is tried on.

    Of this set; where it has none yet, of the house's other sets of the same purpose, each subject's facts once.
    """
    kept = Run.objects.filter(state="kept").select_related("rule_version").order_by("-at", "-pk")
    own = list(kept.filter(rule_set=rule_set)[:MOST_RUNS])
    if own:
        return own
    others = kept.filter(rule_set__owner=rule_set.owner_id, rule_set__purpose=rule_set.purpose)[:MOST_RUNS]
    return list({(run.subject_key, run.facts): run for run in others}.values())


@transaction.atomic
def try_on_history(version: RuleVersion, *, by: Member, at: datetime) -> Trial:
    """Run a draft against the history and keep what would change. Raises NotNow where there is none.

    Where the runs are another set's, there is no "before" of this one: all of them are new decisions.
    """
    version = RuleVersion.objects.locked(version)
    VERSION.step("try_on_history", version, by)
    runs = history_for(version.rule_set)
    if not runs:
        raise NotNow(_("还没有可以试跑的历史。"), advice=_("这个用途的规则运行过以后就有；没有历史时可以直接启用。"))
    rules, types = fresh(version), version.types
    counts: Counter[tuple[str, str]] = Counter()
    lines = []
    for run in runs:
        result = rules.decide(facts_from_json(json.loads(run.facts), types), run.on)
        own = run.rule_set_id == version.rule_set_id
        before, label = (run.outcome, run.label) if own else ("", "")
        counts[before, result.outcome] += 1
        if (before, label) != (result.outcome, result.label[:200]):
            lines.append(
                TrialLine(
                    run=run, before=before, before_label=label, after=result.outcome, after_label=result.label[:200]
                )
            )
    trial = Trial.objects.create(
        rule_version=version, content_sm3=content_sm3(version.content), runs=len(runs), changed=len(lines),
        counts=[[before, after, many] for (before, after), many in sorted(counts.items())],
        tried_by=by.actor_label[:60], at=at,
    )  # fmt: skip
    for line in lines:
        line.trial = trial
    TrialLine.objects.bulk_create(lines, batch_size=500)
    record(
        "rules.tried", version, by=by, at=at, name=version.rule_set.name, runs=trial.runs, changed=trial.changed,
        sm3=trial.content_sm3,
    )  # fmt: skip
    return trial


def last_trial(version: RuleVersion) -> Trial | None:
    """Return the newest trial of the version's present content."""
    return version.trials.filter(content_sm3=content_sm3(version.content)).order_by("-pk").first()
