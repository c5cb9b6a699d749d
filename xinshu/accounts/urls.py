"""Addresses of sign-in, registration, and the lists of operator and administrator."""

from django.urls import path

from xinshu.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in_page, name="sign_in"),
    path("sign-out/", views.sign_out_act, name="sign_out"),
    path("switch/", views.switch_page, name="switch"),
    path("register/", views.register_page, name="register"),
    path("register/organisation/", views.organisation_fields, name="organisation_fields"),
    path("register/agreement/", views.agreement_page, name="agreement"),
    path("register/progress/", views.progress_page, name="progress"),
    path("register/progress/<slug:reference>/", views.registration_progress, name="registration_progress"),
    path("registrations/", views.registrations_page, name="registrations"),
    path("registrations/<slug:reference>/", views.registration_page, name="registration"),
    path("registrations/<slug:reference>/<slug:action>/", views.decide_registration, name="decide"),
    path("users/", views.users_page, name="users"),
    path("users/<str:username>/", views.user_page, name="user"),
    path("users/<str:username>/<slug:action>/", views.change_user, name="change_user"),
]
