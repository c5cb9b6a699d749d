"""What can be done: with sources by people of the operator, with runs by the worker."""
