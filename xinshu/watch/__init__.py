"""Watch (风险监测): what looks odd in applications, what happens to firms behind guarantees, who is looked at before.

anomaly 异常, pattern 监测项, rule 监测规则 (a pattern's switch, thresholds, grade, effect; versions), case 风险案件,
evidence 证据, frozen 已冻结 (the gate refuses new business), event 风险事件, alert 预警 (an event before one house),
noise 误报, level 风险等级 (decayed sum), exposure 在保余额, screening 风险初筛.

What concerns several bidders of one tender is found before the opening and told to nobody until it.
"""
