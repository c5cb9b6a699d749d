"""How an import may go: checked, corrected by another upload, taken in, or thrown away."""

from xinshu.core.lifecycle import Lifecycle, Row, State

IMPORTS = "enterprises.import"
LIFECYCLE = Lifecycle(
    "record_import",
    "资料导入",
    states=(
        State("faulty",    "有错要改", "danger", "house", "改好重新上传"),
        State("ready",     "待导入",   "warn",   "house", "看过预览后开始导入"),
        State("running",   "正在导入", "info",   "system", "逐家写入"),
        State("finished",  "已导入",   "ok", final=True),
        State("discarded", "已作废",   "mute", final=True),
    ),
    rows=(
        #   action           button      from                 to          whose act  permission
        Row("start_import",  "开始导入", ("ready",),          "running",  "house",   IMPORTS, tone="pri",
            consequence="在后台逐家写入，离开页面也会继续。与现有资料不一致的并列显示，由人决定，不会覆盖。"),
        Row("discard_import", "作废",    ("faulty", "ready"), "discarded", "house",  IMPORTS, tone="dan",
            consequence="这份表格不再导入，资料不变。"),
        Row("finish_import", "完成",     ("running",),        "finished", "system"),
    ),
)  # fmt: skip
