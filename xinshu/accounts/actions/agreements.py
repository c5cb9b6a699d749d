"""Agreements are written, published by a second person, agreed to after they were read, and consents withdrawn."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts import faces
from xinshu.accounts.actions.devices import end_all_sessions
from xinshu.accounts.agreements import (
    Opened,
    Origin,
    digest_of,
    owed_by,
    reading_seconds,
    shipped_text,
    standing_consent,
)
from xinshu.accounts.lifecycle import AGREEMENT
from xinshu.accounts.models import (
    Agreement,
    Consent,
    FaceCheck,
    FaceFactor,
    Member,
    Organisation,
    Registration,
    SignInSession,
    User,
)
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record

LEAST, MOST = 3, 60  # seconds: below nobody reads, above people give up
LONGEST = 60_000
SHIPPED_SECONDS = {"service": 5, "privacy": 10, "face": 5}


@transaction.atomic
def draft_agreement(kind: str, *, by: Member, at: datetime) -> Agreement:
    """Begin the next version of an agreement with the words of the present one. Raises NotNow when one is begun."""
    if "writer" not in Agreement(kind=kind, writers=[]).sides_of(by) or not by.can("accounts.draft"):
        raise NotPermitted(_("您没有起草协议的权限。"))
    if kind not in Agreement.Kind.values:
        raise Invalid(_("没有这种协议。"))
    present = Agreement.objects.filter(kind=kind, state="published").first()
    newest = Agreement.objects.filter(kind=kind).aggregate(newest=Max("number"))["newest"] or 0
    try:
        with transaction.atomic():
            drafted = Agreement.objects.create(
                kind=kind,
                number=newest + 1,
                state="draft",
                text=present.text if present else shipped_text(kind),
                minimum_seconds=present.minimum_seconds if present else SHIPPED_SECONDS[kind],
                writers=[by.user_id],
                written_at=at,
            )
    except IntegrityError:
        raise NotNow(_("这份协议已有一个新版本在起草或待发布。"), advice=_("请在该版本上修改，或先作废它。")) from None
    record("agreement.drafted", drafted, by=by, at=at, agreement=kind, number=drafted.number)
    return drafted


@transaction.atomic
def edit_agreement(
    drafted: Agreement, *, text: str, changes: str, minimum_seconds: int, again: bool, by: Member, at: datetime
) -> Agreement:
    """Save the words of a draft. Whoever edits cannot publish it. Raises Invalid with the fields that do not hold."""
    drafted = Agreement.objects.locked(drafted)
    step = AGREEMENT.step("edit", drafted, by)
    text, wrong = _tidied(text), {}
    if not text:
        wrong["text"] = _("请填写正文")
    elif len(text) > LONGEST:
        wrong["text"] = _("正文最多 %(n)s 字") % {"n": f"{LONGEST:,}"}
    if not LEAST <= minimum_seconds <= MOST:
        wrong["minimum_seconds"] = _("填 %(least)d 到 %(most)d 秒") % {"least": LEAST, "most": MOST}
    if wrong:
        raise Invalid(_("有 %(count)d 项需要修改，其余内容已保留。") % {"count": len(wrong)}, fields=wrong)
    drafted.change(
        step,
        text=text,
        changes=changes.strip(),
        minimum_seconds=minimum_seconds,
        again=again,
        writers=sorted({*drafted.writers, by.user_id}),
        written_at=at,
    )
    record("agreement.edited", drafted, by=by, at=at, agreement=drafted.kind, number=drafted.number,
           digest=digest_of(text))  # fmt: skip
    return drafted


@transaction.atomic
def submit_agreement(drafted: Agreement, *, by: Member, at: datetime) -> Agreement:
    """Hand a draft to the second person. Raises Invalid where nothing differs or it is not said what does."""
    drafted = Agreement.objects.locked(drafted)
    step = AGREEMENT.step("submit", drafted, by)
    present = Agreement.objects.filter(kind=drafted.kind, state="published").first()
    if present is not None and present.text == drafted.text:
        raise Invalid(_("正文与现行版本完全相同，没有提交。"), advice=_("请先修改正文，或作废草稿。"))
    if present is not None and not drafted.changes:
        raise Invalid(_("请写明有哪些变化，用户会看到。"), fields={"changes": _("请写明变化")})
    drafted.change(step, digest=digest_of(drafted.text), returned="", writers=sorted({*drafted.writers, by.user_id}))
    _record("submitted", drafted, by, at)
    return drafted


@transaction.atomic
def publish_agreement(proposed: Agreement, *, by: Member, at: datetime) -> Agreement:
    """Put a version in force at once; the former one stays readable. Nobody who wrote it may do this."""
    proposed = Agreement.objects.locked(proposed)
    step = AGREEMENT.step("publish", proposed, by)
    former = Agreement.objects.select_for_update().filter(kind=proposed.kind, state="published").first()
    if former is not None:
        former.change(AGREEMENT.step("replace", former, SYSTEM), replaced_at=at)
    again = proposed.again or former is None
    proposed.change(
        step,
        published_at=at,
        published_by=by,
        valid_from_number=proposed.number if again or former is None else former.valid_from_number,
    )
    _record("published", proposed, by, at, again="yes" if again else "no")
    return proposed


@transaction.atomic
def return_agreement(proposed: Agreement, *, reason: str, by: Member, at: datetime) -> Agreement:
    """Send a version back to its writers, and say why."""
    proposed = Agreement.objects.locked(proposed)
    step = AGREEMENT.step("return", proposed, by)
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，起草人会看到。"), fields={"reason": _("请写明原因")})
    proposed.change(step, returned=reason)
    _record("returned", proposed, by, at, reason=reason)
    return proposed


@transaction.atomic
def recall_agreement(proposed: Agreement, *, by: Member, at: datetime) -> Agreement:
    """Take a version back to go on writing."""
    proposed = Agreement.objects.locked(proposed)
    proposed.change(AGREEMENT.step("recall", proposed, by))
    _record("recalled", proposed, by, at)
    return proposed


@transaction.atomic
def discard_agreement(drafted: Agreement, *, by: Member, at: datetime) -> Agreement:
    """Give a draft up."""
    drafted = Agreement.objects.locked(drafted)
    drafted.change(AGREEMENT.step("discard", drafted, by))
    _record("discarded", drafted, by, at)
    return drafted


@transaction.atomic
def publish_shipped(at: datetime) -> None:
    """Put the agreements that come with the software in force where there are none: installing, demo."""
    for kind in Agreement.Kind:
        if Agreement.objects.filter(kind=kind).exists() or (kind == Agreement.Kind.FACE and not faces.available()):
            continue
        text = _tidied(shipped_text(kind))
        first = Agreement.objects.create(
            kind=kind,
            number=1,
            state="draft",
            text=text,
            digest=digest_of(text),
            minimum_seconds=SHIPPED_SECONDS[kind],
            written_at=at,
        )
        first.change(AGREEMENT.step("install", first, SYSTEM), published_at=at)
        _record("published", first, SYSTEM, at, again="yes")


def not_read_yet(wanted: Sequence[Agreement], opened: Opened | None, at: datetime) -> str:
    """Return why nobody can agree to `wanted` now; "" when they lay open for long enough."""
    if not wanted:
        return ""
    if opened is None or not {one.pk for one in wanted} <= opened.agreements:
        return _("协议刚刚打开或已更新，请阅读后再同意")
    left = opened.at + timedelta(seconds=reading_seconds(wanted)) - at
    if left > timedelta():
        seconds = -(-left // timedelta(seconds=1))
        return _("请阅读协议，还差 %(n)d 秒") % {"n": seconds}
    return ""


@transaction.atomic
def give_consent(
    wanted: Sequence[Agreement], opened: Opened | None, *, agreed: bool, by: Member, origin: Origin, at: datetime
) -> list[Consent]:
    """Agree to what `by` still owes, for the person and the organisation that `by` acts for.

    Raises Invalid before the reading time is over, Changed when another version came into force meanwhile.
    """
    User.objects.locked(by.user)  # a double click: the second finds nothing owed
    owed = owed_by(by)
    if not owed:
        return []
    if {one.pk for one in owed} != {one.pk for one in wanted}:
        raise Changed(_("协议刚刚更新，您的同意没有记录。"), advice=_("请阅读新版本后再同意。"))
    if why := not_read_yet(owed, opened, at) or ("" if agreed else _("请先阅读并勾选")):
        raise Invalid(_("还不能同意：%(why)s。") % {"why": why}, fields={"agreed": why})
    assert opened is not None
    return _keep(owed, opened, by=by, origin=origin, at=at, user=by.user, organisation=by.organisation)


@transaction.atomic
def consent_apart(
    wanted: Agreement, opened: Opened | None, *, agreed: bool, by: Member, origin: Origin, at: datetime
) -> Consent:
    """Agree to one agreement that is asked for by itself, for the person alone. Raises as `give_consent` does."""
    User.objects.locked(by.user)
    if (given := standing_consent(by.user, wanted.kind)) is not None:
        return given
    if Agreement.objects.all().apart(wanted.kind) != wanted:
        raise Changed(_("协议刚刚更新，您的同意没有记录。"), advice=_("请阅读新版本后再同意。"))
    if why := not_read_yet([wanted], opened, at) or ("" if agreed else _("请先阅读并勾选")):
        raise Invalid(_("还不能同意：%(why)s。") % {"why": why}, fields={"agreed": why})
    assert opened is not None
    return _keep([wanted], opened, by=by, origin=origin, at=at, user=by.user)[0]


def consent_of_registration(
    wanted: Sequence[Agreement], opened: Opened, registration: Registration, *, by: Actor, origin: Origin, at: datetime
) -> list[Consent]:
    """Keep what somebody agreed to who has no account yet; in the registration's own transaction."""
    return _keep(wanted, opened, by=by, origin=origin, at=at, registration=registration)


