"""Where announcements come from: counted by region, and the provinces as tiles where one looks for them on a map."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Count, Q
from django.db.models.functions import Substr

from xinshu.accounts.models import Member
from xinshu.core.clock import moment
from xinshu.core.divisions import children, name_of, prefix_of
from xinshu.tenders.asking import Filters, lines
from xinshu.tenders.models import Announcement

# Codes of provinces, row by row from the north-west: where a province lies among its neighbours, all of one size.
GRID = """
.. .. .. .. .. .. 15 23
65 .. .. .. .. 11 21 22
.. 62 64 14 13 12 .. ..
.. 63 61 41 37 .. .. ..
54 51 50 42 34 32 31 ..
.. 53 52 43 36 33 .. ..
.. .. 45 44 35 .. .. ..
.. .. .. 46 .. .. .. ..
"""
SIZE, GAP, STEPS = 44, 4, 5


@dataclass(frozen=True)
class Region:
    """One region on the map: code ("": none was read), name, how many announcements, and its share of the most."""

    code: str
    name: str
    count: int
    share: int  # percent of the largest


def regions(member: Member, filters: Filters) -> list[Region]:
    """Count what the filters leave by the regions directly within the one chosen, the most first.

    Without words and whose name it is one walk through an index of codes.
    """
    asked = Q(told_again_of=None)
    if filters.kind:
        asked &= Q(kind=filters.kind)
    if filters.since:
        asked &= Q(published_at__gte=moment(filters.since))
    if filters.until:
        asked &= Q(published_at__lt=moment(filters.until) + timedelta(days=1))
    inside = prefix_of(filters.region)
    if inside:
        asked &= Q(region_code__gte=inside, region_code__lt=inside + "a")
    if filters != Filters(kind=filters.kind, region=filters.region, since=filters.since, until=filters.until):
        found = lines(member, replace(filters, sort=""), streamed=False)
        asked &= Q(pk__in=found.order_by().values("announcement_id"))
    size = 2 if not inside else 4 if len(inside) == 2 else 6
    rows = (
        Announcement.objects.filter(asked).order_by().values_list(Substr("region_code", 1, size)).annotate(Count("pk"))
    )
    counted: Counter[str] = Counter()
    for code, count in rows:
        counted[code] += count
    largest = max(counted.values(), default=1)
    return [
        Region(code, name_of(code), count, round(count * 100 / largest))
        for code, count in sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    ]


@dataclass(frozen=True)
class Tile:
    """One province: where it stands, how many announcements, and its shade from 0 (none) to STEPS."""

    code: str
    name: str
    x: int
    y: int
    count: int
    shade: int


def tiles_of(regions: Sequence[Region]) -> list[Tile]:
    """Return the tiles of all provinces with what was counted there; [] where nothing counted lies in any."""
    counted = {region.code: region for region in regions}
    names = {one.prefix: one.name for one in children()}
    tiles = []
    for row, line in enumerate(GRID.split("\n")[1:-1]):
        for column, code in enumerate(line.split()):
            if code in names:
                region = counted.get(code)
                count, shade = (region.count, 1 + region.share * (STEPS - 1) // 100) if region else (0, 0)
                place = (column * (SIZE + GAP), row * (SIZE + GAP))
                tiles.append(Tile(code, _short(names[code]), *place, count, shade))
    return tiles if any(tile.count for tile in tiles) else []


def _short(name: str) -> str:
    """Return how a province is written on its tile: 内蒙古, 广西, 湖北."""
    return name[:3] if name.startswith(("内蒙古", "黑龙江")) else name[:2]
