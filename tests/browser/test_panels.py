"""The tabs State, Deliveries, Faults and Clock."""

import json

from playwright.sync_api import expect


def tab(page, name):
    page.get_by_role("tab", name=name).click()
    return page.get_by_role("tabpanel", name=name)


def test_a_fault_that_is_added_is_felt_and_can_be_switched(page, mock):
    panel = tab(page, "Faults")
    expect(panel).to_contain_text("There are none")
    panel.get_by_label("Add a fault").fill("ListApps=status(503)")
    panel.get_by_role("button", name="Add", exact=True).click()
    switch = panel.get_by_role("switch")
    expect(switch).to_be_checked()
    expect(page.locator("#faults-on")).to_have_text("1")
    assert mock.call("GET", "/v2/apps")[0] == 503
    expect(panel).to_contain_text("struck 1 of 1")
    switch.click()
    expect(switch).not_to_be_checked()
    assert mock.call("GET", "/v2/apps")[0] == 200
    switch.click()
    expect(switch).to_be_checked()
    assert mock.call("GET", "/v2/apps")[0] == 503
    page.get_by_role("tab", name="Exchanges").click()
    expect(page.locator("#list [role=option]").first).to_contain_text("fault")
    panel = tab(page, "Faults")
    panel.get_by_role("button", name="Remove ListApps").click()
    expect(panel).to_contain_text("There are none")
    assert mock.call("GET", "/v2/apps")[0] == 200


def test_a_fault_that_was_switched_off_is_not_forgotten_over_a_late_answer(page, mock):
    panel = tab(page, "Faults")
    panel.get_by_label("Add a fault").fill("ListApps=status(503)")
    panel.get_by_role("button", name="Add", exact=True).click()
    switch = panel.get_by_role("switch")
    expect(switch).to_be_checked()
    late, answers = [], []

    def keep_first(route):
        if late:
            route.continue_()
        else:
            late.append(route)
            answers.append(route.fetch())

    page.route("**/faults", keep_first)
    # The page asks again when a fault has struck.
    assert mock.call("GET", "/v2/apps")[0] == 503
    while not answers:
        page.wait_for_timeout(10)
    switch.click()
    expect(switch).not_to_be_checked()
    with page.expect_response("**/faults"):
        late[0].fulfill(response=answers[0])
    for name in ["Clock", "Faults"]:
        tab(page, name)
    expect(page.locator("#faults-on")).to_be_hidden()
    expect(switch).not_to_be_checked()


def test_a_fault_that_cannot_be_read_is_refused_with_the_reason(page):
    panel = tab(page, "Faults")
    panel.get_by_label("Add a fault").fill("ListApps=explode")
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#said")).to_contain_text("explode")
    expect(panel.get_by_label("Add a fault")).to_have_value("ListApps=explode")


def test_the_clock_is_set_forward_and_what_fell_due_is_told(start, opened, tmp_path):
    fixture = {"projects": [{
        "apps": [{"app_id": "a", "app_name": "n", "callbacks": {"record_callback": {"url": "http://127.0.0.1:9"}}}],
        "record_rules": [{"rule_id": "r", "app_id": "a"}],
    }]}
    path = tmp_path / "fixture.json"
    path.write_text(json.dumps(fixture))
    frozen = ["--clock", "frozen@2024-03-15T08:15:30Z"]
    mock = start(*frozen, "--job-init-delay", "30m", "--fixture", str(path))
    page = opened(mock)
    job = {"room_id": "x", "user_id": "u", "is_record_audio": True, "record_param": {"record_rule_id": "r"}}
    status, made = mock.call("POST", "/v2/apps/a/individual-stream-jobs", job)
    assert status == 201, made
    panel = tab(page, "Clock")
    expect(panel.locator("#clock-now")).to_have_text("2024-03-15 08:15:30 UTC")
    for name, time in [
        ("+1 min", "2024-03-15 08:16:30 UTC"),
        ("+1 h", "2024-03-15 09:16:30 UTC"),
        ("+1 day", "2024-03-16 09:16:30 UTC"),
    ]:
        panel.get_by_role("button", name=name).click()
        expect(panel.locator("#clock-now")).to_have_text(time)
        if name == "+1 min":
            expect(panel).to_contain_text("Nothing fell due.")
        if name == "+1 h":
            expect(panel).to_contain_text(f"2024-03-15 08:45:30.000 UTC job {made['job_id']} of app a became RUNNING")
    assert mock.admin("GET", "/clock")[1]["time"] == "2024-03-16T09:16:30.000Z"
    panel.get_by_label("Set the clock").fill("frozen@2030-01-01T00:00:00Z")
    panel.get_by_role("button", name="Set", exact=True).click()
    expect(panel.locator("#clock-now")).to_have_text("2030-01-01 00:00:00 UTC")
    mock.admin("PUT", "/clock", {"clock": "frozen@2031-01-01T00:00:00Z"})
    expect(panel.locator("#clock-now")).to_have_text("2031-01-01 00:00:00 UTC")
    expect(panel.locator("#clock-setting")).to_have_text("frozen@2031-01-01T00:00:00.000Z")


def test_the_state_is_shown_as_it_changes_without_secrets(page, mock):
    panel = tab(page, "State")
    mock.call("POST", "/v2/apps", {"app_name": "meeting-room"})
    expect(panel).to_contain_text("meeting-room")
    panel.locator("summary").filter(has_text="meeting-room").click()
    expect(panel.get_by_label("One of apps")).to_contain_text('"app_key": "***"')
    panel.get_by_role("button", name="Show secrets").click()
    expect(panel.get_by_label("One of apps")).not_to_contain_text('"***"')
    panel.get_by_role("button", name="Copy as fixture").click()
    expect(page.locator("#said")).to_contain_text("copied")
    fixture = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert fixture == mock.admin("GET", "/state")[1]
    panel.get_by_role("button", name="Begin anew").click()
    expect(panel).not_to_contain_text("meeting-room")
    assert mock.call("GET", "/v2/apps")[1]["count"] == 0
