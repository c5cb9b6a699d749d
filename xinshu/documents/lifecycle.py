"""How a template version may change: draft, active, retired. What was once active is never written again."""

from xinshu.core.lifecycle import Lifecycle, Row, State

LIFECYCLE = Lifecycle(
    "template",
    "模板版本",
    states=[
        State("draft", "草稿", waits_for="owner", awaited="检查并启用"),
        State("active", "启用中", tone="ok"),
        State("retired", "已停用", final=True),
    ],
    rows=[
        Row("edit", "修改", ("draft",), "draft", "owner", "documents.edit_templates"),
        Row("activate", "启用", ("draft",), "active", "owner", "documents.edit_templates", tone="pri"),
        Row("edit", "修改", ("draft",), "draft", "system"),
        Row("activate", "启用", ("draft",), "active", "system"),
    ],
)
