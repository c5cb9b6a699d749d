"""名称识别: whose name is it? `words.py` the tables, `parts.py` cuts a name, `comparing.py` says why two are alike.

Pure so far; `keeping.py` keeps the names of the record under keys, `resolving.py` asks. Decision 54.
legal name 法定名称, region 行政区划, trade name 字号, industry 行业, form 组织形式, branch 分支机构, slip 错字.
"""
