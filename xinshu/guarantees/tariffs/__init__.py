"""Tariffs (费率): written by one person of the guarantor, previewed on examples, published as a version by a second."""
