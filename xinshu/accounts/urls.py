"""Addresses of sign-in, registration, one's own account, and the lists of operator and administrators."""

from django.urls import path

from xinshu.accounts.views import codes, doors, emergency, mine, people, rules

app_name = "accounts"
urlpatterns = [
    path("sign-in/", doors.sign_in_page, name="sign_in"),
    path("sign-in/code/", codes.code_sign_in_page, name="code_sign_in"),
    path("sign-in/second/", codes.second_page, name="second"),
    path("sign-in/bind/", codes.bind_page, name="bind"),
    path("recover/", codes.recover_page, name="recover"),
    path("sign-out/", doors.sign_out_act, name="sign_out"),
    path("switch/", doors.switch_page, name="switch"),
    path("register/", doors.register_page, name="register"),
    path("register/quick/", codes.quick_page, name="quick"),
    path("register/organisation/", doors.organisation_fields, name="organisation_fields"),
    path("register/agreement/", doors.agreement_page, name="agreement"),
    path("register/progress/", doors.progress_page, name="progress"),
    path("register/progress/<slug:reference>/", doors.registration_progress, name="registration_progress"),
    path("demo/sms/", codes.sandbox_page, name="sandbox"),
    path("account/", mine.account_page, name="account"),
    path("account/password/", mine.password_page, name="password"),
    path("account/second-factor/", mine.second_factor_page, name="second_factor"),
    path("account/history/", mine.history_page, name="history"),
    path("account/sessions/end-others/", mine.end_others_act, name="end_others"),
    path("account/sessions/<slug:reference>/end/", mine.end_session_act, name="end_session"),
    path("registrations/", doors.registrations_page, name="registrations"),
    path("registrations/<slug:reference>/", doors.registration_page, name="registration"),
    path("registrations/<slug:reference>/<slug:action>/", doors.decide_registration, name="decide"),
    path("users/", people.users_page, name="users"),
    path("users/new/", people.new_user_page, name="new_user"),
    path("users/<str:username>/", people.user_page, name="user"),
    path("users/<str:username>/details/", people.change_user_page, name="change_details"),
    path("users/<str:username>/leave/", people.leave_page, name="leave"),
    path("users/<str:username>/roles/<int:number>/", people.roles_page, name="roles"),
    path("users/<str:username>/<slug:action>/", people.change_user, name="change_user"),
    path("role-changes/", people.role_changes_page, name="role_changes"),
    path("role-changes/<slug:reference>/", people.role_change_page, name="role_change"),
    path("role-changes/<slug:reference>/<slug:action>/", people.decide_roles, name="decide_roles"),
    path("role-tables/", rules.tables_page, name="tables"),
    path("role-tables/<int:number>/", rules.table_page, name="table"),
    path("role-tables/versions/<slug:reference>/", rules.version_page, name="version"),
    path("role-tables/versions/<slug:reference>/<slug:action>/", rules.decide_table, name="decide_table"),
    path("emergency/", emergency.emergency_page, name="emergency"),
    path("emergency/<slug:reference>/lift/", emergency.lift_act, name="lift"),
]
