"""/api/v1: the operations of every context under one description."""

from xinshu.guarantees.api import figures
from xinshu.guarantees.api import public as verification
from xinshu.guarantees.api import router as guarantees
from xinshu.integrations.api import router as integrations
from xinshu.integrations.interface import make_interface
from xinshu.projects.api import router as projects

api = make_interface()
api.add_router("", integrations)
api.add_router("guarantees", guarantees)
api.add_router("indicators", figures)
api.add_router("verify", verification)
api.add_router("projects", projects)
