"""Words by which headlines are read, as a table: each with its kind and weight (below zero: bad for whom it names).

Mended on the first half of tests/headlines.tsv only; the second half measures.
"""

# ruff: noqa: E501  (a table is read across)

REGISTRATION, LAWSUIT, TAX, OPINION, CREDIT = "registration", "lawsuit", "tax", "opinion", "credit"
KINDS = (REGISTRATION, LAWSUIT, TAX, OPINION, CREDIT)

WORDS: dict[str, tuple[str, int]] = {
    # lawsuits and enforcement
    "失信被执行人": (CREDIT, -4), "限制高消费": (CREDIT, -4), "限制消费": (CREDIT, -4), "被执行人": (LAWSUIT, -3),
    "强制执行": (LAWSUIT, -3), "被执行": (LAWSUIT, -3), "被起诉": (LAWSUIT, -3), "被诉": (LAWSUIT, -3), "起诉": (LAWSUIT, -1),
    "诉至法院": (LAWSUIT, -2), "诉讼": (LAWSUIT, -2), "纠纷": (LAWSUIT, -2), "仲裁": (LAWSUIT, -2), "查封": (LAWSUIT, -3),
    "冻结": (LAWSUIT, -3), "终本": (LAWSUIT, -3), "破产": (LAWSUIT, -5), "重整": (LAWSUIT, -3), "清算": (LAWSUIT, -3),
    "司法拍卖": (LAWSUIT, -3), "开庭": (LAWSUIT, -1), "判决": (LAWSUIT, -1), "判令": (LAWSUIT, -2), "败诉": (LAWSUIT, -3),
    "财产保全": (LAWSUIT, -3), "刑事": (LAWSUIT, -3), "立案侦查": (LAWSUIT, -4), "行贿": (LAWSUIT, -4), "被告": (LAWSUIT, -2),
    # register
    "吊销": (REGISTRATION, -5), "注销": (REGISTRATION, -4), "经营异常": (REGISTRATION, -4), "股权出质": (REGISTRATION, -2),
    "股权质押": (REGISTRATION, -2), "股权冻结": (LAWSUIT, -4), "减资": (REGISTRATION, -3), "减少注册资本": (REGISTRATION, -3),
    "法定代表人变更": (REGISTRATION, -1), "变更法定代表人": (REGISTRATION, -1), "更换法定代表人": (REGISTRATION, -1),
    "股东变更": (REGISTRATION, -1), "动产抵押": (REGISTRATION, -1), "清算组备案": (REGISTRATION, -5), "简易注销": (REGISTRATION, -4),
    "失联": (REGISTRATION, -4), "无法联系": (REGISTRATION, -3), "退出股东": (REGISTRATION, -2), "控股股东退出": (REGISTRATION, -3),
    "增资": (REGISTRATION, 2), "注册资本增至": (REGISTRATION, 2), "注册资本由": (REGISTRATION, 0), "更名": (REGISTRATION, 0),
    "迁址": (REGISTRATION, 0), "经营范围": (REGISTRATION, 0), "住所变更": (REGISTRATION, 0), "工商变更": (REGISTRATION, 0),
    # tax
    "欠税": (TAX, -4), "欠缴": (TAX, -4), "偷税": (TAX, -5), "逃税": (TAX, -5), "虚开": (TAX, -5), "税收违法": (TAX, -5), "非正常户": (TAX, -4),
    "补缴税款": (TAX, -2), "纳税信用D级": (TAX, -4), "纳税信用降": (TAX, -3), "税务处罚": (TAX, -3), "税务局": (TAX, 0),
    "催缴": (TAX, -2), "纳税信用A级": (TAX, 4), "A级纳税人": (TAX, 4), "纳税大户": (TAX, 3), "纳税百强": (TAX, 3),
    # credit penalties
    "行政处罚": (CREDIT, -3), "处罚决定": (CREDIT, -3), "罚款": (CREDIT, -3), "黑名单": (CREDIT, -4), "严重违法失信": (CREDIT, -5),
    "严重失信": (CREDIT, -5), "不良行为": (CREDIT, -3), "通报批评": (CREDIT, -3), "被通报": (CREDIT, -3), "约谈": (CREDIT, -2),
    "取消中标": (CREDIT, -4), "中标无效": (CREDIT, -4), "串通投标": (CREDIT, -5), "围标": (CREDIT, -5), "串标": (CREDIT, -5),
    "弄虚作假": (CREDIT, -4), "暂停投标": (CREDIT, -4), "禁止参加": (CREDIT, -4), "降低资质": (CREDIT, -3), "吊销资质": (CREDIT, -5),
    "撤回资质": (CREDIT, -4), "信用修复": (CREDIT, 3), "信用评价A": (CREDIT, 3), "守合同重信用": (CREDIT, 3), "诚信": (CREDIT, 2),
    "移出": (CREDIT, 3), "转包": (CREDIT, -3), "违法分包": (CREDIT, -4), "责令": (CREDIT, -2), "扣分": (CREDIT, -2),
    # opinion
    "欠薪": (OPINION, -4), "拖欠": (OPINION, -3), "讨薪": (OPINION, -4), "坍塌": (OPINION, -5), "事故": (OPINION, -4),
    "伤亡": (OPINION, -4), "死亡": (OPINION, -4), "停工": (OPINION, -3), "烂尾": (OPINION, -4), "违约": (OPINION, -3),
    "逾期": (OPINION, -3), "爆雷": (OPINION, -5), "跑路": (OPINION, -5), "裁员": (OPINION, -2), "投诉": (OPINION, -2),
    "举报": (OPINION, -2), "质疑": (OPINION, -2), "曝光": (OPINION, -3), "亏损": (OPINION, -3), "资金链": (OPINION, -3),
    "质量问题": (OPINION, -3), "评级下调": (OPINION, -4), "下调评级": (OPINION, -4), "污染": (OPINION, -3), "维权": (OPINION, -3),
    "中标": (OPINION, 2), "签约": (OPINION, 2), "开工": (OPINION, 1), "竣工": (OPINION, 2), "通车": (OPINION, 2),
    "荣获": (OPINION, 3), "获评": (OPINION, 3), "表彰": (OPINION, 3), "鲁班奖": (OPINION, 3), "盈利": (OPINION, 2),
    "捐赠": (OPINION, 2), "捐款": (OPINION, 2), "驰援": (OPINION, 2), "慰问": (OPINION, 2), "招聘": (OPINION, 1),
    "战略合作": (OPINION, 2), "评级上调": (OPINION, 3), "演练": (OPINION, 3), "培训": (OPINION, 2), "揭牌": (OPINION, 2),
    "结清": (OPINION, 3), "发放": (OPINION, 1), "复工": (OPINION, 2), "优质工程": (OPINION, 3), "专利": (OPINION, 2),
}  # fmt: skip
# A word is turned over where one of these stands shortly before it ("未发生事故", "否认拖欠").
NEGATIONS = (
    "未发生", "未受到", "没有", "未被", "未曾", "并未", "否认", "辟谣", "不实", "杜绝", "防范", "预防", "避免",
    "不存在", "撤回", "移出", "修复", "化解", "防止", "严防", "不再", "遏制", "拒绝",
)  # fmt: skip
# These turn only the word directly behind them: 无锡, 零星 and 解除合同 say nothing of a collapse that follows.
DIRECTLY = (
    "无", "无任何", "无重大", "无安全", "零", "零安全", "解除", "解除账户", "解除财产", "撤销", "撤销对其", "终止",
)  # fmt: skip
REACH = 6  # signs between a negation and the word that it turns
# After a word: what was bad is over ("拖欠系谣言", "冻结已解除").
AFTERWARDS = (
    "系谣言",
    "不属实",
    "不实",
    "已解除",
    "被解除",
    "获解除",
    "已撤销",
    "已撤诉",
    "撤诉",
    "被驳回",
    "已结清",
    "已化解",
)
# Who stands before one of these does it to somebody else: then it is no bad news about the one who does it.
BRINGS = (
    "起诉",
    "申请执行",
    "申请强制执行",
    "诉",
    "举报",
    "投诉",
    "催收",
    "追讨",
    "索赔",
    "胜诉",
    "维权",
    "申请冻结",
    "申请查封",
)
ONLY_NAMED = ("与", "等", "据", "承建的", "参与", "此前", "竞争对手", "同行", "合作方", "协助", "联合", "走访", "调研")
