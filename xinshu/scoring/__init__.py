"""模型 (scoring): statistical models of default that a house trains on its own tables, and what they say of a case.

Words: data set 训练数据, column dictionary 列字典, model 模型, version 版本, challenger 挑战者, champion 冠军,
retired 退役, probability of default 违约概率, reason 理由, drift 漂移 (PSI), model card 模型卡, score 评分. It knows
no business: upper rooms hand in facts by the names of columns. Training and scoring run in the worker only.
"""
