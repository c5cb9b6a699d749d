"""The provinces as tiles, each where one looks for it on a map, shaded by how many announcements come from there."""

from collections.abc import Sequence
from dataclasses import dataclass

from xinshu.core.divisions import children
from xinshu.tenders.listing import Region

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
