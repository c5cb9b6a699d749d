"""Settings of the tests: a data folder of their own, never the one of the city that runs on this machine.

The environment is set here because pytest-django reads the settings before any conftest.py is imported.
"""

import atexit
import os
import shutil
import tempfile

_run = os.environ.setdefault("XINSHU_TEST_RUN", f"{os.getpid():x}")
_place = f"{_run}-{os.environ.get('PYTEST_XDIST_WORKER', '')}"
if os.environ.get("XINSHU_TEST_PLACE") != _place:  # each worker makes a folder; processes that its tests start share it
    os.environ["XINSHU_TEST_PLACE"] = _place
    os.environ["XINSHU_ENV"] = "test"
    os.environ["XINSHU_DATA"] = tempfile.mkdtemp(prefix=f"xinshu-test-{_place}-")
    atexit.register(shutil.rmtree, os.environ["XINSHU_DATA"], ignore_errors=True)

from xinshu.config.settings import *  # noqa: E402, F403

TYPES_LOOKED_AT_EVERY = None  # tests say when: no query of a page may hang on the time of day
