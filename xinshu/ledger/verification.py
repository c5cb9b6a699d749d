"""Recomputing the whole ledger: finds the first altered, missing or inserted entry, or a checkpoint that fails."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from xinshu.core.sm import hmac_sm3, sm3
from xinshu.ledger import notes, witness
from xinshu.ledger.keys import entry_key, platform_key, witness_key
from xinshu.ledger.merkle import Frontier
from xinshu.ledger.models import Checkpoint, Entry, Leaf, Node
from xinshu.ledger.rows import Row, rows
from xinshu.ledger.tombstones import Tombstones

CHUNK = 5_000
LATEST = 100  # checkpoints whose signatures a quick verification checks


@dataclass(frozen=True)
class Finding:
    """The first thing that does not hold: what it is, which entry, and where in the tree."""

    kind: str  # altered, missing, inserted, tree, checkpoint, witness
    text: str
    entry: int | None = None


class Found(Exception):
    """Ends the walk through the ledger at the first finding."""

    def __init__(self, kind: str, text: str, entry: int | None = None) -> None:
        super().__init__(text)
        self.finding = Finding(kind, text, entry)


@dataclass
class Report:
    """What a verification saw. `waiting` entries are recorded and not sealed yet: no failure."""

    sealed: int = 0
    waiting: int = 0
    checkpoints: int = 0
    unwitnessed: int = 0
    redacted: int = 0  # sealed entries whose content was cleared when its period had passed
    finding: Finding | None = None

    @property
    def genuine(self) -> bool:
        return self.finding is None


def verify(*, full: bool = False) -> Report:
    """Recompute every digest, leaf, node and root; check checkpoints and what the witness remembers.

    `full` checks the signatures of all checkpoints instead of the latest 100. Reads in chunks; entries recorded
    meanwhile do no harm.
    """
    report = Report()
    try:
        _Walk(report, full).go()
    except Found as found:
        report.finding = found.finding
    except witness.Inconsistent as error:
        report.finding = Finding("witness", _("见证人的留存文件不能读取：%s") % error)
    return report


class _Walk:
    """One pass over entries, leaves, nodes and checkpoints side by side, in the order of positions."""

    def __init__(self, report: Report, full: bool) -> None:
        self.report = report
        # What promises is read before what was promised: the tree may grow meanwhile, never the other way round.
        self.seen = witness.remembered()
        sizes = Checkpoint.objects.order_by("-size").values_list("size", flat=True)
        self.promised = max(sizes.first() or 0, self.seen.size if self.seen else 0)
        self.signed_from = 0 if full else (sizes[LATEST - 1 : LATEST].first() or 0)
        self.coming = Checkpoint.objects.order_by("size").iterator(chunk_size=1_000)
        self.checkpoint = next(self.coming, None)
        last = Leaf.objects.order_by("-position").values_list("position", "entry_id").first()
        self.size, self.tip = (0, 0) if last is None else (last[0] + 1, last[1])
        self.twice = _repeated()
        self.frontier = Frontier(sm3)
        self.tombstones = Tombstones()
        self.good_until = 0  # entry id up to which a checkpoint has confirmed the entries

    def go(self) -> None:
        """Walk to the end. Raises Found."""
        key = entry_key()
        entries = _Entries(key, self.twice)
        position = 0
        after = 0
        while position < self.size:
            leaves = list(
                Leaf.objects.filter(position__gte=position, position__lt=min(position + CHUNK, self.size))
                .order_by("position")
                .values_list("position", "entry_id", "hash")
            )
            hashes = []
            for at, entry, stored in leaves or [(-1, 0, b"")]:
                if at != position:
                    raise Found(
                        "missing", _("第 %s 个封存位置不见了，封存表被删改。") % position, entries.next_id(after)
                    )
                if entry <= after:
                    raise Found("altered", _("记录 #%s 的封存位置被改动。") % entry, entry)
                row = entries.take(entry, position)
                if row.redacted:
                    self._check_tombstone(row, bytes(stored))
                elif sm3(b"\0" + row.leaf) != bytes(stored):
                    raise Found("altered", _("记录 #%s 与封存时不同，内容被改动。") % entry, entry)
                hashes.append(bytes(stored))
                position, after = position + 1, entry
                if position == self._stop():
                    self._extend(hashes, position, entry)
                    hashes = []
            self._extend(hashes, position, after)
        self.report.sealed = self.size
        self.report.waiting = entries.rest()
        self._ends()

    def _check_tombstone(self, row: Row, stored: bytes) -> None:
        """The content is gone; its leaf and what remains must be what the entry that tells of the clearing lists."""
        if not self.tombstones.holds(row.id, stored, sm3(b"\0" + row.leaf)):
            raise Found("altered", _("记录 #%s 的内容不见了，没有与之相符的到期清除记录。") % row.id, row.id)
        self.report.redacted += 1

    def _stop(self) -> int:
        """Return the next size at which a root is known."""
        sizes = [] if self.checkpoint is None else [self.checkpoint.size]
        if self.seen is not None and self.seen.size > self.frontier.size:
            sizes.append(self.seen.size)
        return min(sizes, default=-1)

    def _extend(self, hashes: list[bytes], position: int, entry: int) -> None:
        closed = self.frontier.extend(hashes)
        for level in {level for level, _index, _hash in closed}:
            self._compare_nodes({index: value for at, index, value in closed if at == level}, level)
        if self.seen is not None and self.seen.size == position and self.seen.root != self.frontier.root():
            raise Found("witness", self._rewritten(_("见证人留存的检查点")), self._first_doubtful())
        while self.checkpoint is not None and self.checkpoint.size <= position:
            self._check(self.checkpoint)
            self.checkpoint = next(self.coming, None)
            self.good_until = entry

    def _compare_nodes(self, computed: dict[int, bytes], level: int) -> None:
        span = (min(computed), max(computed))
        stored = Node.objects.filter(level=level, index__range=span).values_list("index", "hash")
        kept = {index: bytes(value) for index, value in stored}
        for index in sorted(computed):
            if kept.get(index) != computed[index]:
                raise Found(
                    "tree", _("证明树第 %(level)s 层第 %(index)s 个节点被改动。") % {"level": level, "index": index}
                )

    def _check(self, checkpoint: Checkpoint) -> None:
        self.report.checkpoints += 1
        name = _("检查点 %s") % checkpoint.size
        try:
            tip = notes.read(checkpoint.text)
        except notes.Unreadable as error:
            raise Found("checkpoint", _("%s 的文本不能读取。") % name) from error
        if tip.size != checkpoint.size or tip.root != bytes(checkpoint.root):
            raise Found("checkpoint", _("%s 的文本与登记的大小或根不同。") % name)
        if self.frontier.root() != tip.root:
            raise Found("checkpoint", self._rewritten(name), self._first_doubtful())
        if checkpoint.size >= self.signed_from:
            if not notes.is_signed(checkpoint.text, [checkpoint.signature], platform_key().public_hex):
                raise Found("checkpoint", _("%s 的平台签名不正确。") % name)
            if not checkpoint.cosignature:
                self.report.unwitnessed += 1
            elif not notes.is_cosigned(checkpoint.text, [checkpoint.cosignature], witness_key().public_hex):
                raise Found("witness", _("%s 的见证签名不正确。") % name)

    def _first_doubtful(self) -> int | None:
        return (
            Leaf.objects.filter(entry_id__gt=self.good_until)
            .order_by("position")
            .values_list("entry_id", flat=True)
            .first()
        )

    def _rewritten(self, name: str) -> str:
        return _("%(name)s与现存记录不一致：记录 #%(entry)s 起的历史被改写过。") % {
            "name": name,
            "entry": self._first_doubtful(),
        }

    def _ends(self) -> None:
        """The tree must reach as far as checkpoints and witness have seen it."""
        if self.promised > self.size:
            text = _("已见证 %(seen)s 条记录，现在只有 %(kept)s 条：之后的记录被删除。")
            raise Found("missing", text % {"seen": self.promised, "kept": self.size})


class _Entries:
    """The stored entries in order of id, each checked against its keyed digest as it goes by."""

    def __init__(self, key: bytes, twice: set[int]) -> None:
        self.key, self.twice = key, twice
        self.upto = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        self.stream = self._read()
        self.row: Row | None = next(self.stream, None)

    def _read(self) -> Iterator[Row]:
        after = 0
        while chunk := rows(after, self.upto, CHUNK):
            yield from chunk
            after = chunk[-1].id

    def take(self, number: int, position: int) -> Row:
        """Return entry `number`, which is next in the tree. Raises Found when another or none stands there."""
        row = self.row
        if row is not None and row.id < number:
            self._inserted(row, _("记录 #%s 不在证明树中，是后来插入的。") % row.id)
        if row is None or row.id > number:
            raise Found(
                "missing",
                _("记录 #%(entry)s（第 %(at)s 个封存位置）被删除。") % {"entry": number, "at": position},
                number,
            )
        if not row.redacted and hmac_sm3(self.key, row.keyed) != row.mac:
            raise Found("altered", _("记录 #%s 的内容被改动，与密钥摘要不符。") % number, number)
        if number in self.twice:
            raise Found("inserted", _("记录 #%s 是另一条记录的复制。") % number, number)
        self.row = next(self.stream, None)
        return row

    def rest(self) -> int:
        """Return how many entries wait to be sealed, having checked their digests."""
        waiting = 0
        while self.row is not None:
            if hmac_sm3(self.key, self.row.keyed) != self.row.mac:
                self._inserted(self.row, _("记录 #%s 不是平台写入的，是插入的或写入后被改动。") % self.row.id)
            if self.row.id in self.twice:
                self._inserted(self.row, _("记录 #%s 是另一条记录的复制。") % self.row.id)
            waiting += 1
            self.row = next(self.stream, None)
        return waiting

    def next_id(self, after: int) -> int | None:
        """Return the entry that stands where a leaf is missing."""
        return self.row.id if self.row is not None and self.row.id > after else None

    @staticmethod
    def _inserted(row: Row, text: str) -> None:
        raise Found("inserted", text, row.id)


def _repeated() -> set[int]:
    """Return the entries that copy an earlier one: their salt, which is random, appears before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_entry e JOIN (SELECT salt, MIN(id) AS first FROM ledger_entry WHERE length(salt) > 0"
            " GROUP BY salt HAVING COUNT(*) > 1) twice ON e.salt = twice.salt AND e.id > twice.first"
        )
        return {row[0] for row in cursor.fetchall()}
