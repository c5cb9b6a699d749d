"""Addresses of invoices and statements."""

from django.urls import path

from xinshu.billing.views import bank, earnings, invoices, returns, statements, statistics, transfers

app_name = "billing"
urlpatterns = [
    path("billing/invoices/", invoices.show_list, name="invoices"),
    path("billing/invoices/export/", invoices.export, name="export_invoices"),
    path("billing/orders/<str:order_number>/invoice/", invoices.new, name="request"),
    path("billing/invoices/<str:reference>/", invoices.show, name="invoice"),
    path("billing/invoices/<str:reference>/correct/", invoices.correct, name="correct"),
    path("billing/invoices/<str:reference>/do/<str:action>/", invoices.act, name="invoice_act"),
    path("billing/statistics/", statistics.show, name="statistics"),
    path("billing/statistics/export/", statistics.export, name="export_statistics"),
    path("billing/earnings/", earnings.show, name="earnings"),
    path("billing/earnings/export/", earnings.export, name="export_earnings"),
    path("billing/earnings/method/", earnings.set_terms, name="reserve_method"),
    path("billing/bank/", bank.show, name="bank"),
    path("billing/bank/import/", bank.take_in, name="import_lines"),
    path("billing/bank/again/", bank.again, name="match_again"),
    path("billing/bank/confirm/", bank.confirm_all, name="confirm_sure"),
    path("billing/bank/export/", bank.export, name="export_bank"),
    path("billing/bank/lines/<str:reference>/match/", bank.by_hand, name="match_line"),
    path("billing/bank/matches/<str:reference>/<str:action>/", bank.act, name="match_act"),
    path("billing/transfers/", transfers.show_list, name="transfers"),
    path("billing/transfers/export/", transfers.export, name="export_transfers"),
    path("billing/transfers/<str:order_number>/", transfers.show, name="transfer"),
    path("billing/transfers/<str:order_number>/do/<str:action>/", transfers.act, name="transfer_act"),
    path("billing/returns/", returns.show_list, name="returns"),
    path("billing/returns/export/", returns.export, name="export_returns"),
    path("billing/statements/", statements.show_all, name="statements"),
    path("billing/statements/export/", statements.export_all, name="export_statements"),
    path("billing/statements/<str:reference>/", statements.show, name="statement"),
    path("billing/statements/<str:reference>/export/", statements.export, name="export_statement"),
]
