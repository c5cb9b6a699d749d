"""A labelled set of papers, drawn: ten types with invented firms, and the wear that scans and photos have.

`draw(kind, chance)` returns (picture, labels): what stands in each field, in the form in which the readers tell it
(amounts in 分, days in ISO, names bare of blanks, cells of statements as "item|column"). `WEAR` are the ways in which
a paper suffers. Everything comes of the `random.Random` that is handed in: the same seed draws the same papers.
"""

# ruff: noqa: E501  (a table is read across)

import io
import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = Path("node_modules/@expo-google-fonts")
FACES = {
    "sans": FONTS / "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "serif": FONTS / "noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf",
    "bold": FONTS / "noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf",
}
Labels = dict[str, str]
INK = (25, 25, 30)


@cache
def face(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FACES[name]), size)


class Paper:
    """A white page to write on."""

    def __init__(self, wide: int, high: int, ground: tuple[int, int, int] = (252, 252, 250)) -> None:
        self.picture = Image.new("RGB", (wide, high), ground)
        self.pen = ImageDraw.Draw(self.picture)

    def put(
        self, x: int, y: int, text: str, size: int = 26, name: str = "serif", ink: Any = INK, at: str = "la"
    ) -> None:
        self.pen.text((x, y), text, font=face(name, size), fill=ink, anchor=at)

    def table(self, left: int, top: int, columns: list[int], rows: list[int]) -> None:
        """Draw the lines of a table: widths and heights."""
        xs, ys = [left], [top]
        for width in columns:
            xs.append(xs[-1] + width)
        for height in rows:
            ys.append(ys[-1] + height)
        for x in xs:
            self.pen.line((x, top, x, ys[-1]), fill=(90, 90, 90), width=1)
        for y in ys:
            self.pen.line((left, y, xs[-1], y), fill=(90, 90, 90), width=1)


# invented firms and figures

PLACES = ("云州", "江北", "临港", "青石", "白鹭", "海宁", "长乐", "南浔")
WORDS = "恒宏远达通盛泰嘉禾瑞丰华鼎信中天大路建工启明德润"
TRADES = ("路桥工程", "市政建设", "建筑工程", "水利工程", "园林绿化", "钢结构", "机电安装", "装饰工程")
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英建国志文辉"
WORKS = (
    "市政道路改造工程",
    "污水处理厂扩建工程",
    "小学教学楼新建工程",
    "滨河绿化提升工程",
    "安置房二期施工",
    "排水管网改造项目",
)


def firm(chance: random.Random) -> str:
    return f"{chance.choice(PLACES)}{''.join(chance.sample(WORDS, 2))}{chance.choice(TRADES)}有限公司"


def person(chance: random.Random) -> str:
    return chance.choice(FAMILY) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))


def credit_code(chance: random.Random) -> str:
    from xinshu.core import uscc

    body = "".join(chance.choice("0123456789") for _n in range(2)) + "".join(
        chance.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _n in range(6)
    )
    code = "91" + chance.choice(("3301", "5101", "3205", "4403")) + f"{chance.randrange(1, 30):02d}" + body
    code += uscc.organisation_check_digit(body)
    return code + uscc.check_digit(code)


def resident(chance: random.Random) -> str:
    from xinshu.core import resident_id

    body = f"{chance.choice(('330102', '510104', '320508'))}{chance.randrange(1962, 2001)}{chance.randrange(1, 13):02d}"
    body += f"{chance.randrange(1, 29):02d}{chance.randrange(1000):03d}"
    return body + resident_id.check_character(body)


def day(chance: random.Random, first: int = 2015, last: int = 2026) -> date:
    return date(first, 1, 1) + timedelta(days=chance.randrange((last - first) * 365))


def zh(one: date) -> str:
    return f"{one.year}年{one.month:02d}月{one.day:02d}日"


def yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def capitals(fen: int) -> str:
    from xinshu.core.capitals import capitals as written

    return written(fen)


# the papers


