"""Where the ledger meets Wagtail's admin: wiring only."""

from cms.publishing import renewal_wiring

renewal_wiring.register()
