"""What operators look back on: the backups that were made, how long pages took, which requests began a trace."""

from django.db import models


class Backup(models.Model):
    """One finished backup."""

    began_at = models.DateTimeField()  # the moment that it holds
    finished_at = models.DateTimeField()
    place = models.CharField(max_length=400)
    size = models.BigIntegerField()
    sealed = models.BigIntegerField()
    root = models.CharField(max_length=64)
    rows = models.BigIntegerField()
    files = models.BigIntegerField()
    damaged = models.PositiveIntegerField(default=0)  # files that were missing or did not open

    class Meta:
        indexes = [models.Index(fields=["-began_at"], name="backup_began")]

    def __str__(self) -> str:
        return self.place


class PageTime(models.Model):
    """How long one page took in five minutes of one web process. No address, nobody's name: the page only."""

    slot = models.DateTimeField()  # the beginning of the five minutes
    process = models.CharField(max_length=60)
    view = models.CharField(max_length=120)
    count = models.PositiveIntegerField()
    total_ms = models.BigIntegerField()
    longest_ms = models.PositiveIntegerField()
    failed = models.PositiveIntegerField(default=0)  # answers of 500 and above

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slot", "process", "view"], name="page_time_once")]

    def __str__(self) -> str:
        return f"{self.view} {self.slot:%H:%M}"


class RequestTrace(models.Model):
    """A request that wrote something, or broke: where a trace begins. No address, nobody's name: the page only."""

    trace = models.CharField(max_length=32, db_index=True)
    number = models.CharField(max_length=64, db_index=True)
    view = models.CharField(max_length=120)
    method = models.CharField(max_length=8)
    status = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_index=True)  # by the machine's own clock, when it came
    milliseconds = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.number} {self.view}"
