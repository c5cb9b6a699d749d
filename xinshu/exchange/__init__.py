"""Exchange (监管报送): who supervises what, and what is told to departments' and trading centres' systems.

supervision 归口管理, plan 归口方案, simulation 影响测算, submission 报送, receiver 接收方 (a department or trading
centre), destination 接收系统, receipt 回执, filed 已备案, returned 被退回, order 报送单号, message 报文, sealed 密文,
commitment 承诺值, reveal 还原, verification 核验批次.
"""
