"""operations: keeping the house running: backups and drills, health, measurements, logs of requests.

Glossary: backup 备份 · restore 恢复 · drill 演练 · request number 报错编号 · slow page 慢页面 ·
trace 链路 · module 模块 · interface 接口 · readiness 就绪.
"""
