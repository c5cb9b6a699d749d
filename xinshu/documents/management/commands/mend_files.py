"""`manage.py mend_files`: copy to each of two places what it missed, now; exit code 1 when a file is in neither."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from xinshu.documents.mending import mend


class Command(BaseCommand):
    help = "把一处文件存储缺少的文件从另一处补齐"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.FILES_PLACES:
            raise CommandError("文件只存一处（XINSHU_STORAGE_SECOND 未设置），没有可补的。")
        try:
            found = mend()
        except OSError as error:
            raise CommandError(f"有一处存储不应答，恢复后再运行：{error}") from error
        copied = "，".join(f"{name} 补入 {count}" for name, count in found.copied.items())
        self.stdout.write(f"文件 {found.blobs}，{copied}，两处都缺 {len(found.lost)}")
        for key in found.lost:
            self.stdout.write(f"两处都缺 {key}")
        if found.lost:
            sys.exit(1)