def licence(chance: random.Random) -> tuple[Paper, Labels]:
    paper = Paper(1400, 980, (250, 248, 240))
    told = {"legal_name": firm(chance), "uscc": credit_code(chance), "legal_representative": person(chance)}
    capital, born = chance.choice((5, 8, 10, 20, 50, 60, 80, 108)) * 100_000_000, day(chance, 2000, 2022)
    place = f"{chance.choice(PLACES)}市{chance.choice(('东门', '港城', '学府', '滨河'))}路{chance.randrange(1, 999)}号{chance.randrange(1, 30)}层"
    paper.pen.rectangle((30, 30, 1370, 950), outline=(170, 140, 70), width=6)
    paper.put(700, 90, "营  业  执  照", 74, "bold", at="ma")
    paper.put(700, 190, "（副 本）", 26, at="ma")
    paper.put(80, 110, "统一社会信用代码", 24)
    paper.put(80, 146, told["uscc"], 27, "sans")
    words = capitals(capital).removeprefix("人民币")
    left = [("名        称", told["legal_name"]), ("类        型", "有限责任公司(自然人投资或控股)"),
            ("法定代表人", told["legal_representative"]), ("经 营 范 围", "许可项目：建设工程施工；建筑劳务分包。"), ]  # fmt: skip
    right = [
        ("注 册 资 本", words),
        ("成 立 日 期", zh(born)),
        ("营 业 期 限", zh(born) + "至长期"),
        ("住        所", place),
    ]
    for rows, x, step in ((left, 90, 190), (right, 740, 170)):
        for number, (label, value) in enumerate(rows):
            paper.put(x, 300 + 84 * number, label, 25, ink=(150, 110, 40))
            paper.put(x + step, 300 + 84 * number, value, 25)
    paper.put(960, 760, "登记机关", 27)
    paper.put(940, 850, zh(born + timedelta(days=900)), 25)
    labels = told | {"registered_capital": str(capital), "established_on": born.isoformat(), "address": place,
                     "enterprise_type": "有限责任公司(自然人投资或控股)"}  # fmt: skip
    return paper, labels


def identity(chance: random.Random) -> tuple[Paper, Labels]:
    paper = Paper(1010, 640, (228, 238, 244))
    number, name = resident(chance), person(chance)
    for x, y, label, value in (
        (70, 70, "姓 名", name), (70, 150, "性 别", chance.choice("男女")), (300, 150, "民 族", "汉"),
        (70, 230, "出 生", f"{number[6:10]} 年 {int(number[10:12])} 月 {int(number[12:14])} 日"),
        (70, 315, "住 址", f"{chance.choice(PLACES)}市{chance.choice(PLACES)}区新华路"),
    ):  # fmt: skip
        paper.put(x, y, label, 26, "sans", (60, 110, 170))
        paper.put(x + 105, y - 4, value, 30, "sans")
    paper.put(
        175, 360, f"{chance.randrange(1, 300)}号{chance.randrange(1, 20)}幢{chance.randrange(101, 999)}室", 30, "sans"
    )
    paper.pen.rectangle((680, 80, 930, 420), fill=(190, 200, 206))
    paper.put(70, 530, "公民身份号码", 26, "sans", (60, 110, 170))
    paper.put(330, 524, number, 38, "sans")
    return paper, {"name": name, "number": f"{number[:6]}********{number[-4:]}"}


