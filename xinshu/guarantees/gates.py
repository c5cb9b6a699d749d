"""Who else is asked before a guarantor is asked for more or promises it: rooms above register gates, as with panels.

So for an application and its letter, and for an amendment that is for more money or longer.

A gate answers with a sentence for whoever acts, or None. The sentence must be fit for the applicant: it names nobody
else and betrays nothing of anybody else.
"""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from xinshu.core.refusals import Refusal
from xinshu.guarantees.models import Guarantee

SUBMIT, ISSUE = "submit", "issue"
Gate = Callable[[Guarantee, str, datetime], str | None]  # guarantee, SUBMIT or ISSUE, the moment
GATES: list[Gate] = []


class Stopped(Refusal):
    """A room above does not let the act through now."""

    title = "暂时不能办理"


def register_gate(gate: Gate) -> Gate:
    """Have `gate` asked before every such submission and issue. Called at start-up, once."""
    GATES.append(gate)
    return gate


def must_pass(guarantee: Guarantee, act: str, at: datetime) -> None:
    """Raise Stopped with the first gate's sentence that does not let `act` through."""
    for gate in GATES:
        words = gate(guarantee, act, at)
        if words:
            raise Stopped(words, advice=_("已填写的内容和材料都在，恢复后可以接着办。"))
