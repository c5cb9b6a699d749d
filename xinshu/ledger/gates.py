"""Questions asked before an entry is written: whoever says no undoes the act, for both stand in one transaction."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from xinshu.core.actors import Actor

Question = Callable[[str, Actor, datetime, Mapping[str, Any]], None]
questions: dict[str, Question] = {}


def ask_before(kinds: Iterable[str], question: Question) -> None:
    """Have `question(kind, by, at, data)` asked before an entry of `kinds` is written; it raises a Refusal, or not."""
    questions.update(dict.fromkeys(kinds, question))
