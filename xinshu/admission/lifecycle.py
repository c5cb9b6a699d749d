"""How tags, questionnaires and gates may change: tables of acts."""

from xinshu.core.lifecycle import Lifecycle, Row, State

VIEW, EDIT, ACTIVATE, EXPORT = "admission.view", "admission.edit", "admission.activate", "admission.export"
FILLS = "enterprises.edit"  # of the firm's own people

TAG = Lifecycle(
    "tag",
    "标签",
    states=(State("on", "启用", "ok"), State("off", "停用", "mute")),
    rows=(
        #   action       button        from      to     whose act  permission
        Row("edit_tag",  "修改",       ("on", "off"), "on", "house", EDIT),
        Row("refresh",   "立即更新",   ("on",),  "on",  "house",   EDIT),
        Row("give",      "人工打标签", ("on",),  "on",  "house",   VIEW),
        Row("take",      "取下标签",   ("on",),  "on",  "house",   VIEW),
        Row("switch_off", "停用",      ("on",),  "off", "house",   EDIT, tone="dan", needs_reason=True,
            consequence="停用后不再更新，带有它的企业全部取下；记录都保留，可以再启用。"),
        Row("switch_on", "启用",       ("off",), "on",  "house",   EDIT),
    ),
)  # fmt: skip
QUESTIONNAIRE = Lifecycle(
    "questionnaire",
    "问卷",
    states=(State("open", "在用", "ok"), State("closed", "停用", "mute")),
    rows=(
        Row("draft",  "起草下一版", ("open",), "open",   "house", EDIT),
        Row("send",   "发送",   ("open",),   "open",   "house", EDIT),
        Row("close",  "停用",   ("open",),   "closed", "house", ACTIVATE, tone="dan", needs_reason=True,
            consequence="停用后不能再发送和填写，已有的答案仍是事实。"),
        Row("reopen", "重新启用", ("closed",), "open", "house", ACTIVATE),
    ),
)  # fmt: skip
VERSION = Lifecycle(
    "questionnaire_version",
    "问卷版本",
    states=(
        State("draft",      "待启用", "warn", "house", "由另一人启用"),
        State("active",     "已启用", "ok"),
        State("superseded", "已替换", "mute", final=True),
        State("discarded",  "已作废", "mute", final=True),
    ),
    rows=(
        Row("edit",     "修改",   ("draft",), "draft",     "house", EDIT),
        Row("activate", "启用",   ("draft",), "active",    "house", ACTIVATE, tone="pri",
            consequence="启用后发出的问卷用这一版，已发出的仍用原来的版本。写过它的人不能启用。"),
        Row("discard",  "作废",   ("draft",), "discarded", "house", EDIT, tone="dan", needs_reason=True,
            consequence="草稿作废，现行版本不变。"),
    ),
)  # fmt: skip
SHEET = Lifecycle(
    "sheet",
    "答卷",
    states=(
        State("open",      "待填写", "warn", "firm", "填写并提交"),
        State("handed_in", "已提交", "ok", final=True),
        State("recalled",  "已撤回", "mute", final=True),
    ),
    rows=(
        Row("keep",    "暂存", ("open",), "open",      "firm",  FILLS),
        Row("hand_in", "提交", ("open",), "handed_in", "firm",  FILLS, tone="pri"),
        Row("recall",  "撤回", ("open",), "recalled",  "house", EDIT, tone="dan", needs_reason=True,
            consequence="企业不用再填，已暂存的内容仍保留在答卷里。"),
    ),
)  # fmt: skip
GATE = Lifecycle(
    "gate",
    "准入方案",
    states=(
        State("draft", "待启用", "warn", "house", "由另一人启用"),
        State("on",    "启用",   "ok"),
        State("off",   "停用",   "mute"),
    ),
    rows=(
        Row("edit_gate", "修改", ("draft", "off"), "draft", "house", EDIT),
        Row("put_on",    "启用", ("draft",),       "on",    "house", ACTIVATE, tone="pri",
            consequence="启用后企业申请前可以看到是否符合，自动审查同时按它判断。写过它的人不能启用。"),
        Row("take_off",  "停用", ("on",),          "off",   "house", ACTIVATE, tone="dan", needs_reason=True,
            consequence="停用后不再按它判断新业务，已有的核对结果都保留。"),
        Row("match",     "核对", ("on",),          "on",    "house", VIEW),
        Row("match",     "核对", ("on",),          "on",    "firm",  FILLS),
    ),
)  # fmt: skip
