"""What a headline says of a firm: the kind of news, good or bad, whether the firm is its subject. Pure.

Words of the table are looked for longest first, each place once; a negation shortly before a word, or an "is over"
after it, turns its weight. The firm is the subject unless it only brings the matter against another, or another
organisation stands nearer to the bad word.
"""

import re
from dataclasses import dataclass

from xinshu.watch.reading.words import (
    AFTERWARDS,
    BRINGS,
    CREDIT,
    DIRECTLY,
    KINDS,
    LAWSUIT,
    NEGATIONS,
    ONLY_NAMED,
    OPINION,
    REACH,
    WORDS,
)

BAD, NEITHER, GOOD = -1, 0, 1
_FOUND = re.compile("|".join(sorted(map(re.escape, WORDS), key=len, reverse=True)))
_ENDS = ("有限责任公司", "股份有限公司", "集团有限公司", "有限公司", "集团", "股份", "公司")
_PLACE = re.compile(r"^[一-鿿]{2,3}(?:省|市|县|区)|^(?:云州|江北|江南)")
_ORGANISATION = re.compile(
    r"[一-鿿A-Za-z0-9（）()]{2,18}?(?:公司|集团|银行|法院|税务局|监管局|管理局|建设局|住建局|信用社|局|委员会|项目部)"
)
_STOPS = re.compile(r"[，,。；;：:！!？?、\s|｜—]+")
_PUNCTUATION = re.compile(r"[\s“”\"'《》【】\[\]]+")


@dataclass(frozen=True)
class Reading:
    """What a headline says: `score` below zero is bad; `words` that made it so, each with its weight."""

    kind: str
    polarity: int
    about_firm: bool
    score: int
    words: tuple[tuple[str, int], ...] = ()

    @property
    def is_risk(self) -> bool:
        """Whether somebody should look: bad news, and about the firm."""
        return self.polarity == BAD and self.about_firm


def classify(title: str, firm: str, told: str = "") -> Reading:
    """Read a headline about `firm` (its full name). `told`: the kind that the source gave, where it gave one."""
    text = _PUNCTUATION.sub("", title)
    found = [(match.group(), match.start(), match.end()) for match in _FOUND.finditer(text)]
    words = tuple((word, _turned(text, start, end, WORDS[word][1])) for word, start, end in found)
    score = sum(weight for _word, weight in words)
    by_kind = dict.fromkeys(KINDS, 0)
    for (word, weight), _place in zip(words, found, strict=True):
        by_kind[WORDS[word][0]] += abs(weight) or 1
    heaviest = max(KINDS, key=lambda kind: by_kind[kind])
    kind = told if told in KINDS else heaviest if by_kind[heaviest] else OPINION
    polarity = BAD if score <= -2 or (score < 0 and told in KINDS) else GOOD if score >= 2 else NEITHER
    if not found and told in (LAWSUIT, CREDIT):  # a court's or a register's row may be no more than a case number
        polarity = BAD
    bad = [(start, word) for (word, start, _end), (_w, weight) in zip(found, words, strict=True) if weight < 0]
    return Reading(kind, polarity, _is_subject(text, firm, bad), score, words)


def _turned(text: str, start: int, end: int, weight: int) -> int:
    before = _STOPS.split(text[max(0, start - REACH) : start])[-1]
    if before.endswith(DIRECTLY) or any(word in before for word in NEGATIONS):
        return -weight if weight < 0 else 0
    if weight < 0 and any(word in text[end : end + 8] for word in AFTERWARDS):
        return -weight
    return weight


def short_names(firm: str) -> tuple[str, ...]:
    """Return how a headline may call a firm: its name, without the legal form, without the place."""
    core = firm
    for end in _ENDS:
        core = core.removesuffix(end)
    core = re.sub(r"[（(].{2,6}[）)]", "", core)
    inner = _PLACE.sub("", core)
    names = [firm, core]
    if len(inner) >= 4:
        names.append(inner)
        names.append(inner[:2] + inner[2:4])
    return tuple(dict.fromkeys(name for name in names if len(name) >= 4))


def _is_subject(text: str, firm: str, bad: list[tuple[int, str]]) -> bool:
    """Tell whether the news is about the firm; a headline that names nobody is about whom the source says."""
    place = next((at for name in short_names(firm) if (at := text.find(name)) >= 0), -1)
    others = [match for match in _ORGANISATION.finditer(text) if not _names(match.group(), firm)]
    if place < 0:
        return not others or all(_is_office(match.group()) for match in others)
    end = place + next(len(name) for name in short_names(firm) if text.startswith(name, place))
    for name in _ENDS:
        if text.startswith(name, end):
            end += len(name)
            break
    after = text[end:]
    if any(after.startswith(word) for word in BRINGS) and not after.startswith("诉讼"):
        return False
    if text[:place].endswith(ONLY_NAMED) and others:
        return False
    if bad and others:
        first = min(start for start, _word in bad)
        if place > first and any(match.end() <= first and not _is_office(match.group()) for match in others):
            return False  # the bad word is said of whom stands before it
        between = [
            match for match in others
            if end <= match.start() < first and not _is_office(match.group()) and "被" not in text[end:match.start()]
        ]  # fmt: skip
        return not between
    return True


def _names(told: str, firm: str) -> bool:
    return any(name in told for name in short_names(firm))


def _is_office(name: str) -> bool:
    return name.endswith(("法院", "局", "委员会"))
