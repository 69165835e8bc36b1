"""Pages in a real browser: what the tests of the gallery and of the builder share (conftest takes its fixtures)."""

import os
import shutil
import time
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def site(data, tmp_path_factory):
    """The gallery as `make build` left it, or built now, once for all workers, if it is not there or not up to date."""
    from analysis.build.everything import site_step
    from analysis.publishing.gallery import SITE, build_gallery

    if site_step().is_done() or site_step(packs=True).is_done():
        return SITE
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    try:
        (shared / "gallery").mkdir()
    except FileExistsError:
        end = time.monotonic() + 600
        while not (shared / "gallery" / "site").is_dir():  # it is there whole or not at all
            assert time.monotonic() < end, "the worker that builds the gallery has not ended"
            time.sleep(0.2)
    else:
        build_gallery(data, shared / "gallery" / "site")
    return shared / "gallery" / "site"


@pytest.fixture(scope="session")
def pages(site):
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def some(pages):
    """All pages, but of those that one template makes of many groups each sixth and the ones of the longest names."""
    for folder in ("answers/", "sheets/", "embed/", "forces/"):
        alike = [path for path in pages if path.startswith(folder)]
        left_out = set(alike) - {*alike[::6], *sorted(alike, key=len)[-5:]}
        pages = [path for path in pages if path not in left_out]
    return pages


FOR_RESEARCHERS = (  # pages that no campaigner is led to
    *("notebooks/", "methodology", "literature", "library", "data-dictionary", "corrections", "changes"),
    *("bring-your-own-data", "use-the-data", "findings"),
)


def for_campaigners(pages):
    return [path for path in pages if not path.startswith(FOR_RESEARCHERS)]


# A page takes the frame of the page before it, as in all browsers until 2024: a fifth less work a page. (The switch
# replaces the list that Playwright gives, of which only the first matters to files.)
CHEAPER = "--disable-features=PaintHolding,RenderDocument"


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("The pages are tested in Chromium, which is not here (Debian: apt-get install chromium-headless-shell).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", CHEAPER, "--host-resolver-rules=MAP * ~NOTFOUND"]
        )
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, site):
    """A function that opens a tab; at its end nothing may have been logged, thrown or asked of the outside."""
    problems, contexts = [], []

    def open_tab(width=1280, **options):
        options = {"reduced_motion": "reduce", "accept_downloads": True, **options}  # scrolling at once takes no time
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)

        def only_files(request):
            if not request.url.startswith(("file:", "data:", "blob:")):
                problems.append(f"asked for {request.url}")

        context.on("request", only_files)
        page = context.new_page()
        page.on("console", lambda message: problems.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert not problems


def go_without_scripts(page, site, path):
    """As go, but none of the page's own scripts run: it is there as whoever switched them off has it. Axe runs."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    go(page, site, path)
    session.send("Emulation.setScriptExecutionDisabled", {"value": False})
    session.detach()


def go(page, site, path):
    page.goto((site / path.split("#")[0]).as_uri() + (f"#{path.split('#')[1]}" if "#" in path else ""))


def take(page, name):
    """What a button of that name gives to download: file name and bytes."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


VIOLATIONS = "options => axe.run(options).then(found => found.violations.map(rule => [rule.id, rule.nodes[0].html]))"


def problems_of(page):
    """What axe finds wrong on a page with all its parts open: everything in light colours, and the contrast in dark.

    Of a long table its first 12 rows are looked at: the others come of the same line of the same template.
    """
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("""
        document.querySelectorAll('details').forEach(item => { item.open = true });
        document.querySelectorAll('tbody tr:nth-child(n+12)').forEach(row => row.remove());
    """)
    page.evaluate(Axe().axe_script)
    found = []
    for scheme, rules in (("dark", {"runOnly": ["color-contrast"]}), ("light", {})):
        page.emulate_media(color_scheme=scheme)
        said = page.evaluate(VIOLATIONS, {"preload": False, "resultTypes": ["violations"], **rules})
        found += [f"{scheme}: {rule}: {html[:200]}" for rule, html in said]
    return found
