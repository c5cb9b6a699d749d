"""材料识别: papers are brought in batches, read by the worker, confirmed field by field, held against each other."""
