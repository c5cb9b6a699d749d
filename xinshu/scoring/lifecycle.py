"""How training data and models may change: described, confirmed; trained, compared, proposed, promoted by a second."""

from xinshu.core.lifecycle import Lifecycle, Row, State

VIEW, TRAIN, PROMOTE, EXPORT = "scoring.view", "scoring.train", "scoring.promote", "scoring.export"

DATA = Lifecycle(
    "data_set",
    "训练数据",
    states=(
        State("draft", "待确认", "warn", "house", "确认每一列是什么"),
        State("ready", "可训练", "ok"),
        State("dropped", "已作废", "mute", final=True),
    ),
    rows=(
        #   action      button      from                 to         whose act  permission
        Row("describe", "保存列字典", ("draft",),          "draft",   "house",   TRAIN),
        Row("confirm",  "确认可训练", ("draft",),          "ready",   "house",   TRAIN, tone="pri",
            consequence="确认后列字典不能再改，可以用它训练。"),
        Row("drop",     "作废",     ("draft", "ready"),  "dropped", "house",   TRAIN, tone="dan", needs_reason=True,
            consequence="作废后不能再用它训练，已训练的版本不变。"),
    ),
)  # fmt: skip
MODEL = Lifecycle(
    "risk_model",
    "模型",
    states=(State("on", "启用", "ok"), State("off", "停用", "mute")),
    rows=(
        Row("train",      "训练一轮", ("on",),  "on",  "house", TRAIN),
        Row("switch_off", "停用",     ("on",),  "off", "house", PROMOTE, tone="dan", needs_reason=True,
            consequence="停用后新业务不再用它评分，每月也不再训练；已有评分不变。"),
        Row("switch_on",  "启用",     ("off",), "on",  "house", PROMOTE, consequence="启用后新业务用冠军版本评分。"),
    ),
)  # fmt: skip
VERSION = Lifecycle(
    "model_version",
    "模型版本",
    states=(
        State("training",   "训练中",   "info", "system", "训练完成"),
        State("failed",     "训练失败", "danger", final=True),
        State("challenger", "挑战者",   "mute"),
        State("proposed",   "待批准",   "warn", "house", "由另一人批准升为冠军"),
        State("champion",   "冠军",     "ok"),
        State("retired",    "退役",     "mute", final=True),
    ),
    rows=(
        #   action    button          from             to            whose act  permission
        Row("learn",   "训练",         ("training",),   "training",   "system"),
        Row("finish",  "完成训练",     ("training",),   "challenger", "system"),
        Row("fail",    "训练失败",     ("training",),   "failed",     "system"),
        Row("propose", "申请升为冠军", ("challenger",), "proposed",   "house", TRAIN, tone="pri",
            consequence="由另一人看过比较后批准。批准以前新业务仍用现在的冠军。"),
        Row("promote", "批准升为冠军", ("proposed",),   "champion",   "house", PROMOTE, tone="pri",
            consequence="新业务从现在起用这个版本评分，原冠军退役；已有评分不变。"),
        Row("decline", "不同意升级",   ("proposed",),   "challenger", "house", PROMOTE, needs_reason=True,
            consequence="它仍是挑战者，现在的冠军不变。"),
        Row("retire",  "退役",         ("champion", "challenger"), "retired", "house", PROMOTE, tone="dan",
            needs_reason=True, consequence="冠军退役后没有模型评分，只有规则说话，直到有新的冠军。"),
        Row("replace", "被替换",       ("champion",),   "retired",    "house", PROMOTE),
        Row("replace", "被替换",       ("challenger",), "retired",    "system"),
    ),
)  # fmt: skip
