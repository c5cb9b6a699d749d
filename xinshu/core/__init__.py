"""Core (基石): what every context may lean on and what knows none of them.

actors      行为人 whoever does something: a member, or the system itself
calendar    工作日历 working days from the State Council's notices; deadline 期限, provisional 暂定, make-up 调休上班
capitals    人民币大写 amounts and dates in capitals, as instruments carry them
cases       业务 what every case keeps: state, version, reference
clock       时钟 the one clock, which a test or a demo may move
doors       入口 guards for pages
lifecycle   生命周期 the table of states and acts; side 一方 (申请人, 担保人, 受益人 ...), step 办理
money       金额 whole 分, read and printed as 元 and 万元; share 按比例取数, allocate 分摊
refusals    拒绝 a "no" that a person can read
resident_id 公民身份号码
sm          国密 SM2 signature 签名, SM3 digest 摘要, SM4 at rest 加密 (libcrypto, sm2_pure: its two engines)
uscc        统一社会信用代码, organisation code 组织机构代码, old registration number 注册号
"""
