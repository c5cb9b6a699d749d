"""Where one can go: one table for every role. Entries without permission, or whose page is not built in, are absent."""

from django.utils.translation import gettext_lazy as _

from xinshu.web.navigation import Entry, Section

ISSUERS = ("guarantor", "bank", "insurer")
NAVIGATION = (
    Section(
        "",
        (Entry(_("工作台"), "home", "portal:workbench", badge="todo", tab=_("工作台")),),
    ),
    Section(
        _("电子保函"),
        (
            Entry(_("申请保函"), "plus", "guarantees:new", "guarantees.apply", tab=_("申请")),
            Entry(_("保函台账"), "doc", "guarantees:list", "guarantees.view", tab=_("保函")),
            Entry(_("保函查验"), "qr", "guarantees:verify", tab=_("查验")),
        ),
    ),
    Section(
        _("授信"),
        (
            Entry(_("额度台账"), "coin", "books:lines", "books.view", kinds=ISSUERS),
            Entry(_("授信额度"), "coin", "books:lines", "books.view", kinds=("enterprise", "person")),
            Entry(_("集中度管理"), "gauge", "books:limits", "books.view", kinds=ISSUERS),
            Entry(_("额度对账"), "shieldok", "books:reconciliation", "books.view", kinds=ISSUERS),
        ),
    ),
    Section(
        _("审批"),
        (
            Entry(_("审批方案"), "tree", "work:plans", "work.plans"),
            Entry(_("我的委托"), "swap", "work:delegations", "work.sign"),
        ),
    ),
    Section(
        _("项目"),
        (
            Entry(_("工程项目"), "flag", "projects:list", "guarantees.view"),
            Entry(_("企业资料"), "build", "enterprises:list", "enterprises.edit"),
            Entry(_("客户资料"), "users", "enterprises:list", "enterprises.view"),
        ),
    ),
    Section(
        _("数据与存证"),
        (
            Entry(_("存证核验"), "link", "ledger:evidence"),
            Entry(_("系统日志"), "clock", "ledger:log", "ledger.audit"),
            Entry(_("额度对账"), "shieldok", "books:reconciliation", "ledger.audit"),
            Entry(_("留存规则"), "check", "ledger:retention", "ledger.retention"),
        ),
    ),
    Section(
        _("系统对接"),
        (
            Entry(_("接口客户端"), "link", "integrations:clients", "integrations.manage", tab=_("接口")),
            Entry(_("事件推送"), "bell", "integrations:subscriptions", "integrations.manage", tab=_("推送")),
            Entry(_("调用日志"), "clock", "integrations:calls", "integrations.manage", tab=_("日志")),
        ),
    ),
    Section(
        _("平台运营"),
        (
            Entry(
                _("注册审核"),
                "users",
                "accounts:registrations",
                "accounts.approve",
                badge="registrations",
                tab=_("审核"),
            ),
            Entry(_("协议管理"), "doc", "accounts:agreements", "accounts.draft"),
            Entry(_("发送记录"), "mail", "messaging:sent", "messaging.manage"),
            Entry(_("消息模板"), "msg", "messaging:templates", "messaging.manage"),
            Entry(_("消息渠道"), "phone", "messaging:channels", "messaging.manage"),
            Entry(_("运行状况"), "clock", "operations:overview", "ledger.operate", tab=_("运行")),
            Entry(_("用户与权限"), "user", "accounts:users", "accounts.view", tab=_("用户")),
            Entry(
                _("角色变更"), "swap", "accounts:role_changes", "accounts.view", badge="role_changes", tab=_("变更")
            ),
            Entry(_("角色权限"), "shield", "accounts:tables", "accounts.view"),
            Entry(_("协议管理"), "doc", "accounts:agreements", "accounts.view"),
            Entry(_("数据分级"), "eye", "accounts:classification", "accounts.view"),
            Entry(_("应急处置"), "ban", "accounts:emergency", "accounts.view"),
            Entry(_("任务投递"), "redo", "ledger:deliveries", "ledger.operate", tab=_("投递")),
        ),
    ),
    Section(
        _("个人中心"),
        (
            Entry(_("我的日程"), "cal", "portal:schedule", tab=_("日程")),
            Entry(_("我的文件"), "inbox", "portal:documents"),
            Entry(_("我的账号"), "lock", "accounts:account"),
            Entry(_("我的主体"), "users", "accounts:switch"),
            Entry(_("我的协议"), "doc", "accounts:consents"),
        ),
    ),
    Section(
        _("帮助"),
        (
            Entry(_("使用帮助"), "book", "portal:help"),
            Entry(_("演示短信"), "phone", "accounts:sandbox", demo=True),
            Entry(_("组件与状态"), "copy", "web:components", demo=True),
        ),
    ),
)  # fmt: skip
