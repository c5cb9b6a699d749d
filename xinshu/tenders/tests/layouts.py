"""Invented notices in the layouts of many platforms, each with all that is to be read from it without doubt.

`told` has a line per fact: [lot] code value. Amounts in 元, ranks and prices beside names. Of parties and prices nothing
else may be sure; of other facts these must be there.
"""

# ruff: noqa: E501  (a table is read across)

from dataclasses import dataclass

A, B, C, D = "甲乙建设有限公司", "丙丁路桥集团有限公司", "戊己设计研究院", "庚辛科技股份有限公司"


@dataclass(frozen=True)
class Notice:
    """One notice: what it tries, its title and body, its kind and what it tells."""

    name: str
    title: str
    body: str
    kind: str
    told: str


def table(*rows: str) -> str:
    """Return a table: cells between |, `words<2` spans two columns, `words^3` three rows."""
    return "<table>" + "".join(f"<tr>{''.join(map(_cell, row.split('|')))}</tr>" for row in rows) + "</table>"


def _cell(words: str) -> str:
    words, across = words.rsplit("<", 1) if words[-2:-1] == "<" else (words, "1")
    words, down = words.rsplit("^", 1) if words[-2:-1] == "^" else (words, "1")
    return f'<td colspan="{across}" rowspan="{down}"><p><span>{words}</span></p></td>'


