"""The linter of letters' texts (文本检查): every finding with its place, its rule, why (law), and how to mend it. Pure.

Errors keep a text from being activated; a warning wants somebody's answer. Sources: domain.md 3.1 to 3.3;
民法典 386, 682-701; 最高人民法院关于审理独立保函纠纷案件若干问题的规定 (法释〔2016〕24号); 法释〔2020〕28号; 保险法 23; URDG 758.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.money import yuan
from xinshu.guarantees.kinds import SECRET, Kind, Nature
from xinshu.guarantees.letters.library import TYPED
from xinshu.guarantees.letters.texts import PLACE, REDUCTIONS, REQUIRED, Text, form_of, places_of
from xinshu.guarantees.letters.wording import ON_DEMAND, Terms, amounts_in_words, clauses, kind_of, nature_of, said

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ERROR, WARNING = "error", "warning"
LEVELS: dict[str, "StrOrPromise"] = {ERROR: lazy("要改"), WARNING: lazy("要说明")}
INDEPENDENT, ACCESSORY, INSURANCE = "independent", "accessory", "insurance"
EVERY = (INDEPENDENT, ACCESSORY, INSURANCE)
SURETY, BANKS, INSURERS = (ACCESSORY,), (INDEPENDENT,), (INSURANCE,)
NATURES = {INDEPENDENT: Nature.INDEPENDENT, ACCESSORY: Nature.JOINT, INSURANCE: Nature.INSURANCE}


@dataclass(frozen=True)
class Remark:
    """One finding: where in the text, by which rule, how grave, what, why, and what to do about it."""

    rule: str
    level: str
    place: str
    message: str
    why: str
    mend: str


@dataclass(frozen=True)
class Words:
    """A rule on words: those that a text of these forms must have, or must not have (negated ones do not count)."""

    rule: str
    level: str
    forms: tuple[str, ...]
    pattern: str
    why: "StrOrPromise"
    mend: "StrOrPromise"
    message: "StrOrPromise" = ""  # of those that must be there


_ART3 = lazy("法释〔2016〕24号第3条：写明见索即付并写明付款所需单据和最高金额的，才是独立保函。")
_686 = lazy("民法典第686条：保证方式没有约定或者约定不明确的，按一般保证承担责任。")
_682 = lazy(
    "民法典第682条、法释〔2020〕28号第2条：约定担保合同独立于主合同的，该约定无效；独立保函只能由金融机构开立。"
)
_CAP = lazy("法释〔2016〕24号第3条；最高金额是额度、集中度和保费的依据，不封顶的承诺不能入账。")

# ruff: noqa: E501  (tables are read across)
WANTED = (
    Words(
        "nature.demand",
        ERROR,
        BANKS,
        r"见索即付|URDG\s*758|独立于基础.*相符交单",
        _ART3,
        lazy("写上“在最高担保金额内见索即付”。"),
        lazy("没有写见索即付。"),
    ),
    Words(
        "nature.manner",
        ERROR,
        SURETY,
        r"连带责任保证",
        _686,
        lazy("写上“承担连带责任保证”。"),
        lazy("没有写明保证方式“连带责任保证”。"),
    ),
    Words(
        "nature.policy",
        ERROR,
        INSURERS,
        r"保险条款|保险合同",
        lazy("保险法第17条、第136条：按经备案的保险条款承担责任。"),
        lazy("写明“按照经备案的保险条款在保险金额内承担赔偿责任”。"),
        lazy("没有提到经备案的保险条款。"),
    ),
    Words(
        "amount.maximum",
        ERROR,
        (*BANKS, *SURETY),
        r"最高担保金额|最高金额",
        _CAP,
        lazy("写上“最高担保金额为人民币 {金额} 元（大写：{大写}）”。"),
        lazy("没有写最高担保金额。"),
    ),
    Words(
        "amount.maximum",
        ERROR,
        INSURERS,
        r"最高担保金额|最高金额|保险金额",
        _CAP,
        lazy("写上“最高担保金额为人民币 {金额} 元（大写：{大写}）”。"),
        lazy("没有写最高金额或保险金额。"),
    ),
    Words(
        "demand.notice",
        ERROR,
        (*BANKS, *SURETY),
        r"索赔通知|付款请求|单据",
        _ART3,
        lazy("写明凭什么付款，例如“收到贵方提交的书面索赔通知后”。"),
        lazy("正文没有写凭什么单据付款。"),
    ),
    Words(
        "expiry.where",
        WARNING,
        EVERY,
        r"送达|提交|交单|寄达",
        lazy("URDG 758 第2、14条：到期当天按交单地的营业时间计算，没有交单地点会有争议。"),
        lazy("写明索赔应送达何处，例如“于该日营业结束前送达我方”。"),
        lazy("没有写索赔送达到哪里。"),
    ),
)
FORBIDDEN = (
    # the nature: words that would make it another promise
    Words("nature.contradiction", ERROR, BANKS, r"连带责任|一般保证|保证责任|先诉抗辩|保证期间", lazy("法释〔2016〕24号第3条：保证性质的用语与独立付款承诺矛盾，法院可能按保证处理。"), lazy("删去保证性质的用语，只写见索即付的付款承诺。")),
    Words("nature.facts", WARNING, BANKS, r"经核实|核实后|经(?:我方|申请人)(?:确认|同意)|(?:生效|终审)(?:判决|裁决)|仲裁裁决", lazy("独立保函只审查单据表面（法释〔2016〕24号第6条、URDG 758 第7条）；要求查明事实或另取判决，会使受益人在到期前无法交单。"), lazy("改为凭单据付款；确需判决或裁决的，说明理由。")),
    Words("nature.general", ERROR, SURETY, r"一般保证|先诉抗辩权", lazy("民法典第687条：一般保证有先诉抗辩权，与连带责任保证矛盾。"), lazy("只写连带责任保证。")),
    Words(ON_DEMAND, WARNING, SURETY, r"见索即付", lazy("法释〔2016〕24号第1条：独立保函由银行或非银行金融机构开立；担保公司写“见索即付”的，通行观点按从属担保处理，也有相反观点。"), lazy("改用连带责任保证的文本；确需保留的，写明法律意见编号。")),
    Words("nature.independence", ERROR, SURETY, r"独立于(?:基础|主)(?:交易|合同)|不受(?:基础|主)合同(?:的)?(?:效力|有效|无效)?(?:性)?(?:的)?影响|主合同无效.{0,12}(?:继续|仍然?)(?:有效|承担)", _682, lazy("删去独立性的约定。")),
    Words("nature.unconditional", ERROR, SURETY, r"无条件", _682, lazy("删去“无条件”，写明收到索赔通知和证明材料、核实后支付。")),
    Words("nature.irrevocable", WARNING, SURETY, r"不可撤销", lazy("“不可撤销”是独立保函的用语（法释〔2016〕24号第4条），在保证里没有效力，容易被当作独立保函。"), lazy("删去，或说明为什么保留。")),
    Words("nature.contradiction", ERROR, INSURERS, r"连带责任|一般保证|无条件", lazy("保证保险按保险法和保险条款承担赔偿责任，不是保证；用语矛盾会引起定性争议。"), lazy("改为按保险条款承担赔偿责任。")),
    Words("nature.on_demand_insured", WARNING, INSURERS, r"见索即付", lazy("保险法第23条：保险人须核定损失；见索即付的约定可能与备案条款冲突。"), lazy("改为按保险条款核定赔付；备案条款有此约定的，写明备案号。")),
    Words("nature.revocable", ERROR, EVERY, r"(?<!不)可撤销|随时撤销|单方(?:撤销|解除|终止)", lazy("法释〔2016〕24号第4条：写明可撤销的不能作为独立保函；可以随时收回的承诺对受益人没有价值。"), lazy("删去可撤销的约定。")),
    # the amount
    Words("amount.unlimited", ERROR, EVERY, r"无限(?:连带)?责任|无限额|不设(?:上限|最高)|不受(?:本保函)?(?:最高)?(?:担保)?金额(?:的)?限制|超(?:出|过)最高担保金额.{0,12}(?:仍|亦|也|继续)", _CAP, lazy("把责任限定在最高担保金额以内。")),
    Words("amount.besides", ERROR, EVERY, r"最高担保金额(?:以外|之外|外)|另(?:行)?(?:承担|支付).{0,10}(?:利息|违约金|损失|费用)|(?:利息|违约金|费用)另计", _CAP, lazy("利息、违约金、费用都计入最高担保金额。")),
    Words("amount.everything", WARNING, EVERY, r"(?:一切|全部|所有)(?:损失|债务|责任|费用)", lazy("与最高担保金额并列时会被理解为不封顶。"), lazy("写明“在最高担保金额内”，或说明理由。")),
    # the end
    Words("expiry.open", ERROR, EVERY, r"(?:长期|永久|始终)有效|自动(?:延期|展期|续期|延长|顺延)|直至.{0,24}(?:完毕|为止|止)", lazy("没有确定到期日的保函不能出具：国内没有“三年”的默认期限，担保责任会无限延续。"), lazy("只写到期日；需要延期的，由申请人申请修改。")),
    Words("expiry.paper", WARNING, EVERY, r"(?<!是否)(?<!不)(?:退还|退回|交回|收回)(?:本保函)?(?:原件|正本).{0,8}(?:方|才|后|之日|为准)", lazy("法释〔2016〕24号第11条：保函到期即终止，受益人是否持有原件不影响；电子保函没有可退的原件。"), lazy("写“是否退还原件不影响其失效”。")),
    Words("expiry.stretched", ERROR, SURETY, r"保证期间.{0,10}(?:中止|中断|延长|顺延)", lazy("民法典第692条：保证期间不发生中止、中断和延长。"), lazy("删去。")),
    # what the law gives no effect
    Words("law.silence", ERROR, EVERY, r"视为(?:其|受益人|贵方)?(?:同意|接受|认可)", lazy("URDG 758 第11条：逾期不答复即视为同意修改的约定不予理会。"), lazy("写明修改须受益人书面接受。")),
    Words("law.waived", ERROR, EVERY, r"放弃.{0,12}(?:法定|法律|诉讼时效|一切抗辩|全部抗辩|所有抗辩|任何抗辩|诉权)|(?:排除|不适用|不受).{0,8}(?:中华人民共和国|中国)?法律(?:的)?(?:适用|约束|规定|管辖)?", lazy("民法典第197条：预先放弃时效利益无效；第701条的抗辩和强制性规定不能由保函排除。"), lazy("删去；写明适用中华人民共和国法律。")),
    Words("law.courts", ERROR, EVERY, r"不得(?:向.{0,6}法院)?(?:起诉|提起诉讼|申请止付|申请保全)|任何法院.{0,10}不(?:影响|停止)", lazy("法释〔2016〕24号第12、14条：有欺诈情形的，法院可以裁定止付，不能约定排除。"), lazy("删去。")),
    Words("law.fee", ERROR, EVERY, r"(?:受益人|贵方)(?:(?!不|无).){0,6}(?:支付|承担|负担).{0,6}(?:保费|担保费|手续费)", lazy("保费由申请人承担，受益人从不付费。"), lazy("删去。")),
    Words("law.counter", WARNING, EVERY, r"(?:收到|取得).{0,10}(?:反担保|申请人).{0,10}(?:款项|资金|付款)(?:后|以后|之后)", lazy("以申请人或反担保人先付款为条件，付款承诺就取决于别人；从属保证和独立保函都不以此为条件。"), lazy("删去付款的先决条件。")),
)  # fmt: skip
RULES = tuple(dict.fromkeys(rule.rule for rule in (*WANTED, *FORBIDDEN)))


def lint(text: Text, terms: Terms) -> list[Remark]:
    """Return what is to be said of `text`, filled as `terms` say (`terms.text` is not looked at). Errors first."""
    form, kind = form_of(terms.issuer_kind), kind_of(terms)
    whole = "".join(text.paragraphs)
    found = [
        *_places(text, kind),
        *_typed(text),
        *_wanted(whole, form),
        *_forbidden(text, form),
        *_documents(text, form),
    ]
    if not any(remark.rule.startswith("places.") and remark.level == ERROR for remark in found):
        found += _filled(text, terms, settled=any(one.rule.startswith("nature.") for one in found))
    return sorted(dict.fromkeys(found), key=lambda remark: remark.level != ERROR)


def errors(remarks: list[Remark]) -> list[Remark]:
    """Return those that keep a text from being used."""
    return [remark for remark in remarks if remark.level == ERROR]


def warnings(remarks: list[Remark]) -> list[Remark]:
    """Return those that want an answer."""
    return [remark for remark in remarks if remark.level == WARNING]


def _parts(text: Text) -> Iterator[tuple[str, str]]:
    """Yield (place, words) of every paragraph and every paper."""
    for number, part in enumerate(text.paragraphs, 1):
        yield _("正文第 %(n)d 段") % {"n": number}, part
    for number, part in enumerate(text.documents, 1):
        yield _("索赔单据第 %(n)d 项") % {"n": number}, part


def _places(text: Text, kind: Kind) -> Iterator[Remark]:
    known = places_of(kind)
    drift = _("金额、日期和名称由保函要素带入，手写会与数据不一致。")
    for place, part in _parts(text):
        for name in PLACE.findall(part):
            if name.strip() not in known:
                yield Remark("places.unknown", ERROR, place, _("没有占位项 {%(name)s}。") % {"name": name[:40]}, drift,
                             _("从占位项表里选一个，或删去。"))  # fmt: skip
        rest = PLACE.sub("", part)
        if "{" in rest or "}" in rest:
            yield Remark("places.braces", ERROR, place, _("大括号没有成对。"), drift, _("补上或删去大括号。"))
        if REDUCTIONS in {name.strip() for name in PLACE.findall(part)} and rest.strip():
            yield Remark("places.reductions", ERROR, place, _("{约定减额}要单独成段。"),
                         _("没有约定减额时整段不印。"), _("把它移到单独的一段。"))  # fmt: skip
    everywhere = _("全文")
    for name in REQUIRED:
        if name not in {found.strip() for part in text.paragraphs for found in PLACE.findall(part)}:
            yield Remark("places.missing", ERROR, everywhere, _("缺少必需的占位项 {%(name)s}。") % {"name": name}, drift,
                         _("在正文里加上 {%(name)s}。") % {"name": name})  # fmt: skip
    if REDUCTIONS not in text.places and kind.code not in SECRET and not kind.secret_until_opening:
        yield Remark("places.missing", ERROR, everywhere, _("缺少必需的占位项 {约定减额}。"),
                     _("申请时可以约定分期减额，函件不写就不发生效力。"), _("另起一段，只写 {约定减额}。"))  # fmt: skip
    for extra in kind.fields:
        if extra.required and extra.name not in text.places:
            yield Remark("places.unprinted", WARNING, everywhere,
                         _("申请时必填的“%(name)s”没有写进函件。") % {"name": extra.name},
                         _("受益人只能按函件上的文字主张权利。"),
                         _("在正文里加上 {%(name)s}，或说明为什么不写。") % {"name": extra.name})  # fmt: skip


def _typed(text: Text) -> Iterator[Remark]:
    for place, part in _parts(text):
        for pattern in TYPED:
            if found := pattern.search(PLACE.sub("", part)):
                yield Remark("data.typed", ERROR, place, _("写死了“%(words)s”。") % {"words": found[0]},
                             _("具体的金额和日期由保函要素带入，写死会与数据不一致。"), _("改用占位项。"))  # fmt: skip


def _wanted(whole: str, form: str) -> Iterator[Remark]:
    for rule in WANTED:
        if form in rule.forms and next(said(rule.pattern, whole), None) is None:
            yield Remark(rule.rule, rule.level, _("全文"), str(rule.message), str(rule.why), str(rule.mend))


def _forbidden(text: Text, form: str) -> Iterator[Remark]:
    for rule in FORBIDDEN:
        if form not in rule.forms:
            continue
        for place, part in _parts(text):
            for words in said(rule.pattern, part):
                yield Remark(rule.rule, rule.level, place, _("写了“%(words)s”。") % {"words": words},
                             str(rule.why), str(rule.mend))  # fmt: skip


def _documents(text: Text, form: str) -> Iterator[Remark]:
    place = _("索赔单据")
    if not text.documents:
        yield Remark("documents.none", ERROR, place, _("没有列明索赔时应提交的单据。"), str(_ART3),
                     _("至少写“书面索赔通知”，写明索赔金额和违约情形。"))  # fmt: skip
    elif not any(re.search(r"索赔|付款请求", part) for part in text.documents):
        yield Remark("documents.demand", ERROR, place, _("没有要求书面的索赔通知。"),
                     _("URDG 758 第15条：索赔须有书面请求和说明申请人违约情形的声明。"), _("加上书面索赔通知。"))  # fmt: skip
    elif form == ACCESSORY and len(text.documents) < 2:
        yield Remark("documents.proof", WARNING, place, _("没有要求证明申请人违约的材料。"),
                     _("从属保证以主债务人不履行为前提（民法典第681条），没有证明材料难以核实。"), _("加上证明材料，或说明理由。"))  # fmt: skip


def _filled(text: Text, terms: Terms, *, settled: bool) -> Iterator[Remark]:
    """Judge the text as it will read. `settled`: something about its nature has been said already."""
    told = clauses(replace(terms, text=text))
    read = "".join(told)
    if amounts_in_words(read) != {terms.amount} or yuan(terms.amount) not in read:
        yield Remark("amount.capitals", ERROR, _("全文"), _("大写与小写金额不一致。"),
                     _("人民币大写须与小写一致（中国人民银行《正确填写票据和结算凭证的基本规定》）。"),
                     _("大写只用 {大写}，小写只用 {金额}。"))  # fmt: skip
    form = form_of(terms.issuer_kind)
    if not settled and nature_of(terms.issuer_kind, read) != NATURES[form]:
        made = dict(Nature.CHOICES)[nature_of(terms.issuer_kind, read)]
        yield Remark("nature.form", ERROR, _("全文"), _("文字使它成为%(nature)s，与出具机构不符。") % {"nature": made},
                     str(_ART3 if form == INDEPENDENT else _686), _("按标准文本改写承诺的一段。"))  # fmt: skip
