"""Ledger (总账): what happened. One entry per act, in the act's own transaction.

entry 记录, reaction 后续动作, delivery 投递 (one entry handed to one reaction), lane 队列 (deliveries of one subject to
one reaction, in order), sealer 封存, leaf 叶 (an entry's place in the tree), checkpoint 检查点,
inclusion proof 包含证明, consistency proof 一致性证明, witness 见证人, evidence 存证文件.
"""
