"""Integrations (系统对接): the door through which other systems read, act and are told, and the log of all that passed.

api client 接口客户端 (a system of one organisation, acting as one of its people), principal 代表人 (that person),
scope 授权范围, key 密钥, signature 签名, nonce 随机数, call 调用, idempotency key 幂等键, subscription 订阅,
event 事件, sending 推送, replay 重新推送. What can be read and done stands in the `api` module of each context above.
"""
