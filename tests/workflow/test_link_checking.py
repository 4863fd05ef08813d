"""Links to other sites: what is found, how the worker asks, when one counts as dead, and what editors read of it."""

import datetime
import socket
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Site

from cms.pages import outgoing
from cms.pages.outgoing import Answer, OutgoingFailed
from cms.pages.references import Reference
from cms.workflow import link_checking, link_gathering
from cms.workflow.checks import findings_of
from cms.workflow.inbox import Notification
from cms.workflow.link_checking import Seen, ask_due, keep, look_at, want
from cms.workflow.link_records import AddressUse, ExternalAddress, LinkHost, LinkState, digest_of
from tests import factories, loopback
from tests.workflow import desk

NOW = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
CITATION = '<a linktype="reference" id="{}">[Rubin 2007]</a>'


def gather_all():
    moment = timezone.now()
    while link_gathering.gather(moment):
        pass


def uses():
    """What is known: address, title of the page, reference, whether it is public."""
    rows = AddressUse.objects.select_related("address", "page", "reference")
    return sorted(
        (
            use.address.address,
            use.page.draft_title if use.page else "",
            use.reference.short_label if use.reference else "",
            use.is_public,
        )
        for use in rows
    )


def add_address(address, **fields):
    host = address.split("/")[2].split(":")[0]
    LinkHost.objects.get_or_create(host=host, defaults={"free_at": NOW})
    return ExternalAddress.objects.create(
        **{"digest": digest_of(address), "address": address, "host_id": host, "ask_at": NOW, **fields}
    )


def paragraph(address):
    return [("paragraph", f'<p>Read <a href="{address}">this</a>.</p>')]


@pytest.fixture
def site(settings):
    with loopback.serve() as found:
        settings.OUTGOING_ALLOWED_HOSTS = [found.name]
        yield found


RUBIN = ("https://doi.org/10.1016/j.ncl.2007.01.004", "", "Rubin 2007", False)


# --- Gathering -------------------------------------------------------------------------------------------------------


def test_addresses_of_drafts_public_words_and_references_are_found(clinic):
    page = clinic.publish(clinic.article_draft("linked", body=paragraph("https://a.example/x?y=1&amp;z=2#part")))
    factories.draft(page, body=[{"type": "paragraph", "value": '<p><a href="http://b.example/">b</a></p>'}])

    gather_all()

    assert uses() == [
        ("http://b.example/", "Linked", "", False),
        ("https://a.example/x?y=1&z=2", "Linked", "", True),
        RUBIN,
    ]
    assert set(ExternalAddress.objects.values_list("state", "host_id")) == {
        ("unasked", "a.example"),
        ("unasked", "b.example"),
        ("unasked", "doi.org"),
    }


def test_buttons_and_videos_lead_outside_too(clinic):
    body = [
        ("call_to_action", {"title": "", "text": "", "label": "Book", "page": None, "url": "https://book.example/"}),
        ("embed", "https://video.example/1"),
    ]
    clinic.article_draft("buttons", body=body)

    gather_all()

    assert [row[0] for row in uses()] == ["https://book.example/", RUBIN[0], "https://video.example/1"]


@pytest.mark.parametrize(
    "address",
    [
        "/articles/", "#part", "mailto:a@b.example", "tel:4178878075", "//b.example/", "javascript:alert(1)",
        "http://localhost/articles/", "https://[::1/", f"https://b.example/{'a' * 2000}", "",
    ],
)  # fmt: skip
def test_what_leads_to_no_other_site_is_left_out(address, clinic):
    clinic.article_draft("inside", body=paragraph(address))

    gather_all()

    assert uses() == [RUBIN]


def test_page_that_cites_uses_the_address_of_its_source(clinic):
    clinic.article_draft("cited", body=[("paragraph", f"<p>So.{CITATION.format(clinic.reference.pk)}</p>")])

    gather_all()

    assert uses() == [RUBIN, (RUBIN[0], "Cited", "Rubin 2007", False)]


