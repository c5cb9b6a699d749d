"""The demo city's guarantees (演示数据), made by the acts that people use."""
