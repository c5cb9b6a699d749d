"""规则 (rules): what an organisation asks of its cases, as versions of data; every answer with its evidence.

Words: fact 事实, source 数据源, rule set 规则集, condition 条件, decision table 决策表, scorecard 评分卡, trial 试跑,
run 运行, replay 重放. The room knows no business: upper rooms say
what can be asked about (purposes.py) and hand in the facts.
"""
