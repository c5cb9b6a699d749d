"""Static files: only what pages use is copied, and a new content has a new address."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from xinshu.web.assets import static
from xinshu.web.vendor import FILES, collect_vendor


def packages(root):
    for source in FILES:
        (root / "node_modules" / source).parent.mkdir(parents=True, exist_ok=True)
        (root / "node_modules" / source).write_text(f"/* {source} */")
    return root


def test_only_the_files_in_the_table_are_copied(tmp_path):
    (packages(tmp_path) / "node_modules/htmx.org/dist/other.js").write_text("not asked for")

    copies = collect_vendor(tmp_path, tmp_path / "vendor")

    assert sorted(copy.name for copy in (tmp_path / "vendor").iterdir()) == sorted(FILES.values())
    assert [copy.read_text() for copy in copies] == [f"/* {source} */" for source in FILES]


def test_a_second_run_changes_nothing_and_an_upgrade_replaces(tmp_path):
    packages(tmp_path)
    copies = collect_vendor(tmp_path, tmp_path / "vendor")
    before = [copy.stat().st_mtime_ns for copy in copies]

    collect_vendor(tmp_path, tmp_path / "vendor")
    unchanged = [copy.stat().st_mtime_ns for copy in copies]
    (tmp_path / "node_modules" / next(iter(FILES))).write_text("newer")
    collect_vendor(tmp_path, tmp_path / "vendor")

    assert unchanged == before
    assert copies[0].read_text() == "newer"


def test_the_command_puts_them_where_pages_look(capsys):
    call_command("vendor")

    assert "2 front-end files" in capsys.readouterr().out
    assert static("vendor/htmx.min.js").startswith("/static/vendor/htmx.min.js?")


def test_packages_that_npm_has_not_brought_are_named(tmp_path):
    with pytest.raises(CommandError, match=r"htmx\.org.*npm"):
        call_command("vendor", root=tmp_path)


def test_an_address_carries_a_mark_of_the_contents():
    address = static("web/shell.css")

    name, mark = address.split("?")
    assert name == "/static/web/shell.css"
    assert len(mark) == 10
    assert static("web/base.css").split("?")[1] != mark


def test_a_missing_file_is_an_error_and_not_a_broken_page():
    with pytest.raises(FileNotFoundError, match="vendor"):
        static("web/absent.css")


def test_files_are_served_without_collecting_and_kept_for_a_year():
    response = Client().get("/static/web/shell.css")

    assert response.status_code == 200
    assert "max-age=31536000" in response["Cache-Control"]
