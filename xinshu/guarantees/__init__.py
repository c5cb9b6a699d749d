"""Guarantees (保函): from application to public verification.

guarantee 保函, applicant 申请人, guarantor 保证人, beneficiary 受益人, bid guarantee 投标保函,
performance guarantee 履约保函, face amount 保函金额, available amount 可索赔余额, nature 担保性质
(independent 独立保函, accessory 从属保证, surety insurance 保证保险),
fee 保费, tariff 费率表, authority 审批授权, finding 审查结论, letter 函件, release 解保, expiry 到期, number 保函编号,
verification code 验证码, secrecy 开标前保密.
"""
