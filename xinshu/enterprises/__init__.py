"""Enterprises (企业资料): what is known of an enterprise, field by field, with source, day and history.

enterprise 企业, field 字段, record 资料, source 来源, stale 过期, reused 沿用, customer 客户, account manager 客户经理,
near 名称相近.
"""
