"""What follows: who asked about a firm gets an answer once the sources were asked."""

from xinshu.core.clock import now
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to
from xinshu.rules.models import Run
from xinshu.rules.running import answer_run, prepared_of
from xinshu.rules.sources.asking import ask_sources


@reacts_to("rules.asked", together=False)
def answer(entry: Entry) -> None:
    """Ask the sources for what the version wants to know, and keep the answer. A second time finds it kept."""
    run = Run.objects.select_related("rule_set__owner", "rule_version__rule_set").get(pk=entry.subject_id)
    if run.state != "asking":
        return
    at = max(now(), run.at)
    facts = ask_sources(run, run.rule_version.types, prepared_of(run.rule_version).facts, at)
    answer_run(run, facts, at=at)
