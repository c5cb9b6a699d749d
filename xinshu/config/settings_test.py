"""Settings of the tests: a data folder of their own, never the one of the city that runs on this machine.

The environment is set here because pytest-django reads the settings before any conftest.py is imported.
"""

import os
import tempfile

if os.environ.get("XINSHU_ENV") != "test":  # processes that a test starts inherit the folder
    os.environ["XINSHU_ENV"] = "test"
    os.environ["XINSHU_DATA"] = tempfile.mkdtemp(prefix="xinshu-test-")

from xinshu.config.settings import *  # noqa: F403
