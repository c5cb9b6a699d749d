"""Archive (归档): what proves a guarantee when the platform is not at hand, and all its papers kept together.

proof file 证明文件 (what a third person checks offline with tools/verify_guarantee.py), statement 声明 (what the
platform signs in it), side 立场 (guarantor, applicant, outer: beneficiary and department, public: whoever has number
and code), dossier 归档案卷, manifest 案卷目录, item 卷内文件, take-out 批量导出.
"""
