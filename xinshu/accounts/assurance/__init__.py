"""认证方式与级别: by which methods people and firms prove who they are, how strong each is, which act asks for what.

Words: method 认证方式, strength 强度, level 级别, check 认证记录 (one use of a method), act 事项, level table 级别表.

The four levels are this platform's own scale. The thinking is that of ISO/IEC 29115 (levels of assurance 1 to 4), of
GB/T 40651-2021 实体鉴别保障框架 (which tells the assurance of an identity from that of an authenticator) and of NIST
SP 800-63 (IAL, AAL); no law or standard fixes the number beside a method here. Of faces nothing is kept, as decision 26
says after GB/T 40660-2021 (生物特征识别信息保护).
"""

from django.utils.translation import gettext_lazy as _

LEVELS = {
    0: _("不要求"),
    1: _("一级"),
    2: _("二级"),
    3: _("三级"),
    4: _("四级"),
}
MEANINGS = {
    1: _("有账号，或编号自洽：知道是谁说的，没有与外部核对"),
    2: _("一项外部核对：手机在手，或姓名与证件号、名称与代码相符"),
    3: _("两项独立的核对：两个因素，或身份、手机与登记一致"),
    4: _("真人到场：与官方登记的本人比对，另有第二因素"),
}
