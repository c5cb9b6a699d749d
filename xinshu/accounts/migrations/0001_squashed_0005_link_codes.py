import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import xinshu.core.cases


class Migration(migrations.Migration):
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_security"),
        ("accounts", "0003_people"),
        ("accounts", "0004_faces"),
        ("accounts", "0005_link_codes"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SignInAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("failures", models.IntegerField(default=0)),
                ("last_failed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(null=True)),
                ("left_at", models.DateTimeField(null=True)),
                ("password_changed_at", models.DateTimeField(null=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("username", django.db.models.functions.text.Lower("username"))),
                        name="user_name_in_small_letters",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(db_index=True, max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "企业"),
                            ("guarantor", "担保公司"),
                            ("bank", "银行"),
                            ("insurer", "保险公司"),
                            ("institution", "事业单位"),
                            ("department", "政府部门"),
                            ("operator", "平台运营方"),
                            ("person", "自然人"),
                        ],
                        max_length=12,
                    ),
                ),
                ("uscc", models.CharField(blank=True, max_length=18, null=True, unique=True)),
                ("region_code", models.CharField(blank=True, max_length=12)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("verified", models.BooleanField(default=False)),
                ("active", models.BooleanField(default=True)),
                ("exports_stopped", models.BooleanField(default=False)),
                ("role_table", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("uscc", ""), _negated=True), name="organisation_uscc_null_not_empty"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("roles", models.JSONField(default=list)),
                ("active", models.BooleanField(default=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "organisation"), name="member_once_per_organisation")
                ],
            },
        ),
        migrations.CreateModel(
            name="SandboxMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phone", models.CharField(max_length=20)),
                ("text", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FormerPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128)),
                ("replaced_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_passwords",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret", models.BinaryField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(default=0)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_factor",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "digest"), name="recovery_code_once")],
            },
        ),
        migrations.CreateModel(
            name="RoleChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("state", models.CharField(max_length=20)),
                ("version", models.PositiveIntegerField(default=1)),
                ("before", models.JSONField(default=list)),
                ("after", models.JSONField(default=list)),
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("refusal", models.CharField(blank=True, max_length=500)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="role_changes", to="accounts.member"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=("member",), name="one_role_change_at_a_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleTable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("state", models.CharField(max_length=20)),
                ("version", models.PositiveIntegerField(default=1)),
                ("number", models.PositiveIntegerField()),
                ("roles", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("refusal", models.CharField(blank=True, max_length=500)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="role_tables",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "number"), name="role_table_numbered_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("organisation",),
                        name="one_role_table_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")), fields=("organisation",), name="one_active_role_table"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("state", models.CharField(max_length=20)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "side",
                    models.CharField(
                        choices=[("applicant", "申请人"), ("beneficiary", "受益人"), ("guarantor", "保证人")],
                        max_length=12,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "企业"),
                            ("guarantor", "担保公司"),
                            ("bank", "银行"),
                            ("insurer", "保险公司"),
                            ("institution", "事业单位"),
                            ("department", "政府部门"),
                            ("operator", "平台运营方"),
                            ("person", "自然人"),
                        ],
                        max_length=12,
                    ),
                ),
                ("organisation_name", models.CharField(max_length=120)),
                ("uscc", models.CharField(blank=True, max_length=18)),
                ("contact_name", models.CharField(max_length=60)),
                ("phone", models.CharField(max_length=20)),
                ("username", models.CharField(max_length=60)),
                ("password", models.CharField(blank=True, max_length=128)),
                ("agreement", models.CharField(blank=True, max_length=80)),
                ("submitted_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                ("phone_proven", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["state", "-submitted_at"], name="registration_to_decide")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "submitted")),
                        fields=("username",),
                        name="registration_user_name_pending_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "submitted")),
                        fields=("phone", "uscc"),
                        name="registration_phone_pending_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=16, unique=True)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("user", "停用用户"),
                            ("organisation", "停用机构"),
                            ("key", "停用接口密钥"),
                            ("interfaces", "停用机构接口"),
                            ("all_interfaces", "停用全部接口"),
                            ("exports", "停止导出"),
                            ("all_exports", "停止全部导出"),
                        ],
                        max_length=14,
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("begun_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "begun_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="blocks",
                        to="accounts.organisation",
                    ),
                ),
                ("target", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("what", "organisation", "target"),
                        name="block_in_force_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None), ("organisation", None)),
                        fields=("what", "target"),
                        name="block_of_everybody_in_force_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("state", models.CharField(max_length=20)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "kind",
                    models.CharField(
                        choices=[("service", "用户服务协议"), ("privacy", "隐私政策"), ("face", "人脸信息处理规则")],
                        max_length=10,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("changes", models.CharField(blank=True, max_length=500)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("minimum_seconds", models.PositiveSmallIntegerField(default=10)),
                ("again", models.BooleanField(default=True)),
                ("valid_from_number", models.PositiveIntegerField(default=1)),
                ("writers", models.JSONField(default=list)),
                ("returned", models.CharField(blank=True, max_length=500)),
                ("written_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "number"), name="agreement_numbered_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")), fields=("kind",), name="agreement_in_force_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "proposed"])),
                        fields=("kind",),
                        name="agreement_drafted_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minimum_seconds__gte", 3), ("minimum_seconds__lte", 60)),
                        name="agreement_reading_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("opened_at", models.DateTimeField()),
                ("agreed_at", models.DateTimeField()),
                ("address", models.CharField(blank=True, max_length=64)),
                ("device", models.CharField(blank=True, max_length=80)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("entry_number", models.BigIntegerField(null=True)),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="accounts.agreement"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="accounts.registration",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "agreement"], name="consent_of_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("user__isnull", False), ("registration__isnull", False), _connector="OR"),
                        name="consent_is_somebodys",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SandboxFace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=40, unique=True)),
                ("asked", models.BinaryField()),
                ("outcome", models.CharField(blank=True, max_length=10)),
                ("queries", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SignInSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("session_key", models.CharField(blank=True, db_index=True, max_length=40)),
                ("how", models.CharField(choices=[("password", "密码"), ("code", "短信验证码")], max_length=10)),
                ("second_factor", models.BooleanField(default=False)),
                ("device", models.CharField(max_length=80)),
                ("device_key", models.CharField(max_length=64)),
                ("address", models.CharField(max_length=64)),
                ("started_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "end",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("left", "退出登录"),
                            ("remote", "远程下线"),
                            ("idle", "久未操作"),
                            ("password", "密码已改"),
                            ("locked", "账号锁定"),
                            ("consent", "撤回同意"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("by_face", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-started_at"], name="session_of_user")],
            },
        ),
        migrations.CreateModel(
            name="FaceFactor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BinaryField()),
                ("bound_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="face_factor",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FaceCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        default=xinshu.core.cases.new_reference, editable=False, max_length=16, unique=True
                    ),
                ),
                ("purpose", models.CharField(choices=[("bind", "开启人脸识别"), ("sign_in", "登录")], max_length=10)),
                ("number", models.BinaryField()),
                ("token", models.CharField(max_length=200)),
                ("url", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "等待完成"),
                            ("passed", "已通过"),
                            ("refused", "没有通过"),
                            ("lapsed", "已过期"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=200)),
                ("begun_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="face_checks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-begun_at"], name="face_check_of_user")],
            },
        ),
        migrations.CreateModel(
            name="SentCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phone_key", models.CharField(max_length=64)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("sign_in", "登录"),
                            ("register", "注册"),
                            ("recover", "找回密码"),
                            ("link", "打开办理链接"),
                        ],
                        max_length=10,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("address", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tries", models.IntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["phone_key", "-sent_at"], name="code_of_phone"),
                    models.Index(fields=["address", "-sent_at"], name="code_of_address"),
                ],
            },
        ),
    ]
