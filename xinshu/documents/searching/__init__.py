"""内容检索: files found by what is written in them. `keeping.py` reads and keeps, `finding.py` asks. Decision 51."""
