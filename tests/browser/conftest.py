"""A browser, a mock server for each test, and what must hold in every test: no request to another
host, no violation of the page's policy, no error in the page."""

import os
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from mock import Mock

FIGURES = []
# A busy machine takes its time.
expect.set_options(timeout=15_000)

# Tells of what the policy stopped, and of markup that came to life.
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="session")
def browser():
    flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = os.environ["CHROMIUM"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def figures():
    """Figures that are told at the end."""
    return FIGURES


def pytest_terminal_summary(terminalreporter):
    for figure in FIGURES:
        terminalreporter.write_line(figure)


@pytest.fixture
def start():
    """Starts mock servers that are stopped after the test."""
    started = []

    def run(*flags, **addresses):
        started.append(Mock(*flags, **addresses))
        return started[-1]

    yield run
    for mock in started:
        if mock.process.poll() is None:
            mock.stop()


@pytest.fixture
def mock(start):
    return start()


@pytest.fixture
def opened(browser):
    """Opens the inspector of a mock in a page that is watched."""
    contexts = []

    def run(mock, live=True, **options):
        options = {"viewport": {"width": 1280, "height": 760}, **options}
        context = browser.new_context(**options)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.add_init_script(WATCH)
        page.asked, page.wrong = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.home = urlsplit(mock.admin_url).netloc
        page.is_bypassed = options.get("bypass_csp", False)
        contexts.append((context, page))
        page.goto(mock.admin_url)
        if live:
            expect(page.locator("#link")).to_have_text("live")
        return page

    yield run
    for context, page in contexts:
        violations = page.evaluate("window.violations")
        foreign = [url for url in page.asked if urlsplit(url).netloc != page.home]
        context.close()
        assert foreign == []
        assert page.wrong == []
        assert page.is_bypassed or violations == []


@pytest.fixture
def page(opened, mock):
    return opened(mock)
