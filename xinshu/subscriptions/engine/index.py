"""All subscriptions of a process: a large segment and smaller ones of what has changed since. A change costs a small
segment; small ones are merged as they grow, large ones on a thread of their own while matching goes on.
"""

import threading
from collections.abc import Iterable, Sequence

from xinshu.subscriptions.engine.segments import Hits, Segment, build, merge, together
from xinshu.subscriptions.engine.wanted import Notice, Wanted

RATIO = 8  # a segment is merged into the one before it once that is less than so many times as large
AT_ONCE = 4_000  # rows that are merged while one waits: some hundredths of a second
SAMPLE = 300  # texts in which is counted how often words occur


class Index:
    """Segments, the largest first. One thread at a time may change it; any may match."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = tuple(kinds)
        self.sample: list[str] = []
        self._segments: tuple[Segment, ...] = ()
        self._lock = threading.Lock()
        self._dropped: set[int] | None = None  # while a thread merges: what it must not bring back
        self._merging: threading.Thread | None = None

    def __len__(self) -> int:
        return sum(len(segment) for segment in self._segments)

    @property
    def segments(self) -> int:
        """How many segments there are."""
        return len(self._segments)

    def match(self, notice: Notice) -> Hits:
        """Return the subscriptions that an announcement meets."""
        return together([segment.match(notice) for segment in self._segments])

    def change(self, wanted: Iterable[Wanted], gone: Iterable[int] = ()) -> None:
        """Take in new and changed subscriptions, each given once, and forget those that are gone."""
        rows = list(wanted)
        ids = {one.id for one in rows} | set(gone)
        made = (build(rows, self.kinds, self.sample),) if rows else ()
        with self._lock:
            for segment in self._segments:
                segment.drop(ids)
            if self._dropped is not None:
                self._dropped |= ids
            self._segments = tuple(one for one in self._segments if len(one)) + made
        self._tidy()

    def settle(self) -> None:
        """Wait until nothing is merged any more."""
        while (thread := self._merging) is not None:
            thread.join()
            self._tidy()

    def _tidy(self) -> None:
        while (some := self._next()) and self._merging is None:
            if sum(len(one.rows) for one in some) <= AT_ONCE:
                self._merge(some)
            else:
                self._merging = threading.Thread(target=self._merge, args=(some,), daemon=True, name="subscriptions")
                self._merging.start()

    def _next(self) -> tuple[Segment, ...]:
        """Return the segments at the end that have grown too large beside the one before them; none: all is well."""
        sizes = [len(one.rows) for one in self._segments]
        for place in range(len(sizes) - 1):
            if sizes[place] < RATIO * sum(sizes[place + 1 :]) and sum(sizes[place:]) > 0:
                return self._segments[place:]
        return ()

    def _merge(self, some: tuple[Segment, ...]) -> None:
        try:
            with self._lock:
                self._dropped = set()
            made = merge(some, self.sample)
            with self._lock:
                made.drop(self._dropped)
                at = self._segments.index(some[0]) if some[0] in self._segments else 0
                rest = tuple(one for one in self._segments[at:] if one not in some)
                self._segments = (*(one for one in self._segments[:at] if one not in some), made, *rest)
        finally:
            self._dropped = None
            self._merging = None