def test_source_that_moves_takes_the_pages_along(clinic):
    clinic.article_draft("cited", body=[("paragraph", f"<p>So.{CITATION.format(clinic.reference.pk)}</p>")])
    gather_all()
    Reference.objects.update(doi="", url="https://new.example/paper")

    gather_all()

    assert uses() == [
        ("https://new.example/paper", "", "Rubin 2007", False),
        ("https://new.example/paper", "Cited", "Rubin 2007", False),
    ]


def test_page_is_read_again_only_when_it_changed(clinic):
    page = clinic.article_draft("linked", body=paragraph("https://a.example/"))
    gather_all()

    assert link_gathering.gather(timezone.now()) == 0
    # An autosave rewrites the newest revision in place.
    page = desk.fresh(page)
    newest = page.get_latest_revision()
    draft = newest.as_object()
    draft.body = [{"type": "paragraph", "value": '<p><a href="https://b.example/">b</a></p>'}]
    draft.save_revision(user=newest.user, overwrite_revision=newest)

    assert link_gathering.gather(timezone.now()) == 1
    assert [row[0] for row in uses()] == ["https://b.example/", RUBIN[0]]
    assert not ExternalAddress.objects.filter(address="https://a.example/").exists()


# --- Settings of sites -----------------------------------------------------------------------------------------------


def with_settings(clinic, **fields):
    site = Site.objects.get(is_default_site=True)
    kinds = {name: ("Navigation" if name in ("main", "footer") else "ClinicSettings") for name in fields}
    for name, value in fields.items():
        row = apps.get_model("home", kinds[name]).for_site(site)
        setattr(row, name, value)
        row.save()
    return site


MENU = [
    {"type": "item", "value": {"title": "Portal", "page": None, "url": "https://portal.example/", "children": [
        {"title": "Bills", "page": None, "url": "https://bills.example/"},
        {"title": "Home", "page": None, "url": "/"},
    ]}},
]  # fmt: skip


def settings_uses():
    rows = AddressUse.objects.exclude(setting="").select_related("address")
    return sorted((use.address.address, use.setting.partition(":")[0], use.is_public) for use in rows)


def test_addresses_in_settings_are_found_with_the_settings_that_hold_them(clinic):
    profiles = [{"type": "profile", "value": {"name": "Elsewhere", "url": "https://social.example/us#top"}}]
    site = with_settings(
        clinic,
        main=MENU,
        footer=[],
        booking_url="https://book.example/",
        social_profiles=profiles,
        disclaimer="https://words.example/ is no link inside of a sentence.",
    )

    gather_all()

    assert settings_uses() == [
        ("https://bills.example/", "home.navigation", True),
        ("https://book.example/", "home.clinicsettings", True),
        ("https://portal.example/", "home.navigation", True),
        ("https://social.example/us", "home.clinicsettings", True),
    ]
    assert set(AddressUse.objects.exclude(setting="").values_list("setting", flat=True)) == {
        f"home.navigation:{site.pk}",
        f"home.clinicsettings:{site.pk}",
    }


def test_menu_entry_that_leads_to_a_page_leads_nowhere_else(clinic):
    entry = {"title": "", "page": clinic.article.pk, "url": "https://old.example/", "children": []}
    with_settings(clinic, main=[{"type": "item", "value": entry}])

    gather_all()

    assert settings_uses() == []


@pytest.mark.parametrize("address", ["/booking/", "tel:417", "http://localhost/x", "https://[::1/", "", "HTTPS:/x"])
def test_what_leads_to_no_other_site_is_left_out_of_settings(address, clinic):
    with_settings(clinic, booking_url=address)

    gather_all()

    assert settings_uses() == []


def test_settings_are_followed_when_they_change_and_when_their_site_goes(clinic):
    site = with_settings(clinic, booking_url="https://book.example/")
    gather_all()
    with_settings(clinic, booking_url="https://new.example/")
    gather_all()
    assert [row[0] for row in settings_uses()] == ["https://new.example/"]

    site.delete()
    gather_all()

    assert settings_uses() == []


def test_settings_that_did_not_change_are_not_written_again(clinic, django_assert_num_queries):
    with_settings(clinic, booking_url="https://book.example/", main=MENU)
    gather_all()
    kept = list(AddressUse.objects.exclude(setting="").values_list("pk", flat=True))

    # One for each kind of settings there is, and one for what is known.
    with django_assert_num_queries(4):
        link_gathering._read_settings(timezone.now())

    assert list(AddressUse.objects.exclude(setting="").values_list("pk", flat=True)) == kept


