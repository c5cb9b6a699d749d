"""What the environment says about copies: of the database, of the files."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from xinshu.config import environment
from xinshu.operations.backups import databases


def test_an_address_may_name_several_copies_of_which_the_primary_is_meant() -> None:
    told = environment.database("postgres://x:p@one:5433,two/xinshu?sslmode=require&connect_timeout=9")
    one = environment.database("postgres://x:p@one:5433/xinshu")

    assert (told["HOST"], told["PORT"], told["NAME"], told["USER"]) == ("one,two", "5433,5432", "xinshu", "x")
    assert told["OPTIONS"]["target_session_attrs"] == "read-write"
    assert (told["OPTIONS"]["sslmode"], int(told["OPTIONS"]["connect_timeout"])) == ("require", 9)
    assert (one["HOST"], one["PORT"], one.get("OPTIONS")) == ("one", 5433, None)
    assert told["CONN_HEALTH_CHECKS"]
    assert one["CONN_HEALTH_CHECKS"]
    for wrong in ("postgres://x@one:a,two/xinshu", "postgres://x@,two/xinshu", "postgres://x@one:5432:6,two/x"):
        with pytest.raises(ImproperlyConfigured, match="XINSHU_DATABASE_URL"):
            environment.database(wrong)


def test_the_environment_names_the_places(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(**values: str) -> environment.FileStorage:
        for name in ("STORAGE", "STORAGE_SECOND", *(f"S3{n}_{k}" for n in ("", "_SECOND") for k in keys)):
            monkeypatch.setenv(f"XINSHU_{name}", values.get(name, ""))
        return environment.file_storage()

    keys = ("ENDPOINT", "BUCKET", "KEY_ID", "SECRET", "REGION")
    one = dict(zip((f"S3_{key}" for key in keys), ("https://one", "files", "id", "secret", ""), strict=True))
    other = dict(zip((f"S3_SECOND_{key}" for key in keys), ("https://two", "files", "id", "secret", "x"), strict=True))

    assert told().places == ()
    assert told(STORAGE="s3", **one).name.endswith("S3Storage")
    both = told(STORAGE="s3", STORAGE_SECOND="s3", **one, **other)
    assert (both.name.rsplit(".", 1)[-1], both.places) == ("TwoPlaces", ("s3", "s3-second"))
    assert (both.s3["endpoint"], both.second["endpoint"], both.second["region"]) == ("https://one", "https://two", "x")
    assert told(STORAGE_SECOND="s3", **other).places == ("local", "s3-second")
    same = {key: one[key.replace("_SECOND", "")] for key in other}
    for wrong in (
        {"STORAGE": "s3", "STORAGE_SECOND": "s3", **one, **same}, {"STORAGE_SECOND": "local"},
        {"STORAGE_SECOND": "s3"}, {"STORAGE_SECOND": "tape"}, {"STORAGE": "tape"},
    ):  # fmt: skip
        with pytest.raises(ImproperlyConfigured, match="XINSHU_S"):
            told(**wrong)


def test_of_several_copies_of_the_database_its_programs_are_led_to_the_primary() -> None:
    told = environment.database("postgres://x:p%40@one:5433,two/xinshu")

    server = databases.Server.of(told)
    one = databases.Server.of(environment.database("postgres://x@one/xinshu"))

    asked = ("PGHOST", "PGPORT", "PGTARGETSESSIONATTRS", "PGDATABASE")
    assert [server.named("other").environment[key] for key in asked] == ["one,two", "5433,5432", "read-write", "other"]
    assert server.url == "postgres://x:p%40@one:5433,two:5432/xinshu"
    assert databases.Server.of(environment.database(server.url)) == server
    assert "PGTARGETSESSIONATTRS" not in one.environment
    assert one.url == "postgres://x@one:5432/xinshu"
