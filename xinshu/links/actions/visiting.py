"""Opening: by the link and a code to its phone. One page for whatever opens nothing, and a way to a new link."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.actions.codes import WrongCode, send_code, take_code
from xinshu.accounts.models import SentCode
from xinshu.core.refusals import NotPermitted
from xinshu.ledger.recording import record
from xinshu.links.actions.sending import is_of_the_other_side, issue
from xinshu.links.lifecycle import LINK
from xinshu.links.messages import must_be_reachable
from xinshu.links.models import WITH_PARTIES, Guest, Link, Visit, digest_of

PURPOSE = SentCode.Purpose.LINK


def link_of(token: str, at: datetime) -> Link | None:
    """Return the link that `token` opens at `at`; None for one that never was, ran out, was revoked or is secret."""
    link = _named(token)
    return link if link is not None and link.stands(at) else None


def visit_of(reference: str, key: str, at: datetime) -> Visit | None:
    """Return the open visit whose cookie says `key`, of the link `reference`, and note that it is in use."""
    found = Visit.objects.select_related(
        "link__sent_by", "link__vouched_by__user", *(f"link__{name}" for name in WITH_PARTIES)
    )
    visit = found.filter(key_digest=digest_of("visit", key), link__reference=reference).first() if key else None
    if visit is None or not visit.is_open(at) or not visit.link.stands(at):
        return None
    if (at - visit.seen_at).total_seconds() > 60:
        visit.seen_at = at
        visit.save(update_fields=["seen_at"])
    return visit


def ask_code(link: Link, *, address: str, at: datetime) -> None:
    """Send a code to the link's phone. Raises TooMany; NotPermitted where the phone became the other side's since."""
    _must_be_the_beneficiarys(link)
    send_code(link.phone, PURPOSE, to_somebody=True, address=address, at=at)


def open_by_code(link: Link, code: str, *, address: str, at: datetime) -> tuple[Visit, str]:
    """Let a browser in; returns the visit and the key that its cookie is to carry. Raises WrongCode."""
    _must_be_the_beneficiarys(link)
    take_code(link.phone, PURPOSE, code, at=at)
    return _let_in(link, address, at)


def ask_to_renew(token: str, phone: str, *, address: str, at: datetime) -> None:
    """Send a code to the owner of a link that ran out. For every other number it only looks and counts the same."""
    link = _run_out(token, phone, at)
    send_code(phone, PURPOSE, to_somebody=link is not None, address=address, at=at)


def renew_by_code(token: str, phone: str, code: str, *, address: str, at: datetime) -> tuple[Visit, str]:
    """Put a new link in the place of one that ran out, and let its owner in at once. Raises WrongCode."""
    link = _run_out(token, phone, at)
    take_code(phone, PURPOSE, code, at=at)
    if link is None:
        raise WrongCode(_("验证码不正确或已失效。"), fields={"code": _("验证码不正确或已失效")})
    return _renew(link, address, at)


@transaction.atomic
def _renew(link: Link, address: str, at: datetime) -> tuple[Visit, str]:
    must_be_reachable()
    link, guest = Link.objects.locked(link), Guest.of(link)
    step = LINK.step("renew", link, guest)
    fresh = issue(link.guarantee, link.name, link.phone, link.mail, vouched=link.vouched_by, by=guest, at=at)
    fresh.change(sent_by=link.sent_by)  # the house that sent the first one may take this one back, too
    link.change(step, ended_at=at, successor=fresh)
    record("link.renewed", link, by=guest, at=at, guarantee=link.guarantee.reference, successor=fresh.reference)
    return _let_in(fresh, address, at)


@transaction.atomic
def _let_in(link: Link, address: str, at: datetime) -> tuple[Visit, str]:
    key = secrets.token_urlsafe(32)
    Visit.objects.filter(link=link, ended_at=None).update(ended_at=at)  # one browser at a time
    visit = Visit.objects.create(
        link=link, key_digest=digest_of("visit", key), address=address, began_at=at, seen_at=at
    )
    if link.opened_at is None:
        Link.objects.filter(pk=link.pk, opened_at=None).update(opened_at=at)
    record("link.opened", link, by=Guest.of(link), at=at, guarantee=link.guarantee.reference, address=address)
    return visit, key


def leave(visit: Visit, *, at: datetime) -> None:
    """Close the page: the cookie opens nothing any more."""
    Visit.objects.filter(pk=visit.pk, ended_at=None).update(ended_at=at)


def _named(token: str) -> Link | None:
    found = Link.objects.select_related("sent_by", "vouched_by", *WITH_PARTIES)
    return found.filter(token_digest=digest_of("token", token)).first()


def _run_out(token: str, phone: str, at: datetime) -> Link | None:
    """Return the link of `token` and `phone` that its days alone keep shut."""
    link = _named(token)
    if link is None or link.state != "live" or at < link.expires_at or link.guarantee.is_secret(at):
        return None
    return link if link.phone_key == digest_of("phone", phone) else None


def _must_be_the_beneficiarys(link: Link) -> None:
    if is_of_the_other_side(link.guarantee, link.phone):
        raise NotPermitted(
            _("绑定的手机号现在登记在申请人或保证人一方，不能再代受益人办理。"),
            advice=_("请联系保证人，把链接发给受益人的其他经办人。"),
        )