@pytest.mark.parametrize(("who", "may_change"), [("editor", False), ("administrator", True)])
def test_report_names_the_settings_and_leads_to_them_who_may_change_them(who, may_change, clinic):
    user = clinic.editor if who == "editor" else factories.make_user("ada", is_superuser=True)
    site = with_settings(clinic, booking_url="https://book.example/")
    gather_all()
    client = desk.login(user)

    page = client.get(reverse("links_report"))
    exported = client.get(reverse("links_report"), {"export": "csv"}).getvalue().decode()

    url = reverse("wagtailsettings:edit", args=["home", "clinicsettings", site.pk])
    assert f"Setting Clinic of {site.site_name or site.hostname}" in desk.shown(page)
    assert (f'href="{url}">Clinic of' in page.content.decode()) is may_change
    assert f"Setting: Clinic of {site.site_name or site.hostname}" in exported


def test_page_that_is_taken_down_or_deleted_leaves_nothing_public(clinic):
    page = clinic.publish(clinic.article_draft("linked", body=paragraph("https://a.example/")))
    gather_all()
    page.unpublish()

    gather_all()
    assert ("https://a.example/", "Linked", "", False) in uses()
    page.delete()
    gather_all()

    assert uses() == [RUBIN]


def test_gathering_goes_a_few_pages_at_a_time(clinic):
    counts = []
    while count := link_gathering.gather(NOW + timedelta(days=365), limit=4):
        counts.append(count)

    assert counts[:-1] == [4] * (len(counts) - 1)
    assert sum(counts) == type(clinic.home).objects.get().get_descendants(inclusive=True).count()


def test_page_that_cannot_be_read_stops_no_other(clinic, monkeypatch):
    clinic.article_draft("linked", body=paragraph("https://a.example/"))
    read = link_gathering.wording_of

    def broken(page):
        if page.slug == "sleeping-better":
            raise ValueError("damaged")
        return read(page)

    monkeypatch.setattr(link_gathering, "wording_of", broken)

    gather_all()

    assert ("https://a.example/", "Linked", "", False) in uses()


# --- One look --------------------------------------------------------------------------------------------------------


def test_good_address_is_asked_with_head_alone(site):
    assert look_at(site.address("/good")) == Seen("good", 200)
    assert site.lines() == ["HEAD /good"]


@pytest.mark.parametrize("refusal", [404, 405, 403, 501])
def test_server_that_knows_only_get_is_asked_once_more(refusal, site):
    site.replies["/get"] = lambda method: (refusal if method == "HEAD" else 206, {}, b"w" * 5000)

    assert look_at(site.address("/get")) == Seen("good", 206)
    assert site.lines() == ["HEAD /get", "GET /get"]
    assert site.asked[1][2]["Range"] == "bytes=0-1023"


@pytest.mark.parametrize("status", [404, 410])
def test_address_that_is_gone_is_missing(status, site):
    site.replies["/gone"] = (status, {}, b"")

    assert look_at(site.address("/gone")) == Seen("missing", status)


@pytest.mark.parametrize("status", [400, 401, 403, 429, 451, 500, 502, 503, 504, 304])
def test_server_that_turns_us_away_was_not_checked(status, site):
    site.replies["/away"] = (status, {}, b"")

    assert look_at(site.address("/away")) == Seen("unclear", status)


