"""Accounts (账号): organisations, the people in them, and what each may do.

organisation 机构, person 自然人, user 用户, member 成员 (a user in an organisation), role 角色, permission 权限,
registration 注册申请.
"""
