"""用户清单: the users that a search finds, as Excel, covered as the reader may see them."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.lifecycle import USER
from xinshu.accounts.models import Member
from xinshu.accounts.queries import users
from xinshu.core.clock import CHINA
from xinshu.ledger.exports import Column, Export, export_sheet


def export_users(by: Member, *, q: str, state: str, at: datetime) -> Export:
    """Return one row per membership of the users that exist for `by`."""
    return export_sheet(
        _("用户清单"), COLUMNS, _rows(by, q, state), kind="users.exported", subject=by.organisation, by=by, at=at,
        searched={"q": q, "state": state},
    )  # fmt: skip


def _rows(by: Member, q: str, state: str) -> Iterator[Member]:
    for user in users(by, q=q, state=state).iterator(chunk_size=1000):
        for member in user.members.all():
            member.user = user
            yield member


def _stamp(at: datetime | None) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""


COLUMNS = (
    Column(gettext_lazy("姓名"), 12, "accounts.User.name", lambda row: row.user.name),
    Column(gettext_lazy("用户名"), 16, "accounts.User.username", lambda row: row.user.username),
    Column(gettext_lazy("手机号"), 16, "accounts.User.phone", lambda row: row.user.phone),
    Column(gettext_lazy("机构"), 34, "accounts.Organisation.name", lambda row: row.organisation.name),
    Column(gettext_lazy("角色"), 28, "accounts.Member.roles", lambda row: row.role_names),
    Column(gettext_lazy("状态"), 10, "accounts.Member.roles", lambda row: USER.states[row.user.state].label),
    Column(gettext_lazy("最近登录"), 18, "accounts.Member.roles", lambda row: _stamp(row.user.last_login)),
    Column(gettext_lazy("最近复核"), 18, "accounts.Member.roles", lambda row: _stamp(row.user.reviewed_at)),
)
