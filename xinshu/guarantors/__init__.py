"""保证人 (guarantors): who may stand surety here: qualifications with their days, and the business each house does.

Words: qualification 资质, scope 业务范围, filing 登记, region 地区, capacity 承保能力. The room lies below guarantees
and knows nothing of them: kinds are codes, and whoever knows them says what they mean (naming.py).
"""
