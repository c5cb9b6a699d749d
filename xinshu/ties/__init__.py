"""关联关系 (ties): who owns, controls, runs, guarantees and supplies whom, as entries that are never changed.

Words: node 主体 (firm or person), tie 关系, ownership 持股, control 实际控制, key person 任职, guarantee 担保,
supply 供应, controller 实际控制人, group 关联集团, circle 担保圈, path 关联路径, contagion 风险传导.
"""
