"""Credit (信用): what applicants and guarantors do, what it is worth, who may object, and the lists they stand on.

behaviour 信用行为, correction 更正, card 评分规则, record 信用档案, effect 影响测算, appeal 异议, list entry 名单.
"""
