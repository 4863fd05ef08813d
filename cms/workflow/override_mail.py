"""Who hears of an emergency by mail, and the mail itself.

Each person gets a mail of their own, after the commit: what was rolled back is not told, and addresses stay private.
"""

import logging
from functools import partial

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from wagtail.models import Page

from cms.accounts.models import User
from cms.workflow.models import Override

logger = logging.getLogger("attest.override")

_ADMINISTRATORS = "Administrator"


def recipients_of(page: Page) -> list[User]:
    """Who is told of an emergency: the page's owner, every administrator and superuser; active, with an address."""
    wanted = Q(groups__name=_ADMINISTRATORS) | Q(is_superuser=True) | Q(pk=page.owner_id)
    people = get_user_model().objects.filter(wanted, is_active=True).exclude(email="")
    return list(people.distinct().order_by("pk"))


def tell(page: Page, subject: str, text: str) -> None:
    """Mail ``text`` to each of ``recipients_of`` by themselves, when the transaction has committed."""
    addresses = [user.email for user in recipients_of(page)]
    transaction.on_commit(partial(_send, " ".join(subject.split()), text, addresses))


def address_of(override: Override) -> str:
    """Where ``override`` is read and confirmed."""
    return f"{settings.WAGTAILADMIN_BASE_URL}{reverse('override', args=[override.pk])}"


def _send(subject: str, text: str, addresses: list[str]) -> None:
    try:
        mails = [EmailMessage(subject, text, to=[address]) for address in addresses]
        get_connection().send_messages(mails)
    except Exception:
        # The words are public already, and the desk shows what waits: a mail server that is down must not say otherwise.
        logger.exception("The mail “%s” could not be sent", subject)
