"""The sandbox (沙箱): a local stand-in for every provider that speaks its real format, refuses, delays and calls back.

What it does is decided by the last digits of the number (cases.py), so that every outcome can be had at will. Demos
and tests use it; production never starts it.
"""
