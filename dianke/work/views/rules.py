"""Assignment: rules in their order with a preview that says who would get it now and why; skills of the team."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.stores.models import Staff
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done
from dianke.work import operations
from dianke.work.forms import PreviewForm, RuleForm, SkillForm, StaffSkillsForm
from dianke.work.models import AssignmentRule, Skill, StaffSkill
from dianke.work.queries.people import preview, today_of, wanted_for
from dianke.work.registry import task_kind

Request = Any


def _rules(request: Request) -> Any:
    return AssignmentRule.objects.visible_to(request.actor).select_related(
        "store", "region", "skill", "person"
    )


@require_GET
@requires("work.manage_rules")
def rule_list(request: Request) -> HttpResponse:
    """The rules in the order they are asked, and the preview beside them."""
    rows = [
        {
            "row": rule,
            "kind": task_kind(rule.kind) if rule.kind else None,
            "place": rule.store or rule.region,
            "can_change": request.actor.stores_for("work.manage_rules") is None
            or (rule.store_id is not None and request.actor.can("work.manage_rules", store_id=rule.store_id)),
        }
        for rule in _rules(request)
    ]
    is_asked = "kind" in request.GET
    form = PreviewForm(request.GET if is_asked else None, actor=request.actor, now=request.now)
    context: dict[str, Any] = {"rows": rows, "form": form, "preview": None}
    if is_asked and form.is_valid():
        data = form.cleaned_data
        skill = data.get("skill")
        wanted = wanted_for(
            kind=data["kind"],
            store=data["store"],
            skill_id=skill.pk if skill else None,
            skill_name=str(skill or ""),
        )
        context["preview"] = preview(wanted, now=request.now)
    is_part = request.headers.get("HX-Target", "").endswith("#preview")
    return render(request, "work/rules.html#answer" if is_part else "work/rules.html", context)


@require_http_methods(["GET", "POST"])
@requires("work.manage_rules")
def rule_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new rule, or an existing one."""
    rule = get_object_or_404(_rules(request), pk=pk) if pk else None
    form = RuleForm(request.POST or None, actor=request.actor, now=request.now, rule=rule)

    def run(data: dict[str, Any]) -> AssignmentRule:
        if rule is None:
            return operations.create_rule(values=form.values(), actor=request.actor, now=request.now)
        return operations.change_rule(rule=rule, values=form.values(), actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change the rule") if rule else _("New rule"),
        template="work/form.html",
        success=_("Rule saved. It holds for new tasks."),
        redirect_to=reverse("work:rules"),
        cancel_url=reverse("work:rules"),
    )


@require_POST
@requires("work.manage_rules")
def rule_move(request: Request, pk: int) -> HttpResponse:
    """Earlier or later in the order."""
    rule = get_object_or_404(_rules(request), pk=pk)
    operations.move_rule(
        rule=rule, is_up=request.POST.get("to") == "up", actor=request.actor, now=request.now
    )
    return done(request, _("Order changed."), to=reverse("work:rules"))


@require_POST
@requires("work.manage_rules")
def rule_pause(request: Request, pk: int) -> HttpResponse:
    """Out of use, or in use again."""
    rule = get_object_or_404(_rules(request), pk=pk)
    is_paused = request.POST.get("is_paused") == "1"
    operations.pause_rule(rule=rule, is_paused=is_paused, actor=request.actor, now=request.now)
    text = _("Rule “%(name)s” is not asked any more.") if is_paused else _("Rule “%(name)s” is asked again.")
    return done(request, text % {"name": rule.name}, to=reverse("work:rules"))


# --- skills --------------------------------------------------------------------------------------------------
@require_GET
@requires("work.manage_rules")
def skill_list(request: Request) -> HttpResponse:
    """Who can do what."""
    today = today_of(request.now)
    people = (
        Staff.objects.visible_to(request.actor, "work.manage_rules")
        .employed_on(today)
        .select_related("user")
        .prefetch_related(
            Prefetch("skills", StaffSkill.objects.select_related("skill").order_by("-level", "skill__name"))
        )
        .order_by("name", "pk")
    )
    skills = Skill.objects.filter(archived_at=None).annotate(people_count=Count("people"))
    context = {"people": people, "skills": skills, "form": SkillForm()}
    return render(request, "work/skills.html", context)


@require_http_methods(["GET", "POST"])
@requires("work.manage_rules")
def skill_new(request: Request) -> HttpResponse:
    """A skill more."""
    form = SkillForm(request.POST or None)
    return form_view(
        request,
        form=form,
        run=lambda data: operations.add_skill(**data, actor=request.actor, now=request.now),
        title=_("New skill"),
        success=lambda skill: _("Skill “%(name)s” added.") % {"name": skill.name},
        redirect_to=reverse("work:skills"),
        cancel_url=reverse("work:skills"),
    )


@require_POST
@requires("work.manage_rules")
def skill_archive(request: Request, pk: int) -> HttpResponse:
    """A skill that is not offered any more."""
    skill = operations.archive_skill(
        skill=get_object_or_404(Skill, pk=pk), actor=request.actor, now=request.now
    )
    return done(request, _("Skill “%(name)s” archived.") % {"name": skill.name}, to=reverse("work:skills"))


@require_http_methods(["GET", "POST"])
@requires("work.manage_rules")
def staff_skills(request: Request, pk: int) -> HttpResponse:
    """What one person can do."""
    staff = get_object_or_404(Staff.objects.visible_to(request.actor, "work.manage_rules"), pk=pk)
    levels = dict(StaffSkill.objects.filter(staff=staff).values_list("skill_id", "level"))
    skills = Skill.objects.filter(archived_at=None) | Skill.objects.filter(pk__in=levels)
    form = StaffSkillsForm(request.POST or None, skills=skills, levels=levels)
    return form_view(
        request,
        form=form,
        run=lambda data: operations.set_staff_skills(
            staff=staff, levels=form.levels(), actor=request.actor, now=request.now
        ),
        title=_("What %(name)s can do") % {"name": staff},
        success=_("Skills saved."),
        redirect_to=reverse("work:skills"),
        cancel_url=reverse("work:skills"),
        template="work/form.html",
        context={"crumb_list": [Crumb(_("Skills"), reverse("work:skills"))]},
    )
