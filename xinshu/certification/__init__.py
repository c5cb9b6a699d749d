"""企业认证 (certification): a firm proves who it is; machines compare, an operator decides where they cannot.

Words: certification 企业认证, item 核验项, business licence 营业执照, legal representative 法定代表人,
credit authorisation 信用信息查询授权书, register 登记机关, four elements 企业四要素, finding 核验结果,
proof 机构认证方式, small transfer 打款认证, read back 回填金额.
"""