def award(chance: random.Random) -> tuple[Paper, Labels]:
    paper = Paper(1240, 1754)
    project = f"{chance.choice(PLACES)}区{chance.choice(WORKS)}"
    buyer, winner = f"{chance.choice(PLACES)}城市投资建设有限公司", firm(chance)
    fen, on, number = (
        chance.randrange(2_000_000_00, 300_000_000_00),
        day(chance, 2024),
        f"YZ{chance.randrange(10**9, 10**10)}",
    )
    term = chance.randrange(60, 900)
    paper.put(620, 160, "中 标 通 知 书", 58, "bold", at="ma")
    paper.put(1090, 280, f"招标编号：{number}", 28, at="ra")
    paper.put(140, 350, f"{winner}：", 32)
    for line, text in enumerate((
        "你方于近日所递交的投标文件已被我方接受，被确定为中标人。",
        f"工程名称：{project}",
        f"中 标 价：{yuan(fen)} 元",
        f"（大写）{capitals(fen)}",
        f"工    期：{term} 日历天",
        "工程质量：符合国家验收合格标准",
        f"项目经理：{person(chance)}",
        "请你方在接到本通知书后的 30 日内到我方签订承包合同。",
    )):  # fmt: skip
        paper.put(140 if line in (1, 2, 3, 4, 5, 6) else 204, 430 + 76 * line, text, 32)
    paper.put(600, 1180, f"招标人：{buyer}", 30)
    paper.put(600, 1260, "（盖单位章）", 28)
    paper.put(1080, 1360, zh(on), 30, at="ra")
    return paper, {"project": project, "project_number": number, "buyer": buyer, "winner": winner, "amount": str(fen),
                   "awarded_on": on.isoformat(), "contract_days": str(term)}  # fmt: skip


def invoice(chance: random.Random) -> tuple[Paper, Labels]:
    paper, brown = Paper(1700, 1060), (140, 80, 30)
    net, rate = chance.randrange(500_00, 900_000_00), chance.choice((3, 6, 9, 13))
    tax = (net * rate + 50) // 100
    buyer, seller, on = firm(chance), firm(chance), day(chance, 2021)
    codes = credit_code(chance), credit_code(chance)
    number = "".join(chance.choice("0123456789") for _n in range(20))
    paper.put(850, 50, "电子发票（增值税专用发票）", 48, "serif", brown, at="ma")
    paper.put(1250, 70, f"发票号码：{number}", 26, "sans")
    paper.put(1250, 120, f"开票日期：{zh(on)}", 26, "sans")
    paper.table(50, 190, [60, 740, 60, 740], [190])
    for x, head, name, code in ((50, "购买方信息", buyer, codes[0]), (850, "销售方信息", seller, codes[1])):
        for at, sign in enumerate(head):
            paper.put(x + 20, 200 + 34 * at, sign, 24, "serif", brown)
        paper.put(x + 80, 215, f"名称：{name}", 27)
        paper.put(x + 80, 310, f"统一社会信用代码/纳税人识别号：{code}", 25, "sans")
    paper.table(50, 380, [1600], [330, 70, 120])
    for x, head in (
        (90, "项目名称"),
        (470, "规格型号"),
        (640, "单 位"),
        (780, "数 量"),
        (930, "单 价"),
        (1170, "金 额"),
        (1330, "税率/征收率"),
        (1570, "税 额"),
    ):
        paper.put(x, 392, head, 24, "serif", brown)
    paper.put(90, 440, "*建筑服务*工程服务", 25)
    paper.put(1240, 440, yuan(net), 25, "sans", at="ra")
    paper.put(1390, 440, f"{rate}%", 25, "sans")
    paper.put(1635, 440, yuan(tax), 25, "sans", at="ra")
    paper.put(140, 668, "合          计", 25, "serif", brown)
    paper.put(1240, 668, "¥" + yuan(net), 25, "sans", at="ra")
    paper.put(1635, 668, "¥" + yuan(tax), 25, "sans", at="ra")
    paper.put(100, 728, "价税合计（大写）", 26, "serif", brown)
    paper.put(480, 728, capitals(net + tax).removeprefix("人民币"), 27)
    paper.put(1180, 728, "（小写）", 26, "serif", brown)
    paper.put(1300, 728, "¥" + yuan(net + tax), 27, "sans")
    paper.put(80, 800, "备注：建筑服务发生地、项目名称见清单", 24)
    drawer = person(chance)
    paper.put(100, 950, f"开票人：{drawer}", 26)
    return paper, {
        "invoice_type": "电子发票(增值税专用发票)", "invoice_number": number, "issued_on": on.isoformat(), "buyer_name": buyer,
        "buyer_code": codes[0], "seller_name": seller, "seller_code": codes[1], "net": str(net), "tax": str(tax),
        "rate": f"{rate}%", "total": str(net + tax), "drawer": drawer,
    }  # fmt: skip


