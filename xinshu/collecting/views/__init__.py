"""Pages of the operator: sources with their health, one source, its form, a kept page; the demo's platforms."""
