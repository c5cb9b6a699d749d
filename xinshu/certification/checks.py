"""What is checked of a certification: one table. Pure: what was handed in, what the register and the pictures say.

Every check says that something agrees, that it differs, or that no machine can tell. A certification is cleared only
when all of them agree; whatever else is for a person. Law: 市场主体登记管理条例 art. 8 (what a licence names).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from xinshu.certification.registry import Word
from xinshu.core import resident_id, uscc

AGREES, DIFFERS, UNKNOWN = "agrees", "differs", "unknown"
LICENCE, REPRESENTATIVE, AUTHORISATION = "licence", "representative", "authorisation"
ADULT = 18
OWN, REGISTER, PICTURE = "平台校验", "登记机关", "文件识别"


@dataclass(frozen=True)
class Handed:
    """What the firm handed in, and as whom the platform knows it. Days None: 长期."""

    organisation_name: str
    organisation_uscc: str
    legal_name: str
    uscc: str
    representative: str
    number: str
    licence_until: date | None
    id_until: date | None
    authorised_from: date
    authorised_until: date
    code_taken: bool = False  # another organisation of the platform has the credit code


@dataclass(frozen=True)
class Known:
    """What others say: the register (None: it did not answer, `silence` says why), and what was read from the files.

    `read`: of an item the words by the code of a field, as far as they were read surely.
    """

    word: Word | None
    silence: str = ""
    read: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Said = tuple[str, str]  # result, in words
Check = tuple[str, str, str, Callable[[Handed, Known, date], Said]]  # code, item, source, what it says


def findings(handed: Handed, known: Known, today: date) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield (code, item, result, words, source) of every check."""
    for code, item, source, ask in CHECKS:
        result, words = ask(handed, known, today)
        yield code, item, result, words, source


def _same_name(handed: Handed, _known: Known, _today: date) -> Said:
    if _plain(handed.legal_name) == _plain(handed.organisation_name):
        return AGREES, _("与账号的机构名称一致")
    return DIFFERS, _("执照上是“%(one)s”，账号是“%(other)s”") % {
        "one": handed.legal_name, "other": handed.organisation_name,
    }  # fmt: skip


def _same_code(handed: Handed, _known: Known, _today: date) -> Said:
    if wrong := uscc.problems(handed.uscc):
        return DIFFERS, wrong[0]
    if handed.code_taken:
        return DIFFERS, _("平台上另一家机构已用这个信用代码")
    if not handed.organisation_uscc or handed.uscc == handed.organisation_uscc:
        return AGREES, _("校验位正确，与账号一致") if handed.organisation_uscc else _("校验位正确，账号还没有信用代码")
    return DIFFERS, _("账号的信用代码是 %(code)s") % {"code": handed.organisation_uscc}


def _licence_runs(handed: Handed, _known: Known, today: date) -> Said:
    return _runs(handed.licence_until, today)


def _card_runs(handed: Handed, _known: Known, today: date) -> Said:
    return _runs(handed.id_until, today)


def _runs(until: date | None, today: date) -> Said:
    if until is None:
        return AGREES, _("长期有效")
    told = {"day": until.isoformat()}
    return (AGREES, _("有效期至 %(day)s") % told) if until >= today else (DIFFERS, _("已于 %(day)s 到期") % told)


def _number(handed: Handed, _known: Known, today: date) -> Said:
    if wrong := resident_id.problems(handed.number):
        return DIFFERS, wrong[0]
    born = resident_id.birthday(handed.number)
    assert born is not None  # a number without problems has a birthday
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return (AGREES, _("号码校验位正确，已成年")) if age >= ADULT else (DIFFERS, _("未满 18 周岁，不能担任法定代表人"))


def _authorised(handed: Handed, _known: Known, today: date) -> Said:
    told = {"first": handed.authorised_from.isoformat(), "last": handed.authorised_until.isoformat()}
    if handed.authorised_from <= today <= handed.authorised_until:
        return AGREES, _("授权期 %(first)s 至 %(last)s") % told
    return DIFFERS, _("今天不在授权期 %(first)s 至 %(last)s 内") % told


def _by_register(elements: tuple[str, ...], words: str) -> Callable[[Handed, Known, date], Said]:
    """Return a check of some of the four elements against the register."""

    def ask(_handed: Handed, known: Known, _today: date) -> Said:
        if known.word is None:
            return UNKNOWN, known.silence
        told = [known.word.agrees.get(element) for element in elements]
        if None in told:
            return UNKNOWN, _("登记机关没有说到%(what)s") % {"what": words}
        agrees = all(told)
        said = _("%(what)s与登记一致") if agrees else _("%(what)s与登记不一致")
        return AGREES if agrees else DIFFERS, said % {"what": words}

    return ask


def _in_business(_handed: Handed, known: Known, _today: date) -> Said:
    if known.word is None:
        return UNKNOWN, known.silence
    if known.word.active is None:
        return UNKNOWN, _("登记机关没有说到经营状态")
    return (AGREES, _("登记状态：在营")) if known.word.active else (DIFFERS, _("登记状态不是在营"))


def _as_read(item: str, fields: tuple[tuple[str, str, str], ...]) -> Callable[[Handed, Known, date], Said]:
    """Return a check of what was read from the item's file. `fields`: code in the reading, name in Handed, words."""

    def ask(handed: Handed, known: Known, _today: date) -> Said:
        read = known.read.get(item, {})
        for code, name, words in fields:
            if code in read and _plain(read[code]) != _plain(str(getattr(handed, name))):
                return DIFFERS, _("文件上的%(what)s与填写的不一致") % {"what": words}
        missing = [words for code, _name, words in fields if code not in read]
        if missing:
            return UNKNOWN, _("没有从文件里可靠地读出%(what)s") % {"what": "、".join(missing)}
        return AGREES, _("文件上的内容与填写的一致")

    return ask


def _plain(words: str) -> str:
    """Return a name as it is compared: brackets half width, without spaces."""
    return uscc.normalise(words)


CHECKS: tuple[Check, ...] = (
    # code              item            source    what it asks
    ("name",            LICENCE,        OWN,      _same_name),
    ("code",            LICENCE,        OWN,      _same_code),
    ("licence_term",    LICENCE,        OWN,      _licence_runs),
    ("licence_read",    LICENCE,        PICTURE,  _as_read(LICENCE, (
        ("legal_name", "legal_name", "名称"), ("uscc", "uscc", "信用代码"),
        ("legal_representative", "representative", "法定代表人")))),
    ("registered",      LICENCE,        REGISTER, _by_register(
        ("name", "uscc", "representative"), "名称、信用代码和法定代表人")),
    ("in_business",     LICENCE,        REGISTER, _in_business),
    ("number",          REPRESENTATIVE, OWN,      _number),
    ("card_term",       REPRESENTATIVE, OWN,      _card_runs),
    ("card_read",       REPRESENTATIVE, PICTURE,  _as_read(REPRESENTATIVE, (
        ("name", "representative", "姓名"), ("number", "number", "号码")))),
    ("person",          REPRESENTATIVE, REGISTER, _by_register(("number",), "法定代表人的证件号码")),
    ("authorised",      AUTHORISATION,  OWN,      _authorised),
    ("authority_read",  AUTHORISATION,  PICTURE,  _as_read(AUTHORISATION, (("legal_name", "legal_name", "企业名称"),))),
)  # fmt: skip