def contract(chance: random.Random) -> tuple[Paper, Labels]:
    paper = Paper(1240, 1754)
    project, number = (
        f"{chance.choice(PLACES)}区{chance.choice(WORKS)}",
        f"GF-{chance.randrange(2020, 2027)}-{chance.randrange(1000, 9999)}",
    )
    owner, builder = f"{chance.choice(PLACES)}城市投资建设有限公司", firm(chance)
    fen, on, term = chance.randrange(1_000_000_00, 200_000_000_00), day(chance, 2022), chance.randrange(60, 900)
    starts = on + timedelta(days=chance.randrange(7, 60))
    ends = starts + timedelta(days=term - 1)
    paper.put(620, 120, "建设工程施工合同", 54, "bold", at="ma")
    paper.put(1090, 220, f"合同编号：{number}", 27, at="ra")
    for line, text in enumerate((
        f"发包人（全称）：{owner}",
        f"承包人（全称）：{builder}",
        "根据《中华人民共和国民法典》及有关法律规定，双方达成如下协议：",
        "一、工程概况",
        f"1. 工程名称：{project}。",
        "2. 工程地点：云州市。",
        "二、合同工期",
        f"计划开工日期：{zh(starts)}。",
        f"计划竣工日期：{zh(ends)}。",
        f"工期总日历天数：{term} 天。",
        "三、签约合同价与合同价格形式",
        "签约合同价为：",
        f"人民币（大写）{capitals(fen).removeprefix('人民币')}（¥{yuan(fen)} 元）；",
        "其中：安全文明施工费按规定计取。",
        f"四、签订时间：本合同于 {zh(on)} 签订。",
        f"发包人：{owner}（公章）",
        f"承包人：{builder}（公章）",
    )):  # fmt: skip
        paper.put(130, 290 + 78 * line, text, 29)
    return paper, {"project": project, "contract_number": number, "party_a": owner, "party_b": builder, "amount": str(fen),
                   "signed_on": on.isoformat(), "starts_on": starts.isoformat(), "ends_on": ends.isoformat(),
                   "contract_days": str(term)}  # fmt: skip


def certificate(chance: random.Random) -> tuple[Paper, Labels]:
    paper = Paper(1500, 1060, (250, 250, 244))
    told = {"legal_name": firm(chance), "uscc": credit_code(chance), "legal_representative": person(chance)}
    number, until = f"D{chance.randrange(10**8, 10**9)}", day(chance, 2026, 2031)
    scope = chance.choice(
        ("市政公用工程施工总承包壹级", "建筑工程施工总承包贰级", "水利水电工程施工总承包叁级", "公路工程施工总承包贰级")
    )
    place = f"{chance.choice(PLACES)}市{chance.choice(('东门', '港城', '学府', '滨河'))}路{chance.randrange(1, 999)}号"
    paper.put(750, 90, "建筑业企业资质证书", 62, "bold", at="ma")
    paper.put(750, 180, "（副本）", 28, at="ma")
    for line, (label, value) in enumerate((
        ("企业名称", told["legal_name"]), ("统一社会信用代码", told["uscc"]), ("法定代表人", told["legal_representative"]),
        ("详细地址", place), ("证书编号", number), ("资质类别及等级", scope), ("有效期", f"至 {zh(until)}"),
    )):  # fmt: skip
        paper.put(160, 280 + 84 * line, f"{label}：", 28)
        paper.put(470, 280 + 84 * line, value, 28)
    paper.put(1000, 880, "发证机关：云州市住房和城乡建设局", 26)
    paper.put(1120, 950, zh(until - timedelta(days=1825)), 26)
    return paper, told | {
        "address": place,
        "certificate_number": number,
        "qualification": scope,
        "valid_until": until.isoformat(),
    }