AWARD, WON, CAND = "某项目中标结果公告", "某项目中标（成交）结果公告", "某项目中标候选人公示"
NOTICES = (
    # government procurement
    Notice("政采：信息在编号段落里", WON, f"<p>一、项目编号：ZC2025-0001（招标文件编号：ZC2025-0001）</p><p>二、项目名称：某医院物业服务</p><p>三、中标（成交）信息</p><p>供应商名称：{A}</p><p>供应商地址：云州市某路1号</p><p>中标（成交）金额：128.5000000（万元）</p>",
           "award", f"winner {A}\namount 1285000.00\nnumber ZC2025-0001\nproject 某医院物业服务"),
    Notice("政采：供应商表，金额万元在表头", WON, "<p>三、中标信息</p>" + table("序号|供应商名称|供应商地址|中标（成交）金额(万元)", f"1|{A}|某路1号|98.6"),
           "award", f"winner {A}\namount 986000.00"),
    Notice("政采：主要标的信息不是标段", WON, f"<p>供应商名称：{A}</p><p>中标金额：500000.00元</p><p>四、主要标的信息</p>" + table("序号|供应商名称|货物名称|品牌|规格型号|数量|单价(元)", f"1|{A}|服务器|某牌|X1|2|100000", f"2|{A}|交换机|某牌|X2|3|100000"),
           "award", f"winner {A}\namount 500000.00"),
    Notice("政采：采购包分段", WON, f"<p>采购包1：</p><p>供应商名称：{A}</p><p>中标金额：120,000.00元</p><p>采购包2：</p><p>供应商名称：{B}</p><p>中标金额：230,000.00元</p>",
           "award", f"winner {A}\namount 120000.00\n1 winner {B}\n1 amount 230000.00"),
    Notice("政采：合同包表格与总价标注", WON, "<p>三、采购结果</p><p>合同包1(教学设备):</p>" + table("供应商名称|供应商地址|中标（成交）金额", f"{A}|某路1号|1,980,000.00元") + "<p>合同包2(实训设备):</p>" + table("供应商名称|供应商地址|中标（成交）金额", f"{B}|某路2号|880,000.00元"),
           "award", f"winner {A}\namount 1980000.00\n1 winner {B}\n1 amount 880000.00"),
    Notice("政采：标项表", "某项目的中标(成交)结果公告", table("标项名称|规格型号|中标（成交）金额|供应商名称|供应商地址", f"一期设备|详见附件|最终报价:456000(元)|{D}|某路3号"),
           "award", f"winner {D}\namount 456000.00"),
    Notice("政采：序号、中标金额带总价说明", WON, table("序号|中标（成交）金额(元)|中标供应商名称|中标供应商地址", f"1|报价:3980000(元)|{A}|某路1号"),
           "award", f"winner {A}\namount 3980000.00"),
    Notice("政采：成交公告叙述", "某项目成交公告", f"采购人：云州市某局\n采购代理机构：某某招标代理有限公司\n成交供应商：{A}\n成交金额：人民币叁拾伍万陆仟元整（¥356000.00）\n评审专家名单：某某",
           "award", f"winner {A}\namount 356000.00\nbuyer 云州市某局\nagency 某某招标代理有限公司"),
    Notice("政采：流标不产生中标人", "某项目流标公告", "项目编号：ZC-9\n因有效投标人不足三家，本项目流标。", "failed", "number ZC-9"),
    Notice("政采：合同公告", "某项目政府采购合同公告", f"一、合同编号：HT-1\n六、供应商（乙方）：{A}\n八、合同金额：45.6万元", "contract", f"winner {A}\namount 456000.00"),
    Notice("政采：多供应商入围", "某定点服务入围结果公告", table("序号|入围供应商", f"1|{A}", f"2|{B}", f"3|{D}"),
           "award", ""),
    Notice("政采：各包不同行，废包留空", WON, table("包号|中标供应商|中标金额（元）", f"1|{A}|100000", "2|废标|/", f"3|{B}|300000"),
           "award", f"winner {A}\namount 100000.00\n2 winner {B}\n2 amount 300000.00"),
    Notice("政采：磋商下浮率", "某项目磋商结果公告", table("供应商名称|成交下浮率（%）", f"{A}|12.5"), "award", f"winner {A}\nrate 0.125"),
    Notice("政采：预算与成交价同页", "某项目成交结果公告", f"预算金额：600000元\n最高限价：580000元\n成交供应商：{A}\n成交价：556000元", "award", f"winner {A}\namount 556000.00\nbudget 600000.00"),
    # construction
    Notice("工程：标签和值成表，冒号在标签里", AWARD, table("招标人：|云州市某局|招标代理机构：|某某咨询有限公司", f"中标人：|{A}<3", "中标价（元）：|6181910.08|工期（天）：|180"),
           "award", f"winner {A}\namount 6181910.08\nbuyer 云州市某局\ncontract_days 180"),
    Notice("工程：控制价不是中标价", AWARD, table("招标控制价|9000000元|中标价|8650000元", f"中标单位|{A}<3"), "award", f"winner {A}\namount 8650000.00"),
    Notice("工程：投标保证金不是价", AWARD, f"投标保证金：20万元\n中标人：{A}\n中标价：1234.56万元", "award", f"winner {A}\namount 12345600.00"),
    Notice("工程：联合体写明牵头人和成员", AWARD, f"中标人：（联合体牵头人）{A}、（联合体成员）{C}\n中标价：88000000元", "award", f"winner {A}\nmember {C}\namount 88000000.00"),
    Notice("工程：牵头人写在后面", AWARD, f"中标人：{C}（成员）、{A}（牵头人）\n中标价：8800万元", "award", f"winner {A}\nmember {C}\namount 88000000.00"),
    Notice("工程：牵头人和成员各一行", AWARD, table(f"联合体牵头人|{A}", f"联合体成员|{C}", "中标金额（万元）|880"), "award", f"winner {A}\nmember {C}\namount 8800000.00"),
    Notice("工程：费率报价", AWARD, f"中标人：{A}\n中标费率：97.8%", "award", f"winner {A}\nrate 0.978"),
    Notice("工程：标段成行", AWARD, table("标段|中标人|中标价（万元）|工期", f"一标段|{A}|1205.5|180天", f"二标段|{B}|880|200天"), "award", f"winner {A}\namount 12055000.00\n1 winner {B}\n1 amount 8800000.00"),
    Notice("工程：两层表头", AWARD, table("标段^2|中标人^2|中标价<2", "大写|小写（元）", f"1标段|{A}|壹佰万元整|1000000.00"), "award", f"winner {A}\namount 1000000.00"),
    Notice("工程：大写小写分两格", AWARD, table(f"中标单位|{A}<2", "中标价^2|小写（元）|1234500.00", "大写|壹佰贰拾叁万肆仟伍佰元整"), "award", f"winner {A}\namount 1234500.00"),
    Notice("工程：同一单位中两个标段", AWARD, f"标段名称：一标段\n中标人：{A}\n中标价：10万元\n标段名称：二标段\n中标人：{A}\n中标价：20万元", "award", f"winner {A}\namount 100000.00\n1 winner {A}\n1 amount 200000.00"),
    Notice("工程：中标人在标段名称之前", AWARD, table(f"中标人|{A}|标段名称|某某道路一期", "中标价（元）|100000.5|标段编号|BD-01"), "award", f"winner {A}\namount 100000.50\nlot_name 某某道路一期\nlot_number BD-01"),
    Notice("工程：全角数字", AWARD, f"中标人：{A}\n中标价：１，２３４，５００．００元", "award", f"winner {A}\namount 1234500.00"),
    Notice("工程：亿元", AWARD, f"中标人：{B}\n中标金额：1.25亿元", "award", f"winner {B}\namount 125000000.00"),
    Notice("工程：综合单价不是总价", AWARD, f"中标人：{A}\n中标价：综合单价356.5元/吨", "award", f"winner {A}"),
    # candidates
    Notice("候选：名次成行", CAND, table("排名|中标候选人名称|投标报价（元）|工期", f"1|{A}|100000|60天", f"2|{B}|110000|60天", f"3|{D}|120000|60天"),
           "candidate", f"candidate 1 {A}\ncandidate 2 {B}\ncandidate 3 {D}\nbid {A} 100000.00\nbid {B} 110000.00\nbid {D} 120000.00\namount 100000.00"),
    Notice("候选：名次成列", CAND, table("名次|第一名|第二名|第三名", f"中标候选人名称|{A}|{B}|{D}", "投标报价（万元）|10|11|12"),
           "candidate", f"candidate 1 {A}\ncandidate 2 {B}\ncandidate 3 {D}\nbid {A} 100000.00\nbid {B} 110000.00\nbid {D} 120000.00\namount 100000.00"),
    Notice("候选：第一中标候选人在首列", CAND, table("候选人排序|单位名称|投标报价（元）", f"第一中标候选人|{A}|100000.00", f"第二中标候选人|{B}|110000.00"),
           "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00\namount 100000.00"),
    Notice("候选：分行叙述", CAND, f"第一中标候选人：{A}，投标报价：100000元，工期60天；\n第二中标候选人：{B}，投标报价：110000元，工期60天。",
           "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00\namount 100000.00"),
    Notice("候选：每人一段", CAND, f"<p>第一中标候选人</p><p>单位名称：{A}</p><p>投标报价：100000元</p><p>第二中标候选人</p><p>单位名称：{B}</p><p>投标报价：110000元</p>",
           "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00\namount 100000.00"),
    Notice("候选：推荐某某为第一中标候选人", "某项目评标结果公示", f"评标委员会推荐{A}为第一中标候选人，{B}为第二中标候选人。", "candidate", f"candidate 1 {A}\ncandidate 2 {B}"),
    Notice("候选：两个标段各一表", CAND, "<p>一标段</p>" + table("排序|候选人|报价（万元）", f"1|{A}|10", f"2|{B}|11") + "<p>二标段</p>" + table("排序|候选人|报价（万元）", f"1|{D}|20", f"2|{A}|21"),
           "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00\namount 100000.00\n1 candidate 1 {D}\n1 candidate 2 {A}\n1 bid {D} 200000.00\n1 bid {A} 210000.00\n1 amount 200000.00"),
    Notice("候选：标段列合并", CAND, table("标段|排名|中标候选人|投标报价（元）", f"A1^2|1|{A}|100000", f"2|{B}|110000", f"A2^2|1|{D}|200000", f"2|{A}|210000"),
           "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00\namount 100000.00\n1 candidate 1 {D}\n1 candidate 2 {A}\n1 bid {D} 200000.00\n1 bid {A} 210000.00\n1 amount 200000.00"),
    Notice("候选：不排序", CAND, table("中标候选人名称|投标报价（元）", f"{A}|100000", f"{B}|110000"), "candidate", f"candidate 0 {A}\ncandidate 0 {B}\nbid {A} 100000.00\nbid {B} 110000.00"),
    Notice("候选：联合体候选人", CAND, table("名次|第一名|第二名", f"中标候选人名称|{A}、{C}联合体|{B}", "投标报价(%)|98.9|99.1"), "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 0.989\nbid {B} 0.991\nrate 0.989"),
    Notice("候选：业绩表里的公司不是候选人", CAND, table("中标候选人|第一名|第二名", f"单位名称|{A}|{B}") + table("单位名称|项目名称|合同金额（万元）", f"{D}|某某大桥|5000"), "candidate", f"candidate 1 {A}\ncandidate 2 {B}"),
    Notice("开标：全部投标人", CAND, table("序号|投标人名称|投标报价（元）|评标得分|排名", f"1|{A}|100000|95|1", f"2|{B}|110000|90|2", f"3|{D}|120000|80|3"),
           "candidate", f"bidder 1 {A}\nbidder 2 {B}\nbidder 3 {D}\nbid {A} 100000.00\nbid {B} 110000.00\nbid {D} 120000.00"),
    # state-owned enterprises
    Notice("国企：结果公示一句话", "某集团某项目采购结果公示", f"经评审，拟定成交人为：{D}，成交价（含税）为：人民币1,560,000.00元。公示期：2025年3月1日至2025年3月4日。", "award", f"winner {D}\namount 1560000.00"),
    Notice("国企：中选人", "某集团比选中选结果公告", table("项目名称|某集团车辆保险服务", f"中选人|{D}", "中选金额|23.8万元"), "award", f"winner {D}\namount 238000.00\nproject 某集团车辆保险服务"),
    Notice("国企：包件列表", "某公司物资招标中标公告", table("包件号|包件名称|中标人|中标价格（万元，含税）", f"BJ01|电缆|{A}|100.5", f"BJ02|变压器|{B}|200"), "award", f"winner {A}\namount 1005000.00\n1 winner {B}\n1 amount 2000000.00"),
    Notice("国企：未中标人也列出", "某公司招标结果公告", f"中标人：{A}\n中标价：100万元\n未中标人：{B}、{D}", "award", f"winner {A}\namount 1000000.00\nbidder 0 {B}\nbidder 0 {D}"),
    # prose
    Notice("叙述：确定某某为中标人", AWARD, f"经评标委员会评审，招标人确定{A}为本项目中标人，中标金额为3560.25万元，工期300日历天。", "award", f"winner {A}\namount 35602500.00"),
    Notice("叙述：以多少元中标", AWARD, f"某某项目于2025年3月1日开标，最终由{A}以1,280,000元的价格中标。", "award", f"winner {A}\namount 1280000.00"),
    Notice("叙述：中标单位为", AWARD, f"中标单位为{A}，中标价为壹佰万元整。", "award", f"winner {A}\namount 1000000.00"),
    Notice("叙述：成交供应商是", "某竞争性磋商成交结果公告", f"本项目成交供应商是{D}，成交金额45.6万元。", "award", f"winner {D}\namount 456000.00"),
    Notice("详见附件不是金额", AWARD, f"中标人：{A}\n中标价：详见附件", "award", f"winner {A}"),
    Notice("范围", AWARD, f"中标人：{A}\n中标价：100万元至120万元", "award", f"winner {A}\nlowest 1000000.00\nhighest 1200000.00"),
    Notice("制表符文本", AWARD, f"标段\t中标人\t中标价(元)\n1标段\t{A}\t100000\n2标段\t{B}\t200000", "award", f"winner {A}\namount 100000.00\n1 winner {B}\n1 amount 200000.00"),
    Notice("金额拆在两个格", AWARD, table(f"中标人|{A}<2", "中标金额|356000.00|元"), "award", f"winner {A}\namount 356000.00"),
    Notice("页眉页脚不是公告", AWARD, f"<div>首页 > 交易信息 > 中标公告</div><div>中标人：{A}</div><div>中标价：10万元</div><div>主办单位：云州市公共资源交易中心 技术支持：{D}</div>", "award", f"winner {A}\namount 100000.00"),
    Notice("更正公告另有其类", "某项目中标结果更正公告", f"原公告中标人：{A}，现更正为：{B}", "change", ""),
    Notice("日期和公示期", CAND, f"第一中标候选人：{A}\n公示期：2025年6月12日至2025年6月15日\n开标时间：2025年6月10日9时30分", "candidate", f"candidate 1 {A}\nopens_on 2025-06-10\npublicity 2025年6月12日至2025年6月15日"),
    Notice("名称里有括号和分公司", AWARD, "中标人：某某（集团）工程有限公司云州分公司\n中标价：10万元", "award", "winner 某某（集团）工程有限公司云州分公司\namount 100000.00"),
    Notice("项目经理和地址不是单位", AWARD, table("中标人|项目经理|中标价（元）", f"{A}|张某|100000"), "award", f"winner {A}\namount 100000.00"),
    Notice("中标人后跟信用代码和地址", AWARD, f"中标人名称：{A}（统一社会信用代码：91420000000000000X）\n中标价：10万元", "award", f"winner {A}\namount 100000.00"),
    Notice("总价和税率", AWARD, f"中标人：{A}\n中标价：含税总价1130000元（不含税1000000元，税率13%）", "award", f"winner {A}\namount 1130000.00"),
)  # fmt: skip
