"""The index of this process, kept up with the database: every process notices a change by one number it reads."""

import threading
from collections.abc import Iterable, Iterator

from django.db.models import F

from xinshu.subscriptions.engine.index import SAMPLE, Index
from xinshu.subscriptions.engine.language import Unreadable, parse
from xinshu.subscriptions.engine.wanted import Wanted
from xinshu.subscriptions.models import Compared, Counter, Subscription
from xinshu.tenders.reading.kinds import KINDS

CHUNK = 5_000


def wanted_of(row: Subscription) -> Wanted:
    """Return a subscription as the engine sees it. Raises Unreadable for keywords that nothing can read."""
    return Wanted(
        row.pk or 0, parse(row.line), tuple(row.qualifications), frozenset(row.kinds), frozenset(row.regions),
        frozenset(row.trades), frozenset(row.tags), row.least_amount, row.most_amount, row.least_score, row.unsure,
    )  # fmt: skip


def next_stamp() -> int:
    """Count one more change and return its number. In the transaction of the change: the next one waits for it."""
    Counter.objects.get_or_create(pk=1)
    Counter.objects.filter(pk=1).update(number=F("number") + 1)
    return Counter.objects.get(pk=1).number


class Store:
    """One index and how far it has read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget("", 0)

    def _forget(self, life: str, number: int) -> None:
        self.index, self.life, self.number = Index(tuple(KINDS)), life, number

    def current(self) -> Index:
        """Return the index with every change that is committed. One small query where nothing has changed."""
        with self._lock:
            counter = Counter.objects.filter(pk=1).first()
            life, number = (counter.life, counter.number) if counter else ("", 0)
            if life != self.life or number < self.number:
                self._forget(life, 0)
            if number > self.number:
                self._read(number)
            return self.index

    def _read(self, number: int) -> None:
        if not self.index.sample:
            texts = Compared.objects.order_by("-published_at").values_list("title", "body")[:SAMPLE]
            self.index.sample = [f"{title}\n{body}" for title, body in texts]
        rows = Subscription.objects.filter(stamp__gt=self.number, stamp__lte=number)
        gone = set(rows.exclude(state="on").values_list("pk", flat=True)) if self.number else set()
        self.index.change(_readable(rows.filter(state="on").iterator(chunk_size=CHUNK)), gone)
        self.number = number


def _readable(rows: Iterable[Subscription]) -> Iterator[Wanted]:
    for row in rows:
        try:
            yield wanted_of(row)
        except Unreadable:  # written under an earlier form of the language: its owner sees it on the page
            continue


STORE = Store()