def receipt(chance: random.Random) -> tuple[Paper, Labels]:
    paper = Paper(1500, 900)
    payer, payee, fen = firm(chance), firm(chance), chance.randrange(1_000_00, 9_000_000_00)
    on, serial = day(chance, 2023), f"{chance.randrange(10**15, 10**16)}"
    accounts = [f"{chance.choice(('3301', '1202', '6222'))}{chance.randrange(10**14, 10**15)}" for _n in range(2)]
    paper.put(750, 60, "中国建设银行电子回单", 46, "bold", at="ma")
    paper.put(80, 150, f"交易日期：{zh(on)}", 26)
    paper.put(900, 150, f"交易流水号：{serial}", 26, "sans")
    paper.table(60, 200, [60, 150, 480, 60, 150, 480], [80, 80, 80])
    paper.table(60, 440, [210, 1170], [80, 80, 80])
    for x, side, name, account in ((60, "付款人", payer, accounts[0]), (750, "收款人", payee, accounts[1])):
        for at, sign in enumerate(side):
            paper.put(x + 18, 240 + 60 * at, sign, 26)
        for at, (label, value) in enumerate(
            (("全    称", name), ("账    号", account), ("开户银行", "中国建设银行云州分行"))
        ):
            paper.put(x + 74, 222 + 80 * at, label, 25)
            paper.put(x + 225, 222 + 80 * at, value, 26, "sans" if at == 1 else "serif")
    for at, (label, value) in enumerate(
        (("金额(大写)", capitals(fen)), ("金额(小写)", f"¥{yuan(fen)}"), ("摘    要", "工程款"))
    ):
        paper.put(85, 462 + 80 * at, label, 25)
        paper.put(300, 462 + 80 * at, value, 27)
    paper.put(80, 740, "重要提示：本回单可重复打印，请勿重复记账。", 22)
    return paper, {
        "payer": payer, "payee": payee, "amount": str(fen), "paid_on": on.isoformat(), "serial": serial,
        "payer_account": f"{accounts[0][:4]}****{accounts[0][-4:]}", "payee_account": f"{accounts[1][:4]}****{accounts[1][-4:]}",
        "purpose": "工程款",
    }  # fmt: skip


ASSETS = (("流动资产：", ("货币资金", "应收票据", "应收账款", "预付款项", "其他应收款", "存货"), "流动资产合计"),
          ("非流动资产：", ("长期股权投资", "固定资产", "在建工程", "无形资产", "递延所得税资产"), "非流动资产合计"))  # fmt: skip
DEBTS = (("流动负债：", ("短期借款", "应付票据", "应付账款", "应付职工薪酬", "应交税费", "其他应付款"), "流动负债合计"),
         ("非流动负债：", ("长期借款", "递延收益"), "非流动负债合计"))  # fmt: skip


