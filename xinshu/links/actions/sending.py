"""Sending: the guarantor, the applicant, or the platform at issue gives a person of the beneficiary a link.

Whoever sends never has the link: it goes to the phone and nowhere else, and opens by a code to that phone only. The
phone must not be one of the applicant's or the guarantor's people: nobody is to answer their own letter.
"""

import re
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.guarantees.actions.amendments import held
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.recording import record
from xinshu.links.lifecycle import LINK
from xinshu.links.messages import must_be_reachable, send_link
from xinshu.links.models import Link, Visit, digest_of
from xinshu.links.rules import LIVE_AT_MOST, SENT_A_DAY, days_from
from xinshu.messaging.models import seal
from xinshu.messaging.templates import MOBILE, address_problem

DAY = timedelta(days=1)


def sends(guarantee: Guarantee, by: Member) -> bool:
    """Tell whether `by` is of those who send links: the guarantor's signer or manager, or the applicant."""
    sides = guarantee.sides_of(by)
    if "guarantor" in sides and by.can("guarantees.issue"):
        return True
    return bool(sides & {"guarantor", "applicant"}) and by.can("guarantees.apply")


@transaction.atomic
def send_to_person(guarantee: Guarantee, *, name: str, phone: str, mail: str = "", by: Member, at: datetime) -> Link:
    """Send a person of the beneficiary a link. What the guarantor sends, it vouches for."""
    if not sends(guarantee, by):
        raise NotPermitted(_("办理链接由保证人的签发人、客户经理或申请人发送。"))
    phone = re.sub(r"[\s-]", "", phone)
    _judge(guarantee, name, phone, mail.strip(), by)
    vouched = by if by.organisation_id == guarantee.guarantor_id and by.can("guarantees.issue") else None
    return _send(guarantee, name.strip(), phone, mail.strip(), vouched=vouched, by=by, at=at)


@transaction.atomic
def send_at_issue(guarantee: Guarantee, *, at: datetime) -> Link | None:
    """Send one to the contact that is known, where nobody of the beneficiary can sign in; None: no contact is known.

    Known is whom this guarantor vouched for before, for the same beneficiary; else the number in the beneficiary's own
    registration, for which nobody has vouched yet.
    """
    before = Link.objects.filter(
        guarantee__guarantor=guarantee.guarantor_id, guarantee__beneficiary=guarantee.beneficiary_id,
        vouched_by__isnull=False,
    ).exclude(state="revoked").order_by("-pk").first()  # fmt: skip
    name, phone = (before.name, before.phone) if before else (_("经办人"), guarantee.beneficiary.phone)
    if not MOBILE.fullmatch(phone) or is_of_the_other_side(guarantee, phone):
        return None
    vouched = before.vouched_by if before else None
    return _send(guarantee, name, phone, before.mail if before else "", vouched=vouched, by=SYSTEM, at=at)


@transaction.atomic
def vouch(link: Link, *, by: Member, at: datetime) -> Link:
    """Say for the guarantor that this is the beneficiary's person and their phone: now they may dispose too."""
    link = Link.objects.locked(link)
    step = LINK.step("vouch", link, by)
    if link.vouched_by_id is not None:
        raise NotNow(_("这个收件人已经核实过。"))
    link.change(step, vouched_by=by)
    record("link.vouched", link, by=by, at=at, guarantee=link.guarantee.reference, name=link.name)
    return link


@transaction.atomic
def revoke(link: Link, *, reason: str, by: Member, at: datetime) -> Link:
    """Make a link open nothing any more; pages that are open through it close with their next step."""
    link = Link.objects.locked(link)
    link.change(LINK.step("revoke", link, by), ended_at=at)
    Visit.objects.filter(link=link, ended_at=None).update(ended_at=at)
    record("link.revoked", link, by=by, at=at, guarantee=link.guarantee.reference, reason=reason)
    return link


def is_of_the_other_side(guarantee: Guarantee, phone: str) -> bool:
    """Tell whether `phone` is known as the applicant's or the guarantor's, their houses' or any of their people's."""
    houses = (guarantee.applicant_id, guarantee.guarantor_id)
    people = Member.objects.filter(organisation__in=houses, user__phone=phone)
    return people.exists() or Organisation.objects.filter(pk__in=houses, phone=phone).exists()


def _judge(guarantee: Guarantee, name: str, phone: str, mail: str, by: Member) -> None:
    wrong = {}
    if not 2 <= len(name.strip()) <= 40:
        wrong["name"] = _("请填写收件人的姓名")
    if problem := address_problem("sms", phone):
        wrong["phone"] = problem
    elif phone == by.user.phone or is_of_the_other_side(guarantee, phone):
        wrong["phone"] = _("这是申请人或保证人一方的手机号；链接只能发给受益人的人")
    if mail and (problem := address_problem("mail", mail)):
        wrong["mail"] = problem
    if wrong:
        raise Invalid("；".join(wrong.values()) + "。", fields=wrong, advice=_("修改后再发送，已填内容都在。"))


def _send(
    guarantee: Guarantee, name: str, phone: str, mail: str, *, vouched: Member | None, by: Actor, at: datetime
) -> Link:
    must_be_reachable()
    guarantee = held(guarantee.pk)
    if guarantee.is_secret(at):
        raise NotNow(_("开标前投标保函对受益人保密，不能发送链接。"), advice=_("开标后可以发送。"))
    if guarantee.state != "in_force":
        raise NotNow(_("保函不在保，没有可以办理的事，不用发送链接。"))
    links, key = Link.objects.filter(sent_at__gt=at - DAY), digest_of("phone", phone)
    live = Link.objects.filter(guarantee=guarantee, state="live", expires_at__gt=at).count()
    if live >= LIVE_AT_MOST:
        raise NotNow(_("这份保函已有 %(n)d 个可用的链接，不能再发。") % {"n": live}, advice=_("请先撤销不再用的。"))
    if links.filter(guarantee=guarantee).count() >= SENT_A_DAY or links.filter(phone_key=key).count() >= SENT_A_DAY:
        raise NotNow(_("一天之内发得太多，没有再发。"), advice=_("请明天再发；对方手里的链接继续可用。"))
    return issue(guarantee, name, phone, mail, vouched=vouched, by=by, at=at)


def issue(
    guarantee: Guarantee, name: str, phone: str, mail: str, *, vouched: Member | None, by: Actor, at: datetime
) -> Link:
    """Make a link and put it on its way. Nothing is judged here any more; in the caller's transaction."""
    token, days = secrets.token_urlsafe(24), days_from(local_day(at))
    link = Link.objects.create(
        guarantee=guarantee, state="live", token_digest=digest_of("token", token), name=name,
        phone_sealed=seal(phone), phone_key=digest_of("phone", phone), phone_masked=f"{phone[:3]}****{phone[-4:]}",
        mail_sealed=seal(mail) if mail else None, vouched_by=vouched,
        sent_by=by if isinstance(by, Member) and by.pk else None, sent_by_label=by.actor_label[:200],
        sent_at=at, expires_at=moment(local_day(at) + timedelta(days=days)),
    )  # fmt: skip
    record(
        "link.sent", link, by=by, at=at, guarantee=guarantee.reference, name=name, phone=link.phone_masked,
        until=link.expires_at.isoformat(), vouched=vouched is not None,
    )  # fmt: skip
    send_link(link, token, at=at)
    return link
