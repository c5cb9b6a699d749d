"""Public verification (保函查验): by number and code, by QR, by uploading the letter. Nobody needs to sign in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from xinshu.core.clock import now
from xinshu.core.refusals import Invalid
from xinshu.documents.uploads import read_upload
from xinshu.guarantees import verification
from xinshu.guarantees.forms import LetterForm, VerifyForm
from xinshu.guarantees.verification import Verdict
from xinshu.guarantees.views.forms_shown import show_in


def verify(request: HttpRequest) -> HttpResponse:
    """Ask for number and code, or for the file; answer on the same page."""
    asked = VerifyForm(request.GET or None) if "number" in request.GET else VerifyForm()
    letter = LetterForm()
    if request.method == "POST":
        letter = LetterForm(request.POST, request.FILES)
        if letter.is_valid():
            try:
                content = read_upload(letter.cleaned_data["letter"])
            except Invalid as refusal:
                show_in(letter, refusal, "letter")
            else:
                return _answer(request, verification.by_file(content, now()))
    elif asked.is_bound and asked.is_valid():
        return _answer(request, verification.by_code(asked.cleaned_data["number"], asked.cleaned_data["code"], now()))
    status = 422 if (asked.is_bound and asked.errors) or (letter.is_bound and letter.errors) else 200
    return render(request, "guarantees/verify.html", {"form": asked, "letter_form": letter}, status=status)


def verify_number(request: HttpRequest, number: str) -> HttpResponse:
    """Answer for the address in a letter's QR code: with the code everything, without it what anybody may see."""
    code = request.GET.get("code", "")
    verdict = verification.by_code(number, code, now()) if code else verification.by_number(number, now())
    return _answer(request, verdict, number)


def _answer(request: HttpRequest, verdict: Verdict, number: str = "") -> HttpResponse:
    context = {"verdict": verdict, "number": number or verdict.number, "form": VerifyForm(initial={"number": number})}
    return render(request, "guarantees/verdict.html", context)
