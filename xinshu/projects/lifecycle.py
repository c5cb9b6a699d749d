"""How a project may change: it is being tendered, then it is awarded."""

from xinshu.core.lifecycle import Lifecycle, Row, State
from xinshu.projects.models import Project

TENDERING, AWARDED = Project.TENDERING, Project.AWARDED

LIFECYCLE = Lifecycle(
    "project",
    "工程项目",
    states=[
        State(TENDERING, "招标中", tone="info"),
        State(AWARDED, "已中标", tone="ok"),
    ],
    rows=[
        #   action          label             from           to         whose act     permission
        Row("amend",        "修改项目",     (TENDERING,),  TENDERING, "registrant", "projects.edit"),
        Row("amend",        "修改项目",     (AWARDED,),    AWARDED,   "registrant", "projects.edit"),
        Row("amend",        "修改项目",     (TENDERING,),  TENDERING, "system"),  # by the registrant's own rule
        Row("amend",        "修改项目",     (AWARDED,),    AWARDED,   "system"),
        Row("record_award", "登记中标结果", (TENDERING, AWARDED), AWARDED, "registrant", "projects.edit"),
        Row("record_award", "登记中标结果", (TENDERING, AWARDED), AWARDED, "system"),
        Row("attach_file",  "上传项目材料", (TENDERING,),  TENDERING, "registrant", "projects.edit"),
        Row("attach_file",  "上传项目材料", (AWARDED,),    AWARDED,   "registrant", "projects.edit"),
    ],
)  # fmt: skip
