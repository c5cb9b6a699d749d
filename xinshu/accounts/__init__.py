"""Accounts (账号): organisations, the people in them, and what each may do.

organisation 机构, person 自然人, user 用户, member 成员 (a user in an organisation), role 角色, permission 权限,
registration 注册申请, side 注册身份 (applicant 申请人, beneficiary 受益人, guarantor 保证人), reference 查询号,
sign-in attempt 登录尝试, lock-out 登录暂停 (too many failures), lock 锁定 (by an administrator), switch 切换机构,
second factor 动态口令, recovery code 恢复码, sent code 短信验证码, face 人脸识别, face check 人脸核验,
session 登录会话, role change 角色变更, role table 角色权限, review 复核, leave 离职 (successor 接办人), block 应急停止,
agreement 协议, consent 同意, method 认证方式, level 认证级别, level table 认证级别表, identity check 认证记录,
real name 实名核验.
"""
