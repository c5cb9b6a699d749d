"""A second web process of a city, by a clock that is ahead: `python -m journeys.later SECONDS PORT`.

Nights that the clock has skipped are made up for first, as the worker would have done.
"""

import sys
from contextvars import ContextVar
from datetime import timedelta

from xinshu.core import clock


def main(seconds: float, port: int) -> None:
    """Serve until told to stop."""
    # A default, not a value: every thread of the server reads the moved clock.
    clock._shift = ContextVar("clock_shift", default=timedelta(seconds=seconds))
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    from xinshu.config.wsgi import application  # sets Django up
    from xinshu.ledger.worker import run_nightly

    run_nightly(clock.now())
    server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
    server.set_app(application)
    server.serve_forever()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
