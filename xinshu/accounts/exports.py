"""用户清单, 认证记录: what a search finds, as Excel, covered as the reader may see it."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.assurance.figures import checks
from xinshu.accounts.assurance.methods import METHODS
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


def export_checks(by: Member, *, q: str, method: str, outcome: str, at: datetime) -> Export:
    """Return one row per use of a method that exists for `by` and that the filters leave."""
    found = checks(by, q=q, method=method, outcome=outcome)
    return export_sheet(
        _("认证记录"), CHECKS, found.iterator(chunk_size=1000), kind="identity.exported", subject=by.organisation,
        by=by, at=at, searched={"q": q, "method": method, "outcome": outcome},
    )  # fmt: skip


def _method(code: str) -> str:
    return str(METHODS[code].name) if code in METHODS else code


CHECKS = (
    Column(gettext_lazy("时间"), 18, "accounts.IdentityCheck.outcome", lambda row: _stamp(row.at)),
    Column(gettext_lazy("编号"), 16, "accounts.IdentityCheck.reference", lambda row: row.reference),
    Column(gettext_lazy("个人"), 12, "accounts.User.name", lambda row: row.user.name if row.user else ""),
    Column(gettext_lazy("用户名"), 16, "accounts.User.username", lambda row: row.user.username if row.user else ""),
    Column(
        gettext_lazy("机构"), 34, "accounts.Organisation.name",
        lambda row: row.organisation.name if row.organisation else "",
    ),
    Column(gettext_lazy("办理人"), 12, "accounts.User.name", lambda row: row.by.user.name if row.by else ""),
    Column(gettext_lazy("方式"), 20, "accounts.IdentityCheck.method", lambda row: _method(row.method)),
    Column(gettext_lazy("数据源"), 24, "accounts.IdentityCheck.source", lambda row: row.source),
    Column(gettext_lazy("结果"), 12, "accounts.IdentityCheck.outcome", lambda row: row.get_outcome_display()),
    Column(gettext_lazy("说明"), 40, "accounts.IdentityCheck.words", lambda row: row.words),
    Column(gettext_lazy("对象"), 20, "accounts.IdentityCheck.mark", lambda row: row.mark),
    Column(gettext_lazy("撤回时间"), 18, "accounts.IdentityCheck.outcome", lambda row: _stamp(row.ended_at)),
)  # fmt: skip