def bind_consents(registration: Registration, member: Member) -> None:
    """Give the consents of an approved registration to the person and organisation that came of it."""
    Consent.objects.filter(registration=registration).update(user=member.user, organisation=member.organisation)


def _keep(
    wanted: Sequence[Agreement],
    opened: Opened,
    *,
    by: Actor,
    origin: Origin,
    at: datetime,
    user: User | None = None,
    organisation: Organisation | None = None,
    registration: Registration | None = None,
) -> list[Consent]:
    kept = []
    for one in wanted:
        consent = Consent.objects.create(
            agreement=one,
            user=user,
            organisation=organisation,
            registration=registration,
            digest=one.digest,
            opened_at=opened.at,
            agreed_at=at,
            address=origin.address,
            device=origin.device,
        )
        entry = record(
            "consent.given",
            consent,
            by=by,
            at=at,
            agreement=one.kind,
            number=one.number,
            digest=one.digest,
            opened_at=opened.at.isoformat(timespec="seconds"),
            organisation=organisation.name if organisation else registration.organisation_name if registration else "",
            address=origin.address,
            device=origin.device,
            consent=consent.reference,
        )
        consent.entry_number = entry.pk
        consent.save(update_fields=["entry_number"])
        kept.append(consent)
    return kept


@transaction.atomic
def withdraw_consent(consent: Consent, *, by: Member, at: datetime) -> Consent:
    """Take one's consent back. What was done before stays done; the person is signed out and asked anew next time.

    Of what was asked for apart only what rests on it ends, and what was kept for it is deleted.
    """
    consent = Consent.objects.select_for_update().get(pk=consent.pk)
    if consent.user_id != by.user_id:
        raise NotPermitted(_("只能撤回自己的同意。"))
    if consent.withdrawn_at is not None:
        raise NotNow(_("已经撤回了，无须重复。"))
    consent.withdrawn_at = at
    consent.save(update_fields=["withdrawn_at"])
    record("consent.withdrawn", consent, by=by, at=at, agreement=consent.agreement.kind,
           number=consent.agreement.number, consent=consent.reference)  # fmt: skip
    if consent.agreement.kind not in Agreement.APART:
        end_all_sessions(by.user, SignInSession.End.CONSENT, at=at)
    elif standing_consent(by.user, consent.agreement.kind) is None:
        FaceCheck.objects.filter(user=by.user).delete()
        if FaceFactor.objects.filter(user=by.user).delete()[0]:
            record("account.face_removed", by.user, by=by, at=at, account=by.user.username)
    return consent


def _tidied(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\0", "").splitlines()).strip()


def _record(what: str, agreement: Agreement, by: Actor, at: datetime, **more: Any) -> None:
    record(
        f"agreement.{what}", agreement, by=by, at=at, agreement=agreement.kind, number=agreement.number,
        digest=agreement.digest, **more,
    )  # fmt: skip
