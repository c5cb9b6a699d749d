"""What every test stands on: a data folder of its own, cheap password hashing, a clock that tests may move."""

import os
import tempfile

os.environ["XINSHU_ENV"] = "test"
os.environ["XINSHU_DATA"] = tempfile.mkdtemp(prefix="xinshu-test-")
