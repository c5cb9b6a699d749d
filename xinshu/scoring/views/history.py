"""本机构历史: how many past cases there are by outcome, and building training data from them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid
from xinshu.scoring.actions.history import build_from_history
from xinshu.scoring.history import history_of
from xinshu.scoring.learning.kinds import FEATURE
from xinshu.scoring.learning.reading import FEWEST_OF_EACH, FEWEST_ROWS
from xinshu.scoring.lifecycle import TRAIN
from xinshu.scoring.views.doors import house_of


@needs(TRAIN)
def build(request: HttpRequest) -> HttpResponse:
    """Show the count by outcome and the columns; on POST build the table."""
    member, wrong = house_of(request), None
    name = request.POST.get("name", "")[:300]
    if request.method == "POST":
        try:
            built = build_from_history(name, by=member, at=now())
        except Invalid as refused:
            wrong = refused
        else:
            messages.success(request, _("已生成，请核对每一列是什么，再确认可训练。"))
            return redirect("scoring:data", built.reference)
    told = history_of(member.organisation, now())
    context = {
        "told": told, "wrong": wrong, "name": name, "fewest": FEWEST_ROWS, "each": FEWEST_OF_EACH,
        "features": [column.label for column in told.columns if column.role == FEATURE],
    }  # fmt: skip
    return render(request, "scoring/history.html", context, status=422 if wrong else 200)
