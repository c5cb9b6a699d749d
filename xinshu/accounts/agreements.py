"""What agreements say and who still owes a consent: the words in blocks, the digest, what is in force, statistics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Agreement, Consent, Member, User
from xinshu.core.clock import CHINA
from xinshu.core.sm import sm3

Kind = Agreement.Kind


@dataclass(frozen=True)
class Opened:
    """What a browser was shown, and when: the server's own word, carried by the form under a signature."""

    at: datetime
    agreements: frozenset[int]


@dataclass(frozen=True)
class Origin:
    """From where somebody agrees: network address, and what the browser calls itself."""

    address: str = ""
    device: str = ""


@dataclass(frozen=True)
class Block:
    """One piece of an agreement: a heading, a paragraph, or a list."""

    what: str  # heading, text, list
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """Return `text` in pieces: lines that begin with "## " are headings, "- " list items, all else paragraphs."""
    found: list[Block] = []
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("## "):
            found.append(Block("heading", (line[3:].strip(),)))
        elif line.startswith("- ") and found and found[-1].what == "list":
            found[-1] = Block("list", (*found[-1].lines, line[2:].strip()))
        elif line.startswith("- "):
            found.append(Block("list", (line[2:].strip(),)))
        elif line:
            found.append(Block("text", (line,)))
    return found


def digest_of(text: str) -> str:
    """Return the SM3 of the words, as UTF-8, in hex."""
    return sm3(text.encode()).hex()


def shipped_text(kind: str) -> str:
    """Return the words that come with the software: the first version of each agreement."""
    return files("xinshu.accounts").joinpath(f"texts/{kind}.txt").read_text(encoding="utf-8")


def reading_seconds(agreements: Sequence[Agreement]) -> int:
    """Return for how long `agreements`, shown together, have to lie open."""
    return sum(one.minimum_seconds for one in agreements)


def owed_by(member: Member) -> list[Agreement]:
    """Return the agreements in force to which `member` has not agreed in words that still count."""
    in_force = list(Agreement.objects.current())
    if not in_force:
        return []
    given = Consent.objects.standing().filter(user=member.user_id).select_related("agreement")
    counting = [
        (one.agreement.kind, one.organisation_id) for one in given if any(_counts(one, current) for current in in_force)
    ]
    return [one for one in in_force if not _has(one, counting, member.organisation_id)]


def standing_consent(user: User, kind: str) -> Consent | None:
    """Return the consent of `user` to an agreement asked for apart that still counts; None where there is none."""
    current = Agreement.objects.all().apart(kind)
    if current is None:
        return None
    given = Consent.objects.standing().filter(user=user, agreement__kind=kind).select_related("agreement")
    return next((one for one in given if _counts(one, current)), None)


def _counts(consent: Consent, current: Agreement) -> bool:
    given = consent.agreement
    return given.kind == current.kind and given.number >= current.valid_from_number


def _has(current: Agreement, given: Sequence[tuple[str, int | None]], organisation_id: int) -> bool:
    per_subject = current.kind in Agreement.PER_SUBJECT
    return any(kind == current.kind and (not per_subject or where == organisation_id) for kind, where in given)


def members_asked(current: Agreement) -> "QuerySet[Any]":
    """Return who has to agree to `current`, with `agreed`: whether they have. Per subject, or once for each person."""
    given = Consent.objects.filter(
        user=OuterRef("user"),
        withdrawn_at=None,
        agreement__kind=current.kind,
        agreement__number__gte=current.valid_from_number,
    )
    members = Member.objects.acting()
    if current.kind in Agreement.PER_SUBJECT:
        given = given.filter(organisation=OuterRef("organisation"))
    else:  # each person once: by the first of their memberships
        earlier = Member.objects.acting().filter(user=OuterRef("user"), pk__lt=OuterRef("pk"))
        members = members.filter(~Exists(earlier.values("pk")))
    if current.kind in Agreement.APART:  # only those who chose what it is about
        members = members.filter(user__face_factor__isnull=False)
    return members.annotate(agreed=Exists(given.values("pk")))


def missing(current: Agreement) -> QuerySet[Member]:
    """Return who has not agreed to `current` yet, by organisation."""
    found: QuerySet[Member] = members_asked(current).filter(agreed=False)
    return found.order_by("organisation__name", "user__name", "pk")


def consents_of(member: Member) -> QuerySet[Consent]:
    """Return every consent that the person behind `member` gave, those in force first, newest first."""
    mine = Consent.objects.visible_to(member).select_related("agreement", "organisation", "user")
    return mine.order_by(F("withdrawn_at").asc(nulls_first=True), "-agreed_at", "-pk")


def versions_of(kind: str) -> QuerySet[Agreement]:
    """Return every version of an agreement that was ever in force, newest first."""
    return Agreement.objects.filter(Q(state="published") | Q(state="replaced"), kind=kind).order_by("-number")


def consent_letter(consent: Consent, proof: str, at: datetime) -> str:
    """Return a consent as a text to keep: who agreed to what, when, from where, the whole words, the ledger's proof."""
    agreement, rule = consent.agreement, "=" * 64
    facts = [
        (_("编号"), consent.reference),
        (_("同意人"), f"{consent.user.name}（{consent.user.username}）" if consent.user else ""),
        (_("代表"), consent.organisation.name if consent.organisation else ""),
        (_("协议"), f"{agreement.name} V{agreement.number}"),
        (_("打开时间"), _stamp(consent.opened_at)),
        (_("同意时间"), _stamp(consent.agreed_at)),
        (_("网络地址与设备"), f"{consent.address} {consent.device}".strip()),
        (_("撤回时间"), _stamp(consent.withdrawn_at) if consent.withdrawn_at else _("未撤回")),
        (_("正文摘要（SM3）"), consent.digest),
        (_("存证记录号"), str(consent.entry_number or "")),
        (_("下载时间"), _stamp(at)),
    ]
    told = "\n".join(f"{name}：{value}" for name, value in facts)
    if not proof:
        proof = _("这条记录刚刚写入，正在封存；一两秒后重新下载即含证明。")
    return _(
        "信枢 · 协议同意书\n%(rule)s\n%(facts)s\n\n%(rule)s\n"
        "正文（其 UTF-8 编码、换行为 LF 的 SM3 即上列摘要）\n%(rule)s\n%(text)s\n\n"
        "%(rule)s\n存证文件：把下面的内容另存为 .json，可在“存证核验”页面或用离线程序核验\n%(rule)s\n%(proof)s\n"
    ) % {"rule": rule, "facts": told, "text": agreement.text, "proof": proof}


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
