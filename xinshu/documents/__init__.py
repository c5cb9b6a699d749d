"""Documents (文件): files kept encrypted, letters made from templates, seals put on them, and letters examined.

blob 内容 (bytes stored once under their SM3), file 文件 (a name and an owner for a blob), reference 文件编号 (random,
in the address), letter 函件, template 函件模板, version 模板版本, placeholder 占位项, values 填入的值, clause 条款,
seal 签章 (PAdES with timestamp, and SM2 over SM3), signer 签章人, authority 证书机构, examination 查验.
"""
