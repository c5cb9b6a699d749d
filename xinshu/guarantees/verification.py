"""Public verification (查验): what a stranger with a letter in hand may learn about it, and nothing more.

A number that does not exist, a wrong code and a number alone of a bid guarantee before opening all answer alike.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.core.refusals import Refusal
from xinshu.core.sm import verify_sm2
from xinshu.documents.verification import Difference, Examination, differences, examine
from xinshu.guarantees.changing import AMENDMENT
from xinshu.guarantees.history import digest_of
from xinshu.guarantees.lifecycle import INSTRUMENT
from xinshu.guarantees.models import Amendment, Guarantee, PublicCheck
from xinshu.guarantees.terms_now import last_day, values_now
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of, is_whole

WRONG_TRIES, WITHIN = 10, timedelta(hours=1)
RELATED = ("applicant", "guarantor", "beneficiary", "project", "letter__organisation")
IN_FORCE, EXPIRED, RELEASED, EXHAUSTED, SECRET, UNKNOWN, FORGED, UNREADABLE, DOUBTFUL = (
    "genuine", "expired", "released", "exhausted", "secret", "unknown", "forged", "unreadable", "doubtful",
)  # fmt: skip


class TooManyTries(Refusal):
    """Somebody is guessing codes."""

    status: ClassVar[int] = 429
    title = "试的次数太多"


@dataclass(frozen=True)
class Check:
    """One thing looked at: passed (None: not applicable), what, and in which words."""

    passed: bool | None
    title: str
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """What to tell: the outcome, the guarantee where it may be shown, the checks, the differences if forged."""

    outcome: str
    guarantee: Guarantee | None = None
    checks: tuple[Check, ...] = ()
    differences: tuple[Difference, ...] = ()
    whole_names: bool = False
    number: str = ""
    issuer: Organisation | None = None  # whom to ask, where the paper bears the number of a real letter
    problem: str = ""
    says: Mapping[str, Any] = field(default_factory=dict)  # the terms as they stand now, as letter values
    amendments: tuple[Amendment, ...] = ()  # those accepted, in order


def by_code(number: str, code: str, at: datetime) -> Verdict:
    """Judge by the number and the six digits printed on the letter. Raises TooManyTries when somebody guesses."""
    number = number.strip().upper()
    _stop_guessing(number, at)
    guarantee = _issued(number)
    if guarantee is None or not constant_time_compare(guarantee.verify_code, code.strip()):
        return _told(Verdict(UNKNOWN), number, None, "code", at)
    return _told(_genuine(guarantee, at, whole_names=True), number, guarantee, "code", at)


def by_number(number: str, at: datetime) -> Verdict:
    """Judge by the number alone: names are partly covered, and a bid guarantee before opening is not found."""
    number = number.strip().upper()
    guarantee = _issued(number)
    if guarantee is None or guarantee.is_secret(at):
        return _told(Verdict(UNKNOWN), number, None, "number", at)
    return _told(_genuine(guarantee, at, whole_names=False), number, guarantee, "number", at)


def by_file(content: bytes, at: datetime) -> Verdict:
    """Judge the PDF itself: is it, byte for byte, a letter that was issued here; if not, in what does it differ."""
    found = examine(content)
    if found.sealed is not None and found.genuine:
        guarantee = Guarantee.objects.select_related(*RELATED).filter(letter=found.sealed).first()
        amendment = None
        if guarantee is None:
            amendment = Amendment.objects.select_related("guarantee").filter(letter=found.sealed).first()
            of = Amendment.objects.filter(letter=found.sealed).values("guarantee")
            guarantee = Guarantee.objects.select_related(*RELATED).filter(pk__in=of).first()
        if guarantee is not None and guarantee.state in INSTRUMENT:
            same = [Check(True, _("文件与存证一致"), f"SM3 {found.sm3[:8]}…{found.sm3[-8:]}"), _standing(amendment)]
            verdict = _genuine(guarantee, at, whole_names=True, first=[check for check in same if check])
            return _told(verdict, str(guarantee.number), guarantee, "file", at)
    if not found.readable:
        return _told(Verdict(UNREADABLE, problem=found.problem), "", None, "file", at)
    return _forged(found, at)


def _issued(number: str) -> Guarantee | None:
    return Guarantee.objects.select_related(*RELATED).filter(number=number, state__in=INSTRUMENT).first()


def _standing(amendment: Amendment | None) -> Check | None:
    """Say of an amendment letter whether it changes anything: only one that the beneficiary accepted does."""
    if amendment is None:
        return None
    title = _("这是第 %(number)d 号修改函") % {"number": amendment.number or 0}
    if amendment.state == "accepted":
        return Check(True, title, _("受益人已接受，条款已按它修改。"))
    state = AMENDMENT.states[amendment.state].label
    return Check(None, title, _("%(state)s，没有生效，原条款继续有效。") % {"state": state})


def _genuine(guarantee: Guarantee, at: datetime, *, whole_names: bool, first: Sequence[Check] = ()) -> Verdict:
    secret = guarantee.is_secret(at)
    outcome = SECRET if secret else OUTCOMES[guarantee.state](guarantee, at)
    amendments = list(guarantee.amendments.filter(state="accepted").select_related("letter").order_by("number"))
    checks = [*([] if secret else first), *_checks(guarantee, amendments)]
    if any(check.passed is False for check in checks):  # what we keep does not hold: nobody may be told that it does
        return Verdict(DOUBTFUL, checks=tuple(checks), number=str(guarantee.number), issuer=guarantee.guarantor)
    if secret:
        return Verdict(outcome, None, tuple(checks), whole_names=whole_names)
    says = {**guarantee.letter_values, **values_now(guarantee)}
    return Verdict(outcome, guarantee, tuple(checks), whole_names=whole_names, says=says, amendments=tuple(amendments))


def _in_force(guarantee: Guarantee, at: datetime) -> str:
    return IN_FORCE if local_day(at) <= last_day(guarantee) else EXPIRED  # the nightly round may not have come by yet


OUTCOMES: dict[str, Callable[[Guarantee, datetime], str]] = {
    "in_force": _in_force,
    "released": lambda _guarantee, _at: RELEASED,
    "expired": lambda _guarantee, _at: EXPIRED,
    "exhausted": lambda _guarantee, _at: EXHAUSTED,
}


def _checks(guarantee: Guarantee, amendments: Sequence[Amendment]) -> list[Check]:
    letter = guarantee.letter
    assert letter is not None
    signed = verify_sm2(letter.sm2_public, bytes.fromhex(letter.pdf_sm3), bytes.fromhex(letter.sm2_signature))
    return [
        Check(signed, _("电子签章有效"), _("签章人 %(name)s · SM2") % {"name": letter.organisation.name}),
        _evidence(guarantee, amendments),
    ]


def _evidence(guarantee: Guarantee, amendments: Sequence[Amendment]) -> Check:
    """Check that the ledger tells of this very letter, of what it says and how it stands, in entries nobody altered."""
    title = _("存证记录完整")
    history = list(history_of(guarantee))
    delivered = [entry for entry in history if entry.kind == "guarantee.delivered"]
    if len(delivered) != 1 or guarantee.letter is None:
        return Check(False, title, _("没有唯一的送达记录"))
    entry = delivered[0]
    told = entry.data.get("letter"), entry.data.get("values")
    whole = is_whole(entry) and told == (guarantee.letter.pdf_sm3, digest_of(guarantee.letter_values))
    whole = whole and _row_says_the_same(guarantee, history) and guarantee.state == _state_told(history)
    whole = whole and _amended_as_told(amendments, history)
    return Check(whole, title, _("记录 #%(id)s") % {"id": entry.pk} if whole else _("记录与函件不符"))


def _row_says_the_same(guarantee: Guarantee, history: list[Entry]) -> bool:
    """The page shows amount and days from the row: it must not say more than the letter and what changed it."""
    told = [entry for entry in history if entry.kind in TERMS_TOLD]
    said = dict(guarantee.letter_values)
    for entry in told:
        said |= entry.data.get("terms") or {"expires_on": entry.data["expires_on"]}
    row = {
        "amount": yuan(guarantee.amount or 0),
        "effective_on": str(guarantee.effective_on),
        "expires_on": str(guarantee.expires_on),
    }
    return (
        row.items() <= said.items()
        and guarantee.worded.items() <= said.items()
        and (guarantee.number == guarantee.letter_values.get("number") and all(is_whole(entry) for entry in told))
    )


def _amended_as_told(amendments: Sequence[Amendment], history: list[Entry]) -> bool:
    """Return whether the amendments kept are those that the ledger tells of: number, letter, what it says."""
    told = [
        (entry.data["number"], entry.data["letter"], entry.data["values"])
        for entry in history
        if entry.kind == "guarantee.amended"
    ]
    kept = [
        (row.number, row.letter.pdf_sm3 if row.letter else "", digest_of(row.letter_values))
        for row in amendments
        if not row.on_demand
    ]
    extended = {entry.data["amendment"] for entry in history if entry.kind == "guarantee.extended"}
    on_demand = [row for row in amendments if row.on_demand]
    return (
        sorted(told) == sorted(kept)
        and extended == {row.reference for row in on_demand}
        and all(_lettered_as_told(row) for row in on_demand)
    )


def _lettered_as_told(amendment: Amendment) -> bool:
    """Return whether the letter of an extension on demand is the one that the ledger tells of, or there is none yet."""
    told = [entry.data for entry in history_of(amendment) if entry.kind == "amendment.lettered" and is_whole(entry)]
    kept = [(amendment.letter.pdf_sm3, digest_of(amendment.letter_values))] if amendment.letter else []
    return [(data["letter"], data["values"]) for data in told] == kept


TERMS_TOLD = ("guarantee.amended", "guarantee.reduced", "guarantee.extended", "guarantee.prolonged")


def _state_told(history: list[Entry]) -> str:
    """Return the state to which the ledger says that a delivered guarantee came."""
    ends = [STATES_TOLD[entry.kind] for entry in history if entry.kind in STATES_TOLD and is_whole(entry)]
    return ends[-1] if ends else "in_force"


STATES_TOLD = {"guarantee.released": "released", "guarantee.expired": "expired", "guarantee.exhausted": "exhausted"}


def _forged(found: Examination, at: datetime) -> Verdict:
    """Say in what a paper differs from the letter that bears its number, without telling what that letter says."""
    guarantee = _issued(found.number.upper()) if found.number else None
    if guarantee is not None and guarantee.is_secret(at):
        guarantee = None
    signed = Check(
        any(signature.holds for signature in found.signatures),
        _("电子签章"),
        " ".join(signature.finding for signature in found.signatures) or _("文件没有电子签章。"),
    )
    digest = Check(False, _("文件与存证不一致"), f"SM3 {found.sm3[:8]}…{found.sm3[-8:]}")
    verdict = Verdict(
        FORGED if guarantee is not None or found.altered else UNKNOWN,
        checks=(digest, signed),
        differences=tuple(differences(found, guarantee.letter_values)) if guarantee is not None else (),
        number=found.number,
        issuer=guarantee.guarantor if guarantee is not None else None,
    )
    return _told(verdict, found.number, guarantee, "file", at)


def _stop_guessing(number: str, at: datetime) -> None:
    wrong = PublicCheck.objects.filter(number=number, way="code", verdict=UNKNOWN, at__gt=at - WITHIN).count()
    if wrong >= WRONG_TRIES:
        raise TooManyTries(
            _("这个编号的验证码已试错 %(times)d 次，请一小时后再试。") % {"times": WRONG_TRIES},
            advice=_("也可以上传电子函文件查验。"),
        )


def _told(verdict: Verdict, number: str, guarantee: Guarantee | None, way: str, at: datetime) -> Verdict:
    PublicCheck.objects.create(number=number[:40], guarantee=guarantee, way=way, verdict=verdict.outcome, at=at)
    return verdict
