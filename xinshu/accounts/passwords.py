"""Password hashing, tuned so that one sign-in costs 50-100 ms of a slow core and 19 MiB of memory."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class TunedArgon2(Argon2PasswordHasher):
    """Argon2id with OWASP's smallest recommended setting: two passes over 19 MiB in one lane."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
