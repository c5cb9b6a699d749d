"""What a notice is about (行业): one table for all of tenders. Codes as in GB/T 4754: a section's letter, then digits.

What begins with a code lies within it: E is all of construction, E48 civil engineering. The words are looked for in the
title and the project's name; of several trades the one whose word stands last wins, since Chinese names end in
what they are (医院信息化项目监理 is supervision). Words of a whole section count only where nothing closer is told.
"""

# ruff: noqa: E501  (a table is read across)

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Trade:
    """One trade: its code, what it is called, and the words that tell it."""

    code: str
    label: str | Promise
    words: str = ""


TABLE: tuple[Trade, ...] = (
    Trade("A", _("农林牧渔"), r"种苗|苗木采购|种子采购|农业种植|造林|营林|鱼苗|饲料|畜禽"),
    Trade("C", _("货物和制造"), r"(?:家具|服装|被服|图书|教材|耗材|食材|药品|试剂|材料|钢管|水泥|沥青|管材|物资)(?:[^，。]{0,6}(?:采购|供应|供货))?|办公用品"),
    Trade("C35", _("专用设备"), r"(?:环卫|消防|厨房|厨具|实训|实验室?|教学|机电|制冷|热水|专用)(?:设施)?设备|(?:车辆|电梯|锅炉|水泵|机械)(?:设备)?(?:采购|购置)"),
    Trade("C358", _("医疗设备"), r"医疗(?:仪器|设备|器械)|(?:超声|核磁|磁共振|CT|DR|麻醉机|呼吸机|内窥镜|检验)(?:设备|系统|仪)?[^，。]{0,6}采购|手术(?:床|灯)"),
    Trade("D", _("电力、热力、燃气和水"), r"(?:供热|供电|供气|燃气|供水)(?:服务|运营|特许经营)|光伏发电|风电场|充电桩"),
    Trade("E", _("建筑业"), r"EPC|工程总承包|设计施工总承包|施工|改(?:扩)?建工程|建设工程|新建工程|建设项目|修缮|维修改造|改造(?:工程|项目)|提升工程|整治工程|工程(?=$|[（(\[]|中标|项目)"),
    Trade("E47", _("房屋建筑"), r"(?:房|楼|宿舍|住宅|厂房|校区|院区|小区|安置房|综合楼|教学楼|学校|医院|商品房)[^，。、]{0,12}(?:建设|新建|扩建|施工|工程)|房屋建筑|老旧小区"),
    Trade("E481", _("道路、桥梁和隧道"), r"(?:道路|公路|桥梁|大桥|隧道|路面|乡道|国道|省道|高速|[东南西北大]路|轨道|铁路|地铁|街道)[^，。、]{0,14}(?:工程|施工|改造|建设|养护|维修|整治|项目)"),
    Trade("E482", _("水利和水运"), r"(?:水利|水库|河道|灌区|堤防|防洪|排涝|水闸|泵站|港口|码头|航道|流域|水系|农田|土地(?:开发|整治|整理))[^，。、]{0,14}(?:工程|施工|治理|加固|整治|建设|项目)"),
    Trade("E485", _("管线和电力工程"), r"(?:管网|管道|管线|给排水|供水|排水|雨污|污水|燃气|供电|配电|输变电|电力|线路)[^，。、]{0,12}(?:工程|施工|改造|建设|迁改|安装)"),
    Trade("E489", _("园林、环境和其他土木"), r"(?:园林|绿化|景观|公园|广场|生态修复|环境治理|矿山)[^，。、]{0,10}(?:工程|施工|建设|提升|改造|修复)"),
    Trade("E49", _("设备和智能化安装"), r"(?:安装工程|智能化|弱电|消防|机电|暖通|空调|净化|亮化)[^，。、]{0,8}(?:工程|施工|安装|改造)"),
    Trade("E50", _("装饰装修"), r"(?:装饰|装修|幕墙|装潢)[^，。、]{0,8}(?:工程|施工|改造|项目)?"),
    Trade("G", _("运输和仓储"), r"(?:运输|物流|配送|仓储|租车|通勤)(?:服务|项目|车)?"),
    Trade("H62", _("餐饮"), r"(?:食堂|餐饮|配餐)[^，。]{0,6}(?:服务|承包|托管|经营)"),
    Trade("I65", _("软件和信息技术"), r"信息化|信息系统|管理系统|软件|平台(?:建设|开发|运维)|数字化|智慧|系统集成|数据(?:治理|服务|中心)|网络安全|等保|云服务|服务器|计算机|信息(?:技术|安全)"),
    Trade("J", _("金融和保险"), r"保险(?:服务|采购|项目)|银行(?:服务|账户|存款)|贷款|债券|资金存放|公款竞争性存放"),
    Trade("K70", _("物业"), r"物业(?:管理)?(?:服务)?|保洁|安保服务|后勤服务"),
    Trade("L72", _("商务服务"), r"(?:审计|法律|律师|会计|评估|咨询|代理机构|招标代理|策划|宣传|会展|保安|人力资源|劳务派遣|洗涤|印刷|租赁|广告)(?:服务|项目|外包|采购|机构)?"),
    Trade("M73", _("研究和检测"), r"(?:检测|检验检测|监测|测绘|测量|试验|环评|安全评价|科研)(?:服务|项目|技术)?"),
    Trade("M7481", _("工程监理和管理"), r"监理|全过程(?:工程)?咨询|项目管理服务|造价咨询|代建"),
    Trade("M7483", _("勘察设计"), r"勘察|设计(?=服务|项目|$|[（(]|、|中标|及|采购)|勘测设计|规划(?:编制|设计)|可行性研究|施工图审查"),
    Trade("N77", _("生态和环境服务"), r"(?:污水处理|垃圾|固废|危废|医疗废物)[^，。、]{0,6}(?:处置|处理|清运|运营|服务)|环境(?:咨询|监测)服务"),
    Trade("N78", _("环卫和养护"), r"环卫|清扫保洁|绿化养护|(?:道路|公园|设施)管养|养护服务"),
    Trade("P", _("教育和培训"), r"培训(?:服务|项目)?|研学|课程开发|考试服务"),
    Trade("Q", _("卫生"), r"体检|医养|诊疗服务|检验外送|疫苗"),
    Trade("R", _("文化和体育"), r"演出|展陈|布展|文艺|赛事|体育器材|文物保护"),
)  # fmt: skip
TRADES = {trade.code: trade.label for trade in TABLE}
_WORDS = [(trade.code, re.compile(trade.words, re.IGNORECASE)) for trade in TABLE]


def trade_of(words: str) -> tuple[str, int, int] | None:
    """Return (code, start, end) of the trade that `words` tell, None when they tell none."""
    met = [(code, one) for code, known in _WORDS for one in known.finditer(words[:600])]
    if not met:
        return None
    _close, end, code, start = max((code not in ("C", "E"), one.end(), code, one.start()) for code, one in met)
    return code, start, end


def trade_label(code: str) -> str:
    """Return what a trade is called, the code itself where no table knows it."""
    return str(TRADES.get(code, code))
