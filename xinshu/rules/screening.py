"""企业初筛: a purpose of this room's own, asked by hand of a firm's credit code, over the sources of sources/."""

from django.utils.translation import gettext_lazy as lazy

from xinshu.rules.engine.facts import AMOUNT, DAY, NUMBER, TEXT, TRUTH, FactType
from xinshu.rules.purposes import Purpose, register_purpose
from xinshu.rules.sources.protocol import register_source
from xinshu.rules.sources.sandbox import COURTS, REGISTRY, TAX

SOURCES = tuple(register_source(source) for source in (REGISTRY, COURTS, TAX))
SCREENING = register_purpose(
    Purpose(
        "firm_screening",
        lazy("企业初筛"),
        lazy("结论供本机构参考，不改变任何业务的状态。"),
        (
            #        code                 what people call it        type    who says it
            FactType("registered_capital", lazy("注册资本"),         AMOUNT, REGISTRY.code),
            FactType("founded_on",         lazy("成立日期"),         DAY,    REGISTRY.code),
            FactType("standing",           lazy("登记状态"),         TEXT,   REGISTRY.code,
                     choices=("存续", "吊销", "注销")),
            FactType("abnormal",           lazy("列入经营异常名录"), TRUTH,  REGISTRY.code),
            FactType("dishonest",          lazy("失信被执行人"),     TRUTH,  COURTS.code),
            FactType("lawsuits",           lazy("未结诉讼"),         NUMBER, COURTS.code, " 件"),
            FactType("owed_amount",        lazy("被执行金额"),       AMOUNT, COURTS.code),
            FactType("tax_grade",          lazy("纳税信用等级"),     TEXT,   TAX.code,
                     choices=("A", "B", "M", "C", "D")),
            FactType("debt_ratio",         lazy("资产负债率"),       NUMBER, TAX.code, "%"),
        ),
        {source.code: source.label for source in SOURCES},
        by_hand=True,
    )
)  # fmt: skip
