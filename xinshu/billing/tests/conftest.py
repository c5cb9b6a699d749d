"""The city of the guarantees' tests, its clock and browsers, with billing on top."""

from xinshu.guarantees.tests.conftest import _no_figures_kept, browser_of, city, clock, files  # noqa: F401
