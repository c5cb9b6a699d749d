"""/api/v1: the operations of every context under one description."""

from xinshu.claims.api import router as claims
from xinshu.exchange.api import router as submissions
from xinshu.exchange.projects.api import messages as project_messages
from xinshu.exchange.projects.api import records as project_records
from xinshu.guarantees.api.cases import router as guarantees
from xinshu.guarantees.api.changes import of_guarantees
from xinshu.guarantees.api.changes import router as changes
from xinshu.guarantees.api.figures import figures
from xinshu.guarantees.api.types import types as guarantee_types
from xinshu.guarantees.api.verifying import public as verification
from xinshu.integrations.api import router as integrations
from xinshu.integrations.interface import make_interface
from xinshu.projects.api import router as projects
from xinshu.tenders.api import router as announcements
from xinshu.watch.api import router as risk_events

api = make_interface()
api.add_router("", integrations)
api.add_router("guarantees", guarantees)
api.add_router("guarantees", of_guarantees)
api.add_router("changes", changes)
api.add_router("claims", claims)
api.add_router("indicators", figures)
api.add_router("guarantee-types", guarantee_types)
api.add_router("verify", verification)
api.add_router("projects", projects)
api.add_router("announcements", announcements)
api.add_router("risk-events", risk_events)
api.add_router("submissions", submissions)
api.add_router("project-records", project_records)
api.add_router("project-messages", project_messages)
