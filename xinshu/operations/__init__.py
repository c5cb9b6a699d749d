"""operations: keeping the house running: backups and drills, health, measurements, logs of requests.

Glossary: backup 备份 · restore 恢复 · drill 演练 · request number 报错编号 · slow page 慢页面 · readiness 就绪.
"""
