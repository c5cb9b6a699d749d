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
    # other builds of pages
    Notice("页面：标签和值各占一块，没有冒号", AWARD, f"<div>中标人</div><div>{A}</div><div>中标价</div><div>100万元</div>", "award", f"winner {A}\namount 1000000.00"),
    Notice("页面：定义列表", AWARD, f"<dl><dt>中标人</dt><dd>{A}</dd><dt>中标金额（元）</dt><dd>356000.00</dd></dl>", "award", f"winner {A}\namount 356000.00"),
    Notice("页面：行内标签紧接值", AWARD, f"<li><span>中标人</span><span>{A}</span></li><li><span>中标价</span><span>100万元</span></li>", "award", f"winner {A}\namount 1000000.00"),
    Notice("页面：字间有空格的标签", AWARD, f"<p>招 标 人：云州市某局</p><p>中 标 人：{A}</p><p>中 标 价：100万元</p>", "award", f"winner {A}\namount 1000000.00\nbuyer 云州市某局"),
    Notice("页面：值在下一行", AWARD, f"中标人：\n{A}\n中标价：\n100万元", "award", f"winner {A}\namount 1000000.00"),
    Notice("页面：嵌套表格", AWARD, "<table><tr><td>" + table(f"中标人|{A}", "中标价（万元）|100") + "</td></tr></table>", "award", f"winner {A}\namount 1000000.00"),
    Notice("页面：一行里几项", AWARD, f"中标人：{A}  中标价：100万元  工期：180日历天  项目经理：张某", "award", f"winner {A}\namount 1000000.00\ncontract_days 180"),
    Notice("页面：采购人信息在末尾", WON, f"供应商名称：{A}\n成交金额：10万元\n八、联系方式\n1.采购人信息\n名 称：云州市第一医院\n地址：云州市某路\n2.采购代理机构信息\n名 称：某某招标代理有限公司\n地 址：某路", "award", f"winner {A}\namount 100000.00\nbuyer 云州市第一医院\nagency 某某招标代理有限公司"),
    Notice("页面：表头在末列分组", CAND, table("序号|投标人|投标报价<2|排名", f"1|{A}|100000|元|1", f"2|{B}|110000|元|2"), "candidate", f"bidder 1 {A}\nbidder 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00"),
    # candidates once more
    Notice("候选：竖排分块", CAND, table(f"第一中标候选人^3|单位名称|{A}", "投标报价（元）|100000", "工期|60天", f"第二中标候选人^3|单位名称|{B}", "投标报价（元）|110000", "工期|60天"),
           "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00\namount 100000.00"),
    Notice("候选：名单在一行，带序号", CAND, f"中标候选人：1、{A}；2、{B}；3、{D}。", "candidate", f"candidate 1 {A}\ncandidate 2 {B}\ncandidate 3 {D}"),
    Notice("候选：排名不分先后的名单", CAND, f"中标候选人（排名不分先后）：{A}、{B}、{D}。", "candidate", f"candidate 0 {A}\ncandidate 0 {B}\ncandidate 0 {D}"),
    Notice("候选：中标候选人第一名", CAND, f"中标候选人第一名：{A}\n投标报价：100000.00元\n中标候选人第二名：{B}\n投标报价：110000.00元", "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00\namount 100000.00"),
    Notice("候选：列头为第几中标候选人", CAND, table("内容|第一中标候选人|第二中标候选人", f"投标人名称|{A}|{B}", "投标报价（元）|100000|110000", "质量|合格|合格"), "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00\namount 100000.00"),
    Notice("候选：推荐第一名、报价在括号里", "某工程评标结果公示", f"推荐的中标候选人：\n第一名：{A}（投标报价：100000元）\n第二名：{B}（投标报价：110000元）", "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 100000.00\nbid {B} 110000.00\namount 100000.00"),
    # consortia
    Notice("联合体：括号里写成员", AWARD, f"中标人：{A}（联合体成员：{C}）\n中标价：100万元", "award", f"winner {A}\nmember {C}\namount 1000000.00"),
    Notice("联合体：前面写联合体", AWARD, f"中标人：联合体：{A}（牵头人）、{C}\n中标价：100万元", "award", f"winner {A}\nmember {C}\namount 1000000.00"),
    Notice("联合体：组成的联合体", AWARD, f"中标人：{A}与{C}组成的联合体\n中标价：100万元", "award", f"winner {A}\nmember {C}\namount 1000000.00"),
    Notice("联合体：牵头和成员各带角色", AWARD, f"中标单位：{A}（联合体牵头单位）；{C}（联合体成员单位）\n中标价：100万元", "award", f"winner {A}\nmember {C}\namount 1000000.00"),
    Notice("联合体：斜线分开并注明", AWARD, table(f"中标人|{A}/{C}（联合体）", "中标价（万元）|100"), "award", f"winner {A}\nmember {C}\namount 1000000.00"),
    # prices
    Notice("价：只写万", AWARD, f"中标人：{A}\n中标价：356万", "award", f"winner {A}\namount 3560000.00"),
    Notice("价：外币不当人民币", AWARD, table("中标人|中标价（美元）", f"{A}|100000"), "award", f"winner {A}"),
    Notice("价：人民币缩写", AWARD, f"中标人：{A}\n中标价：RMB 1,234,567.00", "award", f"winner {A}\namount 1234567.00"),
    Notice("价：大小写各一行", AWARD, f"中标人：{A}\n中标金额：大写：人民币壹佰万元整 小写：1000000.00元", "award", f"winner {A}\namount 1000000.00"),
    Notice("价：大小写不符不可靠", AWARD, f"中标人：{A}\n中标金额：壹佰万元整（¥1200000.00）", "award", f"winner {A}"),
    Notice("价：几个分项不相加", AWARD, f"中标人：{A}\n中标价：设计费100万元，施工费900万元", "award", f"winner {A}"),
    Notice("价：单价列不是总价", AWARD, table("中标人|中标单价（元/吨）|数量（吨）|中标总价（元）", f"{A}|3500|100|350000"), "award", f"winner {A}\namount 350000.00"),
    Notice("价：零元", AWARD, f"中标人：{A}\n中标价：0元", "award", f"winner {A}"),
    Notice("价：下浮率和金额各一行", AWARD, f"中标人：{A}\n中标下浮率：8.5%\n中标金额：915000元", "award", f"winner {A}\nrate 0.085\namount 915000.00"),
    Notice("价：代理服务费不是价", WON, f"成交供应商：{A}\n成交金额：50万元\n代理服务收费标准及金额：0.75万元", "award", f"winner {A}\namount 500000.00"),
    # lots
    Notice("标段：分标和包号两列", "某集团物资采购中标公告", table("分标编号|分标名称|包号|中标人|中标价（万元）", f"FB01|电缆|包1|{A}|100", f"FB01|电缆|包2|{B}|200", f"FB02|变压器|包1|{A}|300"), "award", f"winner {A}\namount 1000000.00\n1 winner {B}\n1 amount 2000000.00\n2 winner {A}\n2 amount 3000000.00"),
    Notice("标段：中标人合并两行", AWARD, table("标段|中标人|中标价（元）", f"一标段|{A}^2|100000", "二标段|200000"), "award", f"winner {A}\namount 100000.00\n1 winner {A}\n1 amount 200000.00"),
    Notice("标段：方括号编号", AWARD, f"标段(包)[001]一标段：\n中标人：{A}\n中标价格：100万元\n标段(包)[002]二标段：\n中标人：{B}\n中标价格：200万元", "award", f"winner {A}\namount 1000000.00\n1 winner {B}\n1 amount 2000000.00"),
    Notice("标段：第一包叙述", WON, f"第一包：\n成交供应商：{A}\n成交金额：10万元\n第二包：\n因供应商不足三家，本包流标\n第三包：\n成交供应商：{B}\n成交金额：30万元", "award", f"winner {A}\namount 100000.00\n2 winner {B}\n2 amount 300000.00"),
    # what is no award
    Notice("招标公告：预算、保证金和开标时间", "某路道路工程招标公告", "招标人：云州市某局\n最高限价：9000000元\n投标保证金：10万元\n开标时间：2025年7月1日9时\n投标有效期：90天\n供应商名称：须与营业执照一致", "tender", "buyer 云州市某局\nbudget 9000000.00\nopens_on 2025-07-01\nvalidity_days 90"),
    Notice("中标公告：某局的人名不是中标人", AWARD, "中标人：张某某\n中标价：10万元", "award", "amount 100000.00"),
    # platforms of other provinces
    Notice("省平台：标项序号与中标结果编号", "某市第一医院设备采购项目的中标(成交)结果公告", "<p>一、项目编号：ZJ-2025-01</p><p>二、项目名称：某市第一医院设备采购项目</p><p>三、中标（成交）信息</p><p>1.中标结果：</p>" + table("序号|中标（成交）金额(元)|中标供应商名称|中标供应商地址", f"1|总价:456000(元)|{A}|某路1号") + "<p>2.废标结果:</p>" + table("序号|标项名称|废标理由|其他事项", "/|/|/|/") + "<p>四、主要标的信息</p>" + table("序号|标项名称|标的名称|品牌|数量|单价", "1|设备采购|监护仪|某牌|3|152000"),
           "award", f"winner {A}\namount 456000.00\nnumber ZJ-2025-01"),
    Notice("省平台：采购包中标结果表与报价明细", WON, "<p>采购包1(被服洗涤):</p>" + table("供应商名称|供应商地址|中标（成交）金额|评审总得分", f"{A}|某路1号|1,234,500.00元|92.50") + "<p>四、主要标的信息</p><p>采购包1(被服洗涤):</p><p>服务类（" + A + "）</p>" + table("品目号|品目名称|采购标的|服务范围|服务要求|服务时间|服务标准|金额（元）", "1-1|洗涤|洗涤服务|全院|见文件|一年|合格|1,234,500.00"),
           "award", f"winner {A}\namount 1234500.00"),
    Notice("省平台：未中标投标人及得分", WON, "<p>合同包1：</p>" + table("供应商名称|中标（成交）金额", f"{A}|100,000.00元") + "<p>评审情况</p>" + table("序号|供应商名称|报价（元）|评审得分|排名", f"1|{A}|100000|90|1", f"2|{B}|110000|80|2"),
           "award", f"winner {A}\namount 100000.00\nbidder 2 {B}\nbid {B} 110000.00"),
    Notice("省平台：评审结果推荐表", WON, f"<p>成交供应商：{A}</p><p>成交金额：100000元</p>" + table("供应商|资格审查|最后报价（元）|综合得分|推荐排名", f"{A}|通过|100000|95.1|1", f"{B}|通过|120000|90.2|2"), "award", f"winner {A}\namount 100000.00\nbidder 2 {B}\nbid {B} 120000.00"),
    Notice("市平台：中标公示表，工程建设", "某路改造工程中标公示", table("工程名称|某路改造工程<3", "招标人|云州市交通局|招标代理|某某工程咨询有限公司", f"中标人|{A}|中标价|12345678.90元", "项目负责人|张某|注册编号|某001", "工期|365日历天|质量|合格"), "award", f"winner {A}\namount 12345678.90\nbuyer 云州市交通局\nproject 某路改造工程\ncontract_days 365"),
    Notice("市平台：拟中标人公示", "某工程拟中标人公示", f"拟中标人：{A}\n拟中标价：3456.78万元\n公示时间：2025年1月2日至2025年1月5日", "award", f"winner {A}\namount 34567800.00"),
    Notice("市平台：评标结果公示含招标控制价列", CAND, table("标段名称|招标控制价（万元）|第一中标候选人|投标报价（万元）", f"某路一标|1000|{A}|950"), "candidate", f"candidate 1 {A}\nbid {A} 9500000.00\namount 9500000.00"),
    Notice("市平台：三位候选人各占两列", CAND, table("项目|第一中标候选人|第二中标候选人|第三中标候选人", f"投标单位|{A}|{B}|{D}", "投标报价（元）|1000000.00|1100000.00|1200000.00", "工期（日历天）|100|110|120", "综合得分|95|90|85"),
           "candidate", f"candidate 1 {A}\ncandidate 2 {B}\ncandidate 3 {D}\nbid {A} 1000000.00\nbid {B} 1100000.00\nbid {D} 1200000.00\namount 1000000.00"),
    Notice("市平台：候选人名称与报价同格", CAND, f"第一中标候选人：{A}（投标报价：1000000.00元，工期：100天）\n第二中标候选人：{B}（投标报价：1100000.00元，工期：110天）", "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 1000000.00\nbid {B} 1100000.00\namount 1000000.00"),
    Notice("市平台：中标候选人依次为", CAND, f"经评审，推荐中标候选人依次为：第一名：{A}；第二名：{B}；第三名：{D}。", "candidate", f"candidate 1 {A}\ncandidate 2 {B}\ncandidate 3 {D}"),
    Notice("市平台：评审得分排名表在候选公示", CAND, f"<p>第一中标候选人：{A}</p><p>第二中标候选人：{B}</p>" + table("投标人名称|投标报价（元）|评分|排名", f"{A}|100000|95|1", f"{B}|110000|90|2", f"{D}|130000|70|3"), "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbidder 3 {D}\nbid {A} 100000.00\nbid {B} 110000.00\nbid {D} 130000.00\namount 100000.00"),
    Notice("县平台：否决投标的单位不是候选人", CAND, f"第一中标候选人：{A}\n投标报价：100000元\n被否决投标的投标人名称：{D}\n否决原因：资格不符", "candidate", f"candidate 1 {A}\nbid {A} 100000.00\namount 100000.00"),
    Notice("县平台：中标单位及项目班子", AWARD, table(f"中标单位|{A}<3", "中标价|壹佰贰拾叁万肆仟伍佰元整|小写|¥1234500.00", "项目经理|张某|技术负责人|李某"), "award", f"winner {A}\namount 1234500.00"),
    Notice("县平台：中标通知书式", "中标通知书", f"{A}：\n你单位于2025年3月1日所递交的某工程投标文件已被我方接受，被确定为中标人。中标价：1234500.00元。", "award", "amount 1234500.00"),
    Notice("央企：采购结果表，分包和成交人", "某公司第三批物资询比采购结果公示", table("序号|采购编号|包名称|成交供应商|备注", f"1|CG-01|阀门|{A}|/", f"2|CG-01|水泵|{B}|/"), "award", f"winner {A}\n1 winner {B}"),
    Notice("央企：中标人和中标份额", "某公司框架招标中标结果公告", table("标包|排名|中标人|中标份额", f"标包1|1|{A}|70%", f"标包1|2|{B}|30%"), "award", f"winner {A}"),
    Notice("央企：推荐的中标候选人情况编号标题", CAND, "<p>1.中标候选人基本情况</p>" + table("序号|中标候选人名称|投标报价（万元，含税）|质量|工期/交货期", f"1|{A}|1000.5|合格|60天", f"2|{B}|1100.5|合格|60天") + "<p>2.中标候选人按照招标文件要求承诺的项目负责人情况</p>" + table("序号|中标候选人名称|项目负责人姓名|相关证书名称和编号", f"1|{A}|张某|证书1", f"2|{B}|李某|证书2"), "candidate", f"candidate 0 {A}\ncandidate 0 {B}\nbid {A} 10005000.00\nbid {B} 11005000.00"),
    Notice("公共服务平台：标段包编号的叙述", "某工程中标结果公告", f"一、中标人信息：\n标段(包)[001]某工程施工:\n中标人：{A}\n中标价格：1234.5万元\n二、其他：\n无\n三、监督部门\n云州市住建局\n四、联系方式\n招标人：云州市城投集团\n招标代理机构：某某咨询有限公司", "award", f"winner {A}\namount 12345000.00\nbuyer 云州市城投集团\nagency 某某咨询有限公司"),
    Notice("公共服务平台：候选人编号叙述", CAND, f"1、中标候选人基本情况\n中标候选人第1名：{A}，投标报价：100.5万元，质量：合格，工期：60天；\n中标候选人第2名：{B}，投标报价：110.5万元，质量：合格，工期：60天；", "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 1005000.00\nbid {B} 1105000.00\namount 1005000.00"),
    Notice("军队采购：预中标与候选人排名", "某系统采购评审结果公示", table("名称|供应商|规格型号|数量|价格（万元）|候选人排名", f"某系统|{A}|X1|1|192|1", f"某系统|{B}|X2|1|198|2"), "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 1920000.00\nbid {B} 1980000.00\namount 1920000.00"),
    Notice("院校：一段话里两个标段", "某学院设备采购中标公告", f"第一标段中标人：{A}，中标金额：10万元；第二标段中标人：{B}，中标金额：20万元。", "award", f"winner {A}\namount 100000.00\n1 winner {B}\n1 amount 200000.00"),
    Notice("院校：成交单位和成交价带空格", "某学院维修项目成交公告", f"成交单位： {A}  成交价： ￥ 98,500.00", "award", f"winner {A}\namount 98500.00"),
    Notice("土地整治：表头在第二行，第一行为标题", AWARD, table("某土地整治项目中标情况一览表<4", "标段|中标单位|中标价（元）|工期", f"1|{A}|100000.12|60天", f"2|{B}|200000.34|60天"), "award", f"winner {A}\namount 100000.12\n1 winner {B}\n1 amount 200000.34"),
    Notice("表里一行合计不是标段", AWARD, table("标段|中标人|中标价（万元）", f"一标段|{A}|100", f"二标段|{B}|200", "合计||300"), "award", f"winner {A}\namount 1000000.00\n1 winner {B}\n1 amount 2000000.00"),
    Notice("标签在表格一格里连着值", AWARD, table(f"中标人：{A}|中标价：100万元", "招标人：云州市某局|工期：60天"), "award", f"winner {A}\namount 1000000.00\nbuyer 云州市某局"),
    Notice("英文冒号和半角括号", AWARD, f"中标人:{A}\n中标价(元):1000000.00", "award", f"winner {A}\namount 1000000.00"),
    Notice("中标人名称带序号", AWARD, f"1.中标人名称：{A}\n2.中标金额：100万元\n3.服务期限：3年", "award", f"winner {A}\namount 1000000.00"),
    Notice("单价中标的框架协议", AWARD, f"中标人：{A}\n中标价：综合单价128元/平方米", "award", f"winner {A}"),
    Notice("折扣率", WON, f"成交供应商：{A}\n成交折扣率：85%", "award", f"winner {A}\nrate 0.85"),
    Notice("优惠率列", WON, table("供应商名称|中标优惠率", f"{A}|15%"), "award", f"winner {A}\nrate 0.15"),
    # what goes wrong easily
    Notice("招标人和中标人同格的长句", AWARD, f"云州市某局（招标人）委托某某咨询有限公司（招标代理）对某工程进行公开招标，现将中标结果公示如下：中标人：{A}；中标价：123.45万元；工期：90天。", "award", f"winner {A}\namount 1234500.00"),
    Notice("监督电话和银行不是单位", AWARD, f"中标人：{A}\n中标价：100万元\n开户行：某某银行云州支行\n账户名称：云州市公共资源交易中心\n监督部门：云州市财政局", "award", f"winner {A}\namount 1000000.00"),
    Notice("法定代表人和评委名单", WON, f"成交供应商：{A}\n法定代表人：张某\n成交金额：9.8万元\n评审专家名单：王某、李某、赵某", "award", f"winner {A}\namount 98000.00"),
    Notice("中标人为大学", AWARD, "中标人：云州大学\n中标价：50万元", "award", "winner 云州大学\namount 500000.00"),
    Notice("中标人为个体工商户", AWARD, "中标人：云州区某某五金经营部\n中标价：5万元", "award", "winner 云州区某某五金经营部\namount 50000.00"),
    Notice("中标人为有限合伙", AWARD, "中标人：某某会计师事务所（特殊普通合伙）\n中标价：30万元", "award", "winner 某某会计师事务所（特殊普通合伙）\namount 300000.00"),
    Notice("工期和质量并列在一格", AWARD, table(f"中标人|{A}", "中标价、工期、质量|中标价：1234567元；工期：180天；质量：合格"), "award", f"winner {A}\namount 1234567.00"),
    Notice("同一金额大小写在两格，表头合并", AWARD, table("中标人^2|中标价<2|工期^2", "小写（元）|大写", f"{A}|1234500|壹佰贰拾叁万肆仟伍佰元整|90天"), "award", f"winner {A}\namount 1234500.00"),
    Notice("报价单位在表外说明", CAND, "<p>单位：万元</p>" + table("名次|投标人|投标报价", f"第一名|{A}|100.5", f"第二名|{B}|110.5"), "candidate", f"bidder 1 {A}\nbidder 2 {B}\nbid {A} 1005000.00\nbid {B} 1105000.00"),
    Notice("没有单位的金额按元理解但不确定", AWARD, f"中标人：{A}\n中标价：1234567.00", "award", f"winner {A}"),
    Notice("千分位用全角逗号", AWARD, f"中标人：{A}\n中标价：1，234，567.00元", "award", f"winner {A}\namount 1234567.00"),
    Notice("小数点后四位的万元", AWARD, f"中标人：{A}\n中标价：123.4567万元", "award", f"winner {A}\namount 1234567.00"),
    Notice("大写在前小写在后另起一行", AWARD, f"中标人：{A}\n中标价（大写）：壹佰万元整\n中标价（小写）：￥1000000.00元", "award", f"winner {A}\namount 1000000.00"),
    Notice("联合体三家", AWARD, f"中标人：{A}（牵头人）、{B}（成员）、{C}（成员）\n中标价：1亿元", "award", f"winner {A}\nmember {B}\nmember {C}\namount 100000000.00"),
    Notice("联合体成员另起一行", AWARD, f"中标人：{A}\n联合体成员：{C}\n中标价：100万元", "award", f"winner {A}\nmember {C}\namount 1000000.00"),
    Notice("候选人是联合体，列在行里", CAND, table("名次|中标候选人|投标报价（元）", f"1|{A}（联合体成员：{C}）|1000000", f"2|{B}|1100000"), "candidate", f"candidate 1 {A}\ncandidate 2 {B}\nbid {A} 1000000.00\nbid {B} 1100000.00\namount 1000000.00"),
    Notice("候选公示两个标段，分行叙述", CAND, f"第一标段：\n第一中标候选人：{A}，投标报价100万元\n第二中标候选人：{B}，投标报价110万元\n第二标段：\n第一中标候选人：{D}，投标报价200万元\n第二中标候选人：{A}，投标报价210万元", "candidate", f"candidate 1 {A}\ncandidate 2 {B}\n1 candidate 1 {D}\n1 candidate 2 {A}\nbid {A} 1000000.00\nbid {B} 1100000.00\n1 bid {D} 2000000.00\n1 bid {A} 2100000.00\namount 1000000.00\n1 amount 2000000.00"),
    Notice("标段编号与名称在同一表里各一行", AWARD, table("标段编号|BD-1", "标段名称|一标段", f"中标人|{A}", "中标价（元）|100000", "标段编号|BD-2", "标段名称|二标段", f"中标人|{B}", "中标价（元）|200000"), "award", f"winner {A}\namount 100000.00\nlot_number BD-1\n1 winner {B}\n1 amount 200000.00\n1 lot_number BD-2"),
    Notice("两张表各一个标段", AWARD, table("标段名称|一标段", f"中标人|{A}", "中标价（元）|100000") + table("标段名称|二标段", f"中标人|{B}", "中标价（元）|200000"), "award", f"winner {A}\namount 100000.00\n1 winner {B}\n1 amount 200000.00"),
    Notice("终止公告提到中标人", "某项目终止公告", f"因中标人{A}放弃中标，本项目终止。中标人：{A}\n中标价：100万元", "failed", ""),
    Notice("采购意向的预算", "某局2025年3月政府采购意向公开", table("序号|采购项目名称|采购需求概况|预算金额（万元）|预计采购时间", "1|某系统运维|运维服务|120|2025年4月"), "plan", "budget 1200000.00"),
    Notice("合同公告：甲乙双方", "某项目采购合同公告", f"采购人（甲方）：云州市某局\n供应商（乙方）：{A}\n合同金额：35.6万元\n合同签订日期：2025年3月1日", "contract", f"winner {A}\namount 356000.00\nbuyer 云州市某局"),
    Notice("履约保证金写在中标公告里", AWARD, f"中标人：{A}\n中标价：100万元\n中标人须在签订合同前提交中标价10%的履约保证金。", "award", f"winner {A}\namount 1000000.00\nguarantee performance"),
    Notice("长脚注里的其他公司", AWARD, f"中标人：{A}\n中标价：100万元\n说明：投标人{B}因资格不符被否决。异议请向某某招标代理有限公司提出。", "award", f"winner {A}\namount 1000000.00"),
)  # fmt: skip
