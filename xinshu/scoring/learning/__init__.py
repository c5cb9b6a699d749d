"""The pipeline: table, preparation, boosted trees, scorecard, calibration, figures, drift. No database, no clock.

`reading`, `drift` and `kinds` are plain Python for any process; the rest loads numpy, and LightGBM, scikit-learn or
optbinning inside the functions that need them: import it only in the worker or a bench.
"""
