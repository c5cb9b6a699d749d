"""Are two names those of one firm? A verdict with a score and the reason, part by part. Pure.

Sure is only what is written alike: brackets, width and spaces aside, and 有限责任公司 for 有限公司, which the law takes
for one form. All else is a guess: shown with its reasons, acted on by nobody.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from xinshu.enterprises.naming.parts import Parts, fold, within

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EXACT, WRITTEN, FORM, FORMER = "exact", "written", "form", "former"
NAMESAKE, BRANCH, SLIP, SHORT, SIMILAR = "namesake", "branch", "slip", "short", "similar"
SURE = (EXACT, WRITTEN, FORM, FORMER)
SCORES = {EXACT: 100, WRITTEN: 98, FORM: 96, FORMER: 95, SLIP: 88, NAMESAKE: 60, BRANCH: 60}
SHOWN_FROM = 55  # guesses below are no guesses

AGREES, MISSING, DIFFERS = "agrees", "missing", "differs"
PARTS: dict[str, "StrOrPromise"] = {
    "region": _("行政区划"), "trade": _("字号"), "industry": _("行业"), "form": _("组织形式"), "group": _("集团"),
    "branch": _("分支机构"), "signs": _("用字"),
}  # fmt: skip
#         part        agrees missing differs
POINTS = {
    "region":   {AGREES: 18, MISSING: 8, DIFFERS: 0},
    "trade":    {AGREES: 40, MISSING: 0, DIFFERS: 0},
    "industry": {AGREES: 20, MISSING: 8, DIFFERS: 0},
    "form":     {AGREES: 6,  MISSING: 4, DIFFERS: 0},
    "group":    {AGREES: 4,  MISSING: 2, DIFFERS: 0},
}  # fmt: skip
MOST = 85  # what a guess can come to


@dataclass(frozen=True)
class Point:
    """One part of both names: whether it agrees, as it stands here (asked) and there (in the record)."""

    part: str
    says: str
    here: str
    there: str

    @property
    def label(self) -> str:
        return str(PARTS[self.part])


@dataclass(frozen=True)
class Verdict:
    """Why a name may be that of a firm: how, how sure in percent, and the parts that were compared."""

    how: str
    score: int
    points: tuple[Point, ...] = ()

    @property
    def sure(self) -> bool:
        return self.how in SURE


def compare(asked: Parts, known: Parts, *, former: bool = False) -> Verdict | None:
    """Return what speaks for `asked` being the firm whose name is, or was, `known`; None where nothing does."""
    if not asked.written or not known.written:
        return None
    if asked.written == known.written:
        return Verdict(FORMER if former else WRITTEN, SCORES[FORMER if former else WRITTEN])
    if asked.alike == known.alike:
        how = FORMER if former else FORM
        return Verdict(how, SCORES[how], (Point("form", AGREES, "有限责任公司", "有限公司"),))
    if asked.folded == known.folded:
        return Verdict(SLIP, SCORES[SLIP], (_signs(asked.alike, known.alike),))
    if asked.firm or known.firm:
        return _of_branch(asked, known)
    return _by_parts(asked, known)


def _of_branch(asked: Parts, known: Parts) -> Verdict | None:
    """Return what speaks for a branch of the firm, or the firm of a branch. Two branches are two."""
    if asked.firm and known.firm:
        return None
    branch, firm, other = (asked, asked.firm, known) if asked.firm else (known, known.firm, asked)
    if _alike(firm) != other.alike:
        return None
    point = Point("branch", DIFFERS, asked.branch, known.branch)
    return Verdict(BRANCH, SCORES[BRANCH], (point,)) if branch.branch else None


def _alike(written: str) -> str:
    return written.replace("有限责任公司", "有限公司")


def _by_parts(asked: Parts, known: Parts) -> Verdict | None:
    if not asked.short or asked.short != known.short or len(asked.trade) < 2:
        return None
    points = (
        _part("region", asked.region, known.region, within=_lies_in(asked.region, known.region)),
        Point("trade", AGREES, asked.trade, known.trade),
        _part("industry", fold(asked.industry), fold(known.industry), shown=(asked.industry, known.industry),
              within=_holds(asked.industry, known.industry)),
        _part("form", asked.form, known.form),
        _part("group", "集团" if asked.group else "", "集团" if known.group else ""),
    )  # fmt: skip
    says = {point.part: point.says for point in points}
    if says["region"] == DIFFERS or says["industry"] == DIFFERS or asked.note != known.note:
        return None  # two firms of one trade name
    borne_out = any(getattr(asked, part) and says[part] == AGREES for part in ("region", "industry"))
    if not borne_out and len(asked.trade) < 3:  # a trade name of two signs alone is everybody's
        return None
    score = min(MOST, sum(POINTS[point.part][point.says] for point in points))
    how = SHORT if not asked.form and known.form else SIMILAR
    return Verdict(how, score, points) if score >= SHOWN_FROM else None


def _part(part: str, here: str, there: str, *, shown: tuple[str, str] | None = None, within: bool = False) -> Point:
    says = MISSING if not (here and there) else AGREES if here == there or within else DIFFERS
    return Point(part, says, *(shown or (here, there)))


def _lies_in(one: str, other: str) -> bool:
    """Tell whether one region lies in the other: what is 湖北 here and 宜昌 there contradicts nothing."""
    return one in within().get(other, ()) or other in within().get(one, ())


def _holds(one: str, other: str) -> bool:
    """Tell whether one industry says what the other says and more: 路桥 and 路桥工程."""
    return bool(one and other) and (one in other or other in one)


def _signs(here: str, there: str) -> Point:
    """Return the signs in which two names of one length differ."""
    pairs = [(a, b) for a, b in zip(here, there, strict=False) if a != b]
    return Point("signs", DIFFERS, "".join(a for a, _b in pairs), "".join(b for _a, b in pairs))
