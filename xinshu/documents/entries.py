"""What the entries of this context are called, in logs and timelines."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from xinshu.documents.models import File
from xinshu.integrations.exchanges.taken import Case, leaves_whole
from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "file.kept": _("保存文件"),
        "file.read": _("查阅文件"),
        "file.unread_found": _("补读未检索的文件"),
        "template.drafted": _("起草模板"),
        "template.edited": _("修改模板"),
        "template.activated": _("启用模板"),
        "reading.queued": _("提交材料识别"),
        "reading.begun": _("开始识别材料"),
        "reading.read": _("材料识别完成"),
        "reading.refused": _("材料不能识别"),
        "reading.failed": _("材料识别失败"),
        "reading.kind_said": _("更改材料类型"),
        "reading.confirmed": _("确认识别结果"),
        "reading.offered": _("请申请人确认材料"),
        "reading.returned": _("退回客户经理上传的材料"),
        "reading.withdrawn": _("不采用材料"),
        "reading.settled": _("说明材料之间的矛盾"),
        "reading.exported": _("导出识别准确率"),
    }
)
may_expire(PERSONAL_MONTHS, "file.read")


def _cases_of(files: Iterable[int]) -> dict[int, Case]:
    found = File.objects.filter(pk__in=list(files)).values_list("pk", "subject_type", "subject_id")
    return {pk: (type_, number) for pk, type_, number in found if number is not None}


def _about(case: Case) -> Iterable[int]:
    return File.objects.filter(subject_type=case[0], subject_id=case[1]).values_list("pk", flat=True)


leaves_whole("file.read", cases_of=_cases_of, ids_about=_about)
name_reactions(
    {
        "xinshu.documents.tasks.mend_second_copies": _("补齐两处文件"),
        "xinshu.documents.tasks.find_paper": _("登记材料内容供检索"),
        "xinshu.documents.tasks.find_file": _("读取文件内容供检索"),
        "xinshu.documents.tasks.look_for_unread_files": _("查找没有读过的文件"),
        "xinshu.documents.tasks.read_unread_files": _("补读文件内容供检索"),
        "xinshu.documents.tasks.read_paper": _("识别材料"),
        "xinshu.documents.tasks.tell_when_batch_is_read": _("通知材料识别结果"),
        "xinshu.documents.tasks.ask_owner": _("通知申请人确认材料"),
        "xinshu.documents.tasks.tell_keeper": _("通知客户经理材料的结果"),
    }
)
