"""快速查询: an enterprise by part of its name, a former name, pinyin initials or its code, and what belongs to it.

`core/grams.py` cuts texts into what both databases index, `core/pieces.py` asks the index; `index.py` keeps the texts,
`finding.py` asks, `related.py` lets rooms above bring projects, guarantees and documents. Decision 42.
"""
