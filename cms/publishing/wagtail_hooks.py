"""Where publishing meets Wagtail's admin: wiring only."""

from cms.publishing import refused_acts, schedule_desk

refused_acts.register()
schedule_desk.register()
