"""The tables behind a Chinese company name: forms, industries, branches, great houses, signs that are confused."""

from pathlib import Path

# Which form stands for which: 公司法 calls 有限责任公司 and 有限公司 one form, of which the name may carry either.
FORMS = {
    "集团股份有限公司": "股份", "股份有限公司": "股份", "股份公司": "股份",
    "集团有限责任公司": "有限", "集团有限公司": "有限", "有限责任公司": "有限", "有限公司": "有限",
    "集团公司": "公司", "总公司": "公司", "公司": "公司", "集团": "集团",
    "有限合伙": "合伙", "特殊普通合伙": "合伙", "普通合伙": "合伙",
    "规划设计研究院": "院", "勘察设计研究院": "院", "设计研究院": "院", "勘测设计院": "院", "勘察设计院": "院",
    "设计研究总院": "院", "设计总院": "院", "研究总院": "院", "研究院": "院", "设计院": "院", "勘察院": "院",
    "研究所": "所", "设计所": "所", "事务所": "所", "工作室": "室", "合作社": "社", "联合社": "社",
    "银行": "银行", "医院": "医院", "大学": "学校", "学院": "学校", "中心": "中心", "协会": "协会", "商行": "商行",
    "经营部": "部", "工厂": "厂", "总厂": "厂", "厂": "厂", "工程局": "局", "工程队": "队", "施工队": "队",
    "建筑队": "队", "地质队": "队", "大队": "队", "电视台": "台", "出版社": "社", "报社": "社",
}  # fmt: skip

# Words that tell what a firm does. A name ends in them before its form; what stands before is the trade name.
INDUSTRIES = frozenset(Path(__file__).with_name("industries.txt").read_text(encoding="utf-8").split())
LONGEST_INDUSTRY = max(map(len, INDUSTRIES))

# A branch of a firm: what follows the firm's own name and ends so. The branch is no firm of its own.
BRANCHES = (
    "分公司", "分行", "支行", "分院", "分所", "分店", "分厂", "分部", "分中心", "办事处", "项目部",
    "项目经理部", "指挥部", "经理部", "营业部", "营业所", "直属队",
)  # fmt: skip

NUMERALS = "一二三四五六七八九十"
# Great houses: how their bureaus are called for short (with the numeral in place of N), and the whole of the name.
HOUSES = (
    ("中国建筑第N工程局", "中建N局"), ("中国建筑N局", "中建N局"),
    ("中国铁路工程N局", "中铁N局"), ("中国铁建N局", "中铁建N局"),
    ("中交第N公路工程局", "中交N公局"), ("中交第N航务工程局", "中交N航局"), ("中交第N公局", "中交N公局"),
    ("中交第N航务工程勘察设计院", "中交N航院"), ("中交第N公路勘察设计研究院", "中交N公院"),
    ("中国水利水电第N工程局", "中水N局"), ("中国水电N局", "中水N局"), ("中国水电第N工程局", "中水N局"),
    ("水电N局", "中水N局"),
    ("中国电建N局", "中电建N局"), ("中国五冶", "五冶"), ("中国N冶", "N冶"), ("中冶N冶", "N冶"),
    ("中国能源建设", "中能建"), ("中国核工业", "中核"), ("中国化学工程第N建设", "化N建"), ("中国建筑", "中建"),
    ("中国铁路", "中铁"), ("中国交通建设", "中交"), ("中国电力建设", "中电建"), ("中国冶金科工", "中冶"),
)  # fmt: skip

# Signs that readers of scanned pages take for each other. Every sign of a row is one and the same when folded.
CONFUSED = (
    "己已巳 末未 O0〇○ Il1|丨 士土 日曰 人入 千干于 天夭 戊戌戍 晴睛 析折拆 "
    "竞竟 侯候 治冶 泊汨 晨震 辰展 宏宠 博搏 恒桓 锋峰 荣莱菜 茂茨 泰秦 奏凑 "
    "圆园 钧钓 钢铜 拓柘 汤荡 廷延 壁璧 微徽 乌鸟 贝见 刀刁 免兔 今令 历厉 旦且 "
    "住佳 使便 代伐 右石 古吉占 田由甲申 白自 间问 闭闲 科料 材村 杭抗 远运 平乎 "
    "宇字 宜宣 昌吕 昊吴 星呈 海悔 浚俊 淮准 琪瑛 福幅 锦绵 铁轶 秋秩 冀翼 毫亳 "
    "券卷 籍藉 赢羸 崇祟 捷揵 鹏鸥 璟環 珠殊 斯期 矩距 埔浦 垣恒"
)  # a row is a word


def _fold() -> dict[int, str]:
    """Return for each sign the one that stands for its row. Rows that share a sign are one."""
    chosen: dict[str, str] = {}
    for row in CONFUSED.split():
        first = next((chosen[sign] for sign in row if sign in chosen), row[0])
        chosen.update(dict.fromkeys(row, first))
    return {ord(sign): first for sign, first in chosen.items()}


FOLD = _fold()