def test_name_that_nobody_knows_is_missing_and_resolver_that_is_away_is_not(monkeypatch):
    def unknown(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    def away(*args, **options):
        raise socket.gaierror(socket.EAI_AGAIN, "away")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert look_at("https://nowhere.example/") == Seen("missing", reason="unknown_host")
    monkeypatch.setattr(socket, "getaddrinfo", away)
    assert look_at("https://nowhere.example/") == Seen("unclear", reason="unresolved")


def test_permanent_redirect_names_the_new_address(site):
    site.replies["/old"] = (301, {"Location": "/new#part"}, b"")
    site.replies["/new"] = (308, {"Location": site.address("/newest")}, b"")

    assert look_at(site.address("/old")) == Seen("moved", 200, moved_to=site.address("/newest"))


def test_passing_redirect_is_good(site):
    site.replies["/old"] = (302, {"Location": "/today"}, b"")

    assert look_at(site.address("/old")) == Seen("good", 200)


def test_permanent_redirect_counts_up_to_the_first_passing_one(site):
    site.replies["/old"] = (301, {"Location": "/home"}, b"")
    site.replies["/home"] = (302, {"Location": "/login"}, b"")
    site.replies["/login"] = (301, {"Location": "/login/"}, b"")

    assert look_at(site.address("/old")) == Seen("moved", 200, moved_to=site.address("/home"))


def test_redirect_to_nothing_is_missing(site):
    site.replies["/old"] = (301, {"Location": "/gone"}, b"")
    site.replies["/gone"] = (404, {}, b"")

    assert look_at(site.address("/old")) == Seen("missing", 404)


def test_circle_of_redirects_ends(site):
    site.replies["/a"] = (301, {"Location": "/b"}, b"")
    site.replies["/b"] = (301, {"Location": "/a"}, b"")

    assert look_at(site.address("/a")) == Seen("unclear", reason="redirects")
    assert len(site.asked) == 4


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://2130706433:{port}/",
     "//127.1:{port}/", "http://inside.example:{port}/", "http://inside.example/"],
)  # fmt: skip
def test_redirect_to_an_address_inside_leaves_the_trap_silent(target, site, monkeypatch):
    look_up = socket.getaddrinfo

    def with_a_name(host, port, *args, **options):
        return look_up("127.0.0.1" if host == "inside.example" else host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", with_a_name)
    with loopback.serve() as trap:
        site.replies["/old"] = (301, {"Location": target.format(port=trap.port)}, b"")

        seen = look_at(site.address("/old"))

        assert seen == Seen("unclear", reason="forbidden")
        assert trap.asked == []
    assert site.lines() == ["HEAD /old"]


@pytest.mark.parametrize("target", ["", "ftp://a.example/", "javascript:alert(1)", "http://[::1/", "/old", "/a\x85b"])
def test_redirect_to_no_address_is_unclear(target, site):
    site.replies["/old"] = (301, {"Location": target}, b"")

    assert look_at(site.address("/old")) == Seen("unclear", 301, "protocol")
    assert site.lines() == ["HEAD /old"]


def test_doi_that_leads_on_is_good_and_its_publisher_is_not_asked(monkeypatch):
    asked = []

    def answer(method, address, **options):
        asked.append(address)
        return Answer(302, {"location": "https://publisher.example/"}, b"")

    monkeypatch.setattr(link_checking, "ask", answer)

    assert look_at(RUBIN[0]) == Seen("good", 302)
    assert asked == [RUBIN[0]]


# --- What is kept ----------------------------------------------------------------------------------------------------

MISSING, AWAY, GOOD = Seen("missing", 404), Seen("unclear", 503), Seen("good", 200)


@pytest.mark.parametrize(
    ("looks", "state"),
    [
        ([(0, MISSING)], LinkState.FAILING),
        ([(0, MISSING), (12, MISSING), (23, MISSING)], LinkState.FAILING),
        ([(0, MISSING), (30, MISSING)], LinkState.FAILING),
        ([(0, MISSING), (12, MISSING), (24, MISSING)], LinkState.DEAD),
        ([(0, MISSING), (12, MISSING), (24, MISSING), (48, AWAY)], LinkState.DEAD),
        ([(0, MISSING), (1, MISSING), (2, MISSING), (48, AWAY)], LinkState.FAILING),
        ([(0, MISSING), (12, GOOD), (24, MISSING), (36, MISSING)], LinkState.FAILING),
        ([(0, AWAY), (24, AWAY), (48, AWAY), (480, AWAY)], LinkState.UNCLEAR),
        ([(0, AWAY), (24, AWAY), (48, MISSING), (49, MISSING), (50, MISSING)], LinkState.FAILING),
        ([(0, MISSING), (12, MISSING), (24, MISSING), (48, GOOD)], LinkState.GOOD),
        ([(0, Seen("moved", 200, moved_to="https://b.example/"))], LinkState.REDIRECTS),
    ],
)
def test_three_failures_over_a_day_make_a_link_dead(looks, state, db):
    address = add_address("https://a.example/")

    for hours, seen in looks:
        keep(ExternalAddress.objects.get(pk=address.pk), seen, NOW + timedelta(hours=hours))

    assert ExternalAddress.objects.get(pk=address.pk).state == state


def test_everything_about_a_look_is_kept(db):
    address = add_address("https://a.example/", is_wanted=True)

    keep(address, Seen("unclear", reason="tls"), NOW)
    keep(address, MISSING, NOW + timedelta(hours=1))

    kept = ExternalAddress.objects.get()
    assert (kept.status, kept.reason, kept.missing_count, kept.is_wanted) == (404, "", 1, False)
    assert (kept.failing_since, kept.missing_since, kept.asked_at) == (
        NOW,
        NOW + timedelta(hours=1),
        NOW + timedelta(hours=1),
    )


@pytest.mark.parametrize(
    ("seen", "least", "most"),
    [
        (GOOD, 21.6, 26.4),
        (MISSING, 7.2, 8.8),
        (AWAY, 21.6, 26.4),
        (Seen("unclear", 429, wait=timedelta(days=3)), 72, 72),
        (Seen("unclear", 429, wait=timedelta(seconds=1)), 21.6, 26.4),
    ],
)
def test_good_ones_are_asked_daily_and_failing_ones_sooner(seen, least, most, db):
    hours = set()
    for number in range(20):
        address = add_address(f"https://a.example/{number}")
        keep(address, seen, NOW)
        hours.add((address.ask_at - NOW).total_seconds() / 3600)

    assert least <= min(hours) <= max(hours) <= most
    # Not all at one moment, unless the server named it.
    assert len(hours) > 1 or least == most


def test_wait_that_a_server_asks_for_has_an_end(site):
    site.replies["/busy"] = (429, {"Retry-After": "99999999"}, b"")
    site.replies["/date"] = (429, {"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}, b"")

    assert look_at(site.address("/busy")).wait == timedelta(days=7)
    assert look_at(site.address("/date")).wait is None


# --- Turns -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch):
    """Addresses in the order in which they were asked; every one is good."""
    found = []
    monkeypatch.setattr(link_checking, "look_at", lambda address: found.append(address) or GOOD)
    return found


def test_one_host_is_asked_one_thing_at_a_time_with_a_pause(asked, db, settings):
    settings.LINK_CHECKER_PAUSE_SECONDS = 10
    for address in ("https://a.example/1", "https://a.example/2", "https://b.example/1"):
        add_address(address)

    assert ask_due(clock=lambda: NOW) == 2
    assert asked == ["https://a.example/1", "https://b.example/1"]
    assert ask_due(clock=lambda: NOW + timedelta(seconds=9)) == 0
    assert ask_due(clock=lambda: NOW + timedelta(seconds=10)) == 1
    assert asked[2:] == ["https://a.example/2"]
    assert ask_due(clock=lambda: NOW + timedelta(seconds=60)) == 0


def test_turn_that_another_worker_took_is_left_to_it(asked, db, monkeypatch):
    add_address("https://a.example/")
    monkeypatch.setattr(link_checking, "_take_turn", lambda host, now: False)

    assert ask_due(clock=lambda: NOW) == 0
    assert asked == []


def test_turn_is_given_to_one_of_two(db):
    add_address("https://a.example/")

    assert [link_checking._take_turn("a.example", NOW), link_checking._take_turn("a.example", NOW)] == [True, False]


def test_turn_of_a_worker_that_died_comes_back(asked, db, monkeypatch):
    add_address("https://a.example/")
    assert link_checking._take_turn("a.example", NOW)

    assert ask_due(clock=lambda: NOW + timedelta(minutes=4)) == 0
    assert ask_due(clock=lambda: NOW + timedelta(minutes=5)) == 1


def test_turn_ends_when_the_look_breaks(db, monkeypatch, settings):
    def broken(address):
        raise RuntimeError("a mistake of ours")

    add_address("https://a.example/")
    monkeypatch.setattr(link_checking, "look_at", broken)

    with pytest.raises(RuntimeError):
        ask_due(clock=lambda: NOW)

    assert LinkHost.objects.get().free_at == NOW + timedelta(seconds=settings.LINK_CHECKER_PAUSE_SECONDS)


def test_what_somebody_wants_to_know_comes_first(asked, db):
    add_address("https://a.example/1", ask_at=NOW - timedelta(days=9))
    second = add_address("https://a.example/2", ask_at=NOW + timedelta(days=9))

    assert want(second.pk) is True
    ask_due(clock=lambda: timezone.now() + timedelta(seconds=1))

    assert asked == ["https://a.example/2"]
    assert want(second.pk + 1) is False


def test_address_that_nobody_uses_any_more_stays_gone(db):
    address = add_address("https://a.example/")
    ExternalAddress.objects.all().delete()

    keep(address, GOOD, NOW)

    assert ExternalAddress.objects.count() == 0


def test_worker_gathers_and_asks_when_it_is_switched_on(committed_clinic, site, settings):
    settings.LINK_CHECKER = True
    Reference.objects.update(doi="", url=site.address("/paper"))

    call_command("worker", "--once")

    assert ExternalAddress.objects.get().state == LinkState.GOOD
    assert site.lines() == ["HEAD /paper"]


def test_worker_asks_nothing_when_it_is_switched_off(committed_clinic, site, settings):
    settings.LINK_CHECKER = False
    Reference.objects.update(doi="", url=site.address("/paper"))

    call_command("worker", "--once")

    assert ExternalAddress.objects.get().state == LinkState.UNASKED
    assert site.asked == []


# --- What editors read -----------------------------------------------------------------------------------------------


def told(page, *codes):
    return [
        (found.code, found.message, found.is_blocking, found.field, bool(found.block_id))
        for found in findings_of(page)
        if found.code in codes
    ]


def test_dead_link_is_advice_with_the_day_since_when(clinic):
    add_address("https://a.example/x?y=1&z=2", state=LinkState.DEAD, missing_since=NOW)
    page = clinic.article_draft("linked", body=paragraph("https://a.example/x?y=1&amp;z=2#part"))

    message = "This link is dead: https://a.example/x?y=1&z=2 has not been there since 20 November 2026. Find another address."
    assert told(page, "link_dead") == [("link_dead", message, False, "body", True)]


def test_link_that_moved_is_told_with_the_new_address(clinic):
    add_address("http://a.example/", state=LinkState.REDIRECTS, redirects_to="https://a.example/")
    page = clinic.article_draft("linked", body=paragraph("http://a.example/"))

    message = "http://a.example/ has moved for good to https://a.example/. Link there directly."
    assert told(page, "link_redirects") == [("link_redirects", message, False, "body", True)]


@pytest.mark.parametrize("state", [LinkState.GOOD, LinkState.UNASKED, LinkState.UNCLEAR, LinkState.FAILING])
def test_link_that_may_be_good_is_left_alone(state, clinic):
    add_address("https://a.example/", state=state)
    page = clinic.article_draft("linked", body=paragraph("https://a.example/"))

    assert told(page, "link_dead", "link_redirects", "link_not_public") == []


def test_source_whose_address_is_dead_is_told_where_it_is_cited(clinic):
    add_address(RUBIN[0], state=LinkState.DEAD, missing_since=NOW)
    page = clinic.article_draft("cited", body=[("paragraph", f"<p>So.{CITATION.format(clinic.reference.pk)}</p>")])

    message = (
        f"The address of the reference “Rubin 2007” is dead: {RUBIN[0]} has not been there since 20 November 2026. "
        "Mend it under References."
    )
    assert told(page, "reference_dead") == [("reference_dead", message, False, "body", True)]


def test_checking_a_page_sends_nothing(clinic, monkeypatch):
    monkeypatch.setattr(outgoing, "ask", lambda *args, **options: pytest.fail("a request during a check"))
    monkeypatch.setattr(link_checking, "ask", outgoing.ask)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: pytest.fail("a look-up during a check"))
    page = clinic.article_draft("linked", body=paragraph("https://a.example/"))

    assert told(page, "link_dead") == []


def test_page_without_links_outside_costs_no_query_more(clinic, django_assert_num_queries):
    inside = clinic.article_draft("inside", body=paragraph("/articles/"))
    outside = clinic.article_draft("outside", body=paragraph("https://a.example/"))
    from cms.workflow.checks import links
    from cms.workflow.checks.wording import wording_of

    for page, queries in ((inside, 4), (outside, 1)):
        wording = wording_of(page)
        with django_assert_num_queries(queries):
            list(links.links(page, wording))


# --- Sources that no longer stand ------------------------------------------------------------------------------------


@pytest.fixture
def citing(clinic):
    return clinic.article_draft("cited", body=[("paragraph", f"<p>So.{CITATION.format(clinic.reference.pk)}</p>")])


def told_people():
    return [(row.user.username, row.sentence()) for row in Notification.objects.filter(kind="source").order_by("pk")]


@pytest.mark.parametrize("change", [{"is_retracted": True}, {"superseded_note": "Rubin DI, second edition"}])
def test_owner_is_told_once_of_a_source_that_no_longer_stands(change, clinic, citing):
    gather_all()
    assert link_gathering.tell_of_sources() == 0
    Reference.objects.update(**change)

    assert link_gathering.tell_of_sources() == 1
    assert link_gathering.tell_of_sources() == 0

    assert told_people() == [("anton", "“Cited” cites a source that is retracted or superseded. Its checks name it.")]


def test_nobody_is_told_of_a_source_that_he_does_not_cite(clinic):
    gather_all()
    Reference.objects.update(is_retracted=True)

    assert link_gathering.tell_of_sources() == 0
    assert told_people() == []


def test_worker_tells(committed_clinic):
    body = [("paragraph", f"<p>So.{CITATION.format(committed_clinic.reference.pk)}</p>")]
    committed_clinic.article_draft("cited", body=body)
    Reference.objects.update(is_retracted=True)

    call_command("worker", "--once")

    assert [name for name, _ in told_people()] == ["anton"]


def test_report_of_sources_names_the_pages(clinic, citing):
    newer = Reference.objects.create(short_label="Rubin 2026", title="Newer", doi="10.1000/new", year=2026)
    Reference.objects.filter(pk=clinic.reference.pk).update(superseded_by=newer)
    gather_all()

    page = desk.login(clinic.editor).get(reverse("sources_report")).content.decode()
    exported = desk.login(clinic.editor).get(reverse("sources_report"), {"export": "csv"}).getvalue().decode()

    assert "Superseded by “Rubin 2026”" in page
    Reference.objects.filter(short_label="Rubin 2007").update(superseded_by=None, superseded_note="The new guideline")
    assert "Superseded: The new guideline" in desk.shown(desk.login(clinic.editor).get(reverse("sources_report")))
    assert f'href="{desk.edit_url(citing)}">Cited</a>' in page
    assert exported.splitlines()[1].startswith(
        "Rubin 2007,Epidemiology and risk factors for spine pain,False,“Rubin 2026”,Cited ("
    )


def test_report_without_sources_says_what_would_be_there(clinic):
    assert (
        "Every source in the library still stands."
        in desk.login(clinic.editor).get(reverse("sources_report")).content.decode()
    )


# --- The report of links ---------------------------------------------------------------------------------------------


@pytest.fixture
def reported(clinic, settings):
    """Three addresses: one good, one moved, one dead."""
    settings.LINK_CHECKER = True
    body = [
        ("paragraph", "".join(f'<p><a href="https://{name}.example/">x</a></p>' for name in ("good", "dead", "moved")))
    ]
    page = clinic.article_draft("linked", body=body)
    gather_all()
    for name, state in (("good", LinkState.GOOD), ("dead", LinkState.DEAD), ("moved", LinkState.REDIRECTS)):
        found = ExternalAddress.objects.filter(address=f"https://{name}.example/")
        found.update(state=state, asked_at=NOW, status=404 if name == "dead" else 200)
    found.update(redirects_to="https://new.example/")
    return page


def test_report_shows_what_is_wrong_first_and_where_it_is_used(clinic, reported):
    page = desk.login(clinic.editor).get(reverse("links_report")).content.decode()

    places = [page.index(f'<a href="https://{name}.example/"') for name in ("dead", "moved", "good")]
    assert places == sorted(places)
    assert page.count(f'href="{desk.edit_url(reported)}">Linked</a>') == 3
    assert "https://new.example/" in page


def test_report_can_be_filtered_searched_and_exported(clinic, reported):
    client = desk.login(clinic.editor)

    filtered = client.get(reverse("links_report"), {"state": "dead"}).content.decode()
    searched = client.get(reverse("links_report"), {"q": "moved"}).content.decode()
    exported = client.get(reverse("links_report"), {"export": "csv"}).getvalue().decode().splitlines()

    assert ("https://dead.example/" in filtered, "https://good.example/" in filtered) == (True, False)
    assert ("https://moved.example/" in searched, "https://good.example/" in searched) == (True, False)
    assert exported[0] == "Address,State,Answer,New address,Not good since,Last asked,Next asked,Used in"
    assert [line.split(",")[:3] for line in exported[1:]] == [
        ["https://dead.example/", "Dead", "404"],
        ["https://moved.example/", "Moved", "200"],
        [RUBIN[0], "Not asked yet", ""],
        ["https://good.example/", "Good", "200"],
    ]
    assert exported[1].endswith(f"Linked ({desk.edit_url(reported)})")


def test_empty_report_says_what_would_be_there(clinic):
    Reference.objects.all().delete()

    assert (
        "No page leads to another site yet." in desk.login(clinic.editor).get(reverse("links_report")).content.decode()
    )


def test_report_says_when_nobody_asks(clinic, reported, settings):
    settings.LINK_CHECKER = False

    page = desk.login(clinic.editor).get(reverse("links_report")).content.decode()

    assert "switched off" in page
    assert "Ask again now" not in page


def test_ask_again_queues_and_asks_nothing(clinic, reported, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *args, **options: pytest.fail("a request during a click"))
    address = ExternalAddress.objects.get(address="https://dead.example/")

    response = desk.login(clinic.editor).post(reverse("links_ask_again", args=[address.pk]))

    assert (response.status_code, response.url) == (302, reverse("links_report"))
    assert list(ExternalAddress.objects.filter(is_wanted=True)) == [address]


@pytest.mark.parametrize("who", ["anonymous", "stranger"])
def test_others_neither_read_nor_ask(who, clinic, reported, client):
    address = ExternalAddress.objects.get(address="https://dead.example/")
    if who == "stranger":
        client.force_login(factories.make_user("stranger"))

    for name in ("links_report", "links_report_results", "sources_report", "sources_report_results"):
        assert client.get(reverse(name)).status_code in {302, 403}
    posted = client.post(reverse("links_ask_again", args=[address.pk]))

    assert posted.status_code in {302, 403}
    assert "reports/links" not in posted.headers.get("Location", "")[:30]
    assert not ExternalAddress.objects.filter(is_wanted=True).exists()


def test_reading_the_address_of_the_button_changes_nothing(clinic, reported):
    address = ExternalAddress.objects.get(address="https://dead.example/")

    assert desk.login(clinic.editor).get(reverse("links_ask_again", args=[address.pk])).status_code == 405
    assert desk.login(clinic.editor).post(reverse("links_ask_again", args=[0])).status_code == 404
    assert not ExternalAddress.objects.filter(is_wanted=True).exists()


def test_switched_off_checker_queues_nothing(clinic, reported, settings):
    settings.LINK_CHECKER = False
    address = ExternalAddress.objects.get(address="https://dead.example/")

    response = desk.login(clinic.editor).post(reverse("links_ask_again", args=[address.pk]), follow=True)

    assert "switched off on this server" in response.content.decode()
    assert not ExternalAddress.objects.filter(is_wanted=True).exists()


def test_failure_of_the_client_is_kept_in_words(clinic, reported, monkeypatch):
    def refuse(address, **options):
        raise OutgoingFailed("forbidden")

    monkeypatch.setattr(link_checking, "_asked", refuse)
    address = ExternalAddress.objects.get(address="https://dead.example/")
    keep(address, look_at(address.address), NOW)

    page = desk.login(clinic.editor).get(reverse("links_report")).content.decode()

    assert "an address that is not on the public internet" in page
