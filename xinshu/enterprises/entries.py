"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "enterprise.fields_entered": _("更新企业资料"),
        "enterprise.fields_verified": _("核实企业资料"),
        "enterprise.contradicted": _("企业资料出现不一致"),
        "enterprise.settled": _("决定企业资料的不一致"),
        "enterprise.customer_taken": _("登记客户"),
        "enterprise.read": _("查看企业资料"),
        "enterprise.customer_handed_over": _("移交客户"),
        "enterprise.rhythm_set": _("设定资料更新周期"),
        "enterprise.exported": _("导出客户资料"),
        "import.prepared": _("上传资料导入表"),
        "import.started": _("开始导入资料"),
        "import.finished": _("资料导入完成"),
        "import.discarded": _("作废资料导入表"),
        "import.exported": _("导出导入核对结果"),
    }
)
name_reactions(
    {
        "xinshu.enterprises.tasks.hand_over_customers": _("移交离职人员的客户"),
        "xinshu.enterprises.tasks.tell_of_hand_over": _("通知客户移交双方"),
        "xinshu.enterprises.tasks.tell_of_contradiction": _("提示资料不一致"),
        "xinshu.enterprises.tasks.take_confirmed_paper": _("把确认的材料记入企业资料"),
        "xinshu.enterprises.tasks.make_findable": _("更新客户检索"),
        "xinshu.enterprises.tasks.index_what_is_missing": _("补建客户检索"),
        "xinshu.enterprises.tasks.keep_name": _("登记单位名称"),
        "xinshu.enterprises.tasks.keep_names_that_are_missing": _("补登单位名称"),
        "xinshu.enterprises.tasks.take_in_rows": _("写入导入的资料"),
        "xinshu.enterprises.tasks.tell_of_import": _("通知资料导入完成"),
        "xinshu.enterprises.tasks.remind_of_old_parts": _("资料更新提醒"),
    }
)
may_expire(PERSONAL_MONTHS, "enterprise.read", "enterprise.exported", "import.exported")
