"""Messaging (消息): tells members what happened in their cases: on the page at once, in the message list, by phone.

notice 消息 (one line for one member), unread 未读, live stream 实时推送, toast 即时提示; channel 渠道 (短信, 邮件,
微信公众号, App 推送), provider 服务商, message 发送记录 (one notice on one channel), receipt 回执 (what the provider
says became of it), template 消息模板, kind 消息种类, priority 优先级, digest 汇总, quiet hours 免打扰时段,
sandbox 沙箱;
topic 主题, score 分数 (how much it concerns the addressee), merge 合并 (what two sources tell is told once),
below 分数不够, toast score 弹出分数, read 已读, opened 打开, effect 推送效果.
"""