def balance(chance: random.Random) -> tuple[Paper, Labels]:
    paper = Paper(1754, 1240)
    name, on = firm(chance), date(chance.randrange(2020, 2026), 12, 31)
    labels = {"legal_name": name, "period_end": on.isoformat()}
    columns = ("end", "begin")
    left: list[tuple[str, Any]] = []
    right: list[tuple[str, Any]] = []
    total = {}
    for column in columns:
        cells = {item: chance.randrange(10_000_00, 90_000_000_00) for _head, items, _sum in ASSETS for item in items}
        for _head, items, sum_of in ASSETS:
            cells[sum_of] = sum(cells[item] for item in items)
        cells["资产总计"] = cells["流动资产合计"] + cells["非流动资产合计"]
        debts = {
            item: chance.randrange(1_000_00, cells["资产总计"] // 16) for _head, items, _sum in DEBTS for item in items
        }
        for _head, items, sum_of in DEBTS:
            debts[sum_of] = sum(debts[item] for item in items)
        debts["负债合计"] = debts["流动负债合计"] + debts["非流动负债合计"]
        own = cells["资产总计"] - debts["负债合计"]
        debts["实收资本"], debts["盈余公积"] = own // 2, own // 10
        debts["未分配利润"] = own - own // 2 - own // 10
        debts["所有者权益合计"] = own
        debts["负债和所有者权益总计"] = cells["资产总计"]
        total[column] = cells | debts
    for head, items, sum_of in ASSETS:
        left += [(head, None), *((item, item) for item in items), (sum_of, sum_of)]
    left.append(("资产总计", "资产总计"))
    for head, items, sum_of in DEBTS:
        right += [(head, None), *((item, item) for item in items), (sum_of, sum_of)]
    right += [("负债合计", "负债合计"), ("所有者权益：", None)]
    right += [(item, item) for item in ("实收资本", "盈余公积", "未分配利润", "所有者权益合计", "负债和所有者权益总计")]
    paper.put(877, 50, "资 产 负 债 表", 46, "bold", at="ma")
    paper.put(70, 130, f"编制单位：{name}", 24)
    paper.put(877, 130, zh(on), 24, at="ma")
    paper.put(1680, 130, "单位：元", 24, at="ra")
    rows = max(len(left), len(right))
    paper.table(60, 170, [290, 250, 250, 330, 250, 250], [44] * (rows + 1))
    for x, head in (
        (80, "资产"),
        (390, "期末余额"),
        (640, "年初余额"),
        (870, "负债和所有者权益"),
        (1220, "期末余额"),
        (1470, "年初余额"),
    ):
        paper.put(x, 178, head, 23)
    for side, x, edges in ((left, 72, (590, 840)), (right, 862, (1420, 1670))):
        for number, (words, item) in enumerate(side):
            y = 170 + 44 * (number + 1) + 8
            paper.put(x, y, words if item is None or item.endswith(("合计", "总计")) else "  " + words, 22)
            if item is not None:
                for column, edge in zip(columns, edges, strict=True):
                    paper.put(edge, y, yuan(total[column][item]), 22, "sans", at="ra")
                    labels[f"{item}|{column}"] = str(total[column][item])
    return paper, labels


def _two_columns(
    chance: random.Random,
    title: str,
    heads: tuple[str, str],
    rows: list[tuple[str, str | None]],
    made: Callable[[], dict[str, int]],
) -> tuple[Paper, Labels]:
    paper = Paper(1240, 1754)
    name, year = firm(chance), chance.randrange(2020, 2026)
    labels = {"legal_name": name, "period_end": date(year, 12, 31).isoformat()}
    figures = {"this": made(), "last": made()}
    paper.put(620, 80, title, 44, "bold", at="ma")
    paper.put(70, 180, f"编制单位：{name}", 23)
    paper.put(700, 180, f"{year}年度", 23, at="ma")
    paper.put(1170, 180, "单位：元", 23, at="ra")
    step = min(54, 1420 // (len(rows) + 1))
    paper.table(60, 220, [560, 280, 280], [step] * (len(rows) + 1))
    for x, head in ((80, "项目"), (680, heads[0]), (960, heads[1])):
        paper.put(x, 220 + step // 5, head, 23)
    for number, (words, item) in enumerate(rows):
        y = 220 + step * (number + 1) + step // 5
        paper.put(76, y, words, 22)
        if item is not None:
            for column, edge in (("this", 890), ("last", 1170)):
                paper.put(edge, y, yuan(figures[column][item]), 22, "sans", at="ra")
                labels[f"{item}|{column}"] = str(figures[column][item])
    return paper, labels


def income(chance: random.Random) -> tuple[Paper, Labels]:
    def made() -> dict[str, int]:
        takings = chance.randrange(5_000_000_00, 400_000_000_00)
        some = {"营业收入": takings, "营业成本": takings * chance.randrange(70, 90) // 100}
        for item, part in (("税金及附加", 150), ("销售费用", 60), ("管理费用", 30), ("研发费用", 50), ("财务费用", 90)):
            some[item] = takings // part - chance.randrange(9999)
        some["其他收益"], some["投资收益"] = chance.randrange(90_000_00), chance.randrange(-200_000_00, 300_000_00)
        some["信用减值损失"] = -chance.randrange(80_000_00)
        some["营业利润"] = (
            2 * takings
            - sum(some[item] for item in OUT)
            - takings
            + sum(some[item] for item in ("其他收益", "投资收益", "信用减值损失"))
        )
        some["营业外收入"], some["营业外支出"] = chance.randrange(50_000_00), chance.randrange(50_000_00)
        some["利润总额"] = some["营业利润"] + some["营业外收入"] - some["营业外支出"]
        some["所得税费用"] = max(0, some["利润总额"]) // 4
        some["净利润"] = some["利润总额"] - some["所得税费用"]
        return some

    rows = [("一、营业收入", "营业收入"), ("减：营业成本", "营业成本"), *((f"    {item}", item) for item in OUT[1:]),
            ("加：其他收益", "其他收益"), ("    投资收益（损失以“-”号填列）", "投资收益"), ("    信用减值损失（损失以“-”号填列）", "信用减值损失"),
            ("二、营业利润（亏损以“-”号填列）", "营业利润"), ("加：营业外收入", "营业外收入"), ("减：营业外支出", "营业外支出"),
            ("三、利润总额（亏损总额以“-”号填列）", "利润总额"), ("减：所得税费用", "所得税费用"), ("四、净利润（净亏损以“-”号填列）", "净利润")]  # fmt: skip
    return _two_columns(chance, "利  润  表", ("本期金额", "上期金额"), rows, made)


OUT = ("营业成本", "税金及附加", "销售费用", "管理费用", "研发费用", "财务费用")
FLOWS = (
    ("经营", ("销售商品、提供劳务收到的现金", "收到的税费返还", "收到其他与经营活动有关的现金"),
     ("购买商品、接受劳务支付的现金", "支付给职工以及为职工支付的现金", "支付的各项税费", "支付其他与经营活动有关的现金")),
    ("投资", ("收回投资收到的现金", "取得投资收益收到的现金"),
     ("购建固定资产、无形资产和其他长期资产支付的现金", "投资支付的现金")),
    ("筹资", ("吸收投资收到的现金", "取得借款收到的现金"),
     ("偿还债务支付的现金", "分配股利、利润或偿付利息支付的现金")),
)  # fmt: skip


def cash(chance: random.Random) -> tuple[Paper, Labels]:
    def made() -> dict[str, int]:
        some: dict[str, int] = {}
        for name, into, out in FLOWS:
            some |= {item: chance.randrange(10_000_00, 30_000_000_00) for item in (*into, *out)}
            some[f"{name}活动现金流入小计"] = sum(some[item] for item in into)
            some[f"{name}活动现金流出小计"] = sum(some[item] for item in out)
            some[f"{name}活动产生的现金流量净额"] = some[f"{name}活动现金流入小计"] - some[f"{name}活动现金流出小计"]
        some["现金及现金等价物净增加额"] = sum(some[f"{name}活动产生的现金流量净额"] for name, _i, _o in FLOWS)
        some["期初现金及现金等价物余额"] = chance.randrange(1_000_000_00, 90_000_000_00)
        some["期末现金及现金等价物余额"] = some["现金及现金等价物净增加额"] + some["期初现金及现金等价物余额"]
        return some

    rows: list[tuple[str, str | None]] = []
    for numeral, (name, into, out) in zip("一二三", FLOWS, strict=True):
        rows += [(f"{numeral}、{name}活动产生的现金流量：", None), *((f"  {item}", item) for item in into),
                 (f"    {name}活动现金流入小计", f"{name}活动现金流入小计"), *((f"  {item}", item) for item in out),
                 (f"    {name}活动现金流出小计", f"{name}活动现金流出小计"),
                 (f"  {name}活动产生的现金流量净额", f"{name}活动产生的现金流量净额")]  # fmt: skip
    rows += [("四、现金及现金等价物净增加额", "现金及现金等价物净增加额"), ("加：期初现金及现金等价物余额", "期初现金及现金等价物余额"),
             ("五、期末现金及现金等价物余额", "期末现金及现金等价物余额")]  # fmt: skip
    return _two_columns(chance, "现 金 流 量 表", ("本期金额", "上期金额"), rows, made)


DRAWN: dict[str, Callable[[random.Random], tuple[Paper, Labels]]] = {
    "licence": licence, "identity": identity, "award": award, "invoice": invoice, "contract": contract,
    "certificate": certificate, "receipt": receipt, "balance": balance, "income": income, "cash": cash,
}  # fmt: skip


def draw(kind: str, chance: random.Random) -> tuple[Image.Image, Labels]:
    """Return a paper of this kind and what stands on it."""
    paper, labels = DRAWN[kind](chance)
    return paper.picture, labels


# wear


def clean(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A good scan: level within half a degree, a breath of blur."""
    return picture.rotate(chance.uniform(-0.4, 0.4), Image.Resampling.BICUBIC, fillcolor=(250, 250, 250)).filter(
        ImageFilter.GaussianBlur(0.4)
    )


def skewed(picture: Image.Image, chance: random.Random) -> Image.Image:
    angle = chance.choice((-1, 1)) * chance.uniform(1.5, 6)
    return picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=(235, 235, 235))


def turned(picture: Image.Image, chance: random.Random) -> Image.Image:
    return picture.rotate(chance.choice((90, 180, 270)), expand=True)


def noisy(picture: Image.Image, chance: random.Random) -> Image.Image:
    import numpy as np

    grain = np.random.default_rng(chance.randrange(2**32))
    seen = np.asarray(picture).astype(np.int16) + grain.normal(0, 16, (*picture.size[::-1], 1)).astype(np.int16)
    return Image.fromarray(seen.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))


def stamped(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A red seal or two over the writing, as ink lies on ink."""
    from PIL import ImageChops

    ink = Image.new("RGB", picture.size, "white")
    pen = ImageDraw.Draw(ink)
    for _n in range(2):
        size = chance.randrange(110, 150)
        x, y = chance.randrange(size, picture.width - size), chance.randrange(size, picture.height - size)
        pen.ellipse((x - size, y - size, x + size, y + size), outline=(225, 40, 45), width=7)
        pen.text((x, y), "★", font=face("sans", 70), fill=(225, 40, 45), anchor="mm")
        pen.text((x, y + size // 2), "合同专用章", font=face("bold", 30), fill=(225, 40, 45), anchor="mm")
    return ImageChops.multiply(picture, ink)


def dark(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Low light from one side."""
    import numpy as np

    light = np.linspace(chance.uniform(0.28, 0.4), chance.uniform(0.6, 0.8), picture.width)[None, :, None]
    seen = np.asarray(picture) * light * np.array([1.0, 0.95, 0.84])
    return Image.fromarray(seen.clip(0, 255).astype(np.uint8))


def folded(picture: Image.Image, chance: random.Random) -> Image.Image:
    import numpy as np

    seen = np.asarray(picture).astype(float)
    for axis in (0, 1):
        at, side = int(seen.shape[axis] * chance.uniform(0.3, 0.7)), np.arange(seen.shape[axis])
        shade = 1 - 0.35 * np.exp(-(((side - at) / 5.0) ** 2)) - 0.12 * np.exp(-np.abs(side - at) / 60.0) * (side > at)
        seen *= shade[:, None, None] if axis == 0 else shade[None, :, None]
    return Image.fromarray(seen.clip(0, 255).astype(np.uint8))


def squeezed(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Sent through a messenger: smaller, and a poor JPEG."""
    small = picture.resize((int(picture.width * 0.8), int(picture.height * 0.8)), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=chance.randrange(28, 40))
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


WEAR: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "clean": clean, "skewed": skewed, "turned": turned, "noisy": noisy, "stamped": stamped, "dark": dark, "folded": folded,
    "squeezed": squeezed,
}  # fmt: skip
