#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tests/e2e/browser.sh checks in a browser. Arguments: the exporter's address, a directory for the browser's profile."""

import json
import re
import sys
import urllib.error
import urllib.request

import jsonschema
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from chromium import chromium

URL, WORK = sys.argv[1:3]
PAGES = ["/", "/codes", "/events", "/clients", "/runbook"]
PATIENCE = 20  # seconds


def check(what, got, want=True):
    if got != want:
        sys.exit(f"FAILED {what}: expected {want!r}, got {got!r}")
    print(f"ok     {what}")


def get(path, accept="*/*"):
    request = urllib.request.Request(URL + path, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metrics():
    """(name, labels, value) of each series."""
    for line in get("/metrics")[1].splitlines():
        found = re.fullmatch(r"(\w+)\{(.*)\} (\S+)", line)
        if found:
            yield found[1], dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found[2])), float(found[3])


class Checks:
    def __init__(self, driver):
        self.driver = driver

    def until(self, what, condition):
        WebDriverWait(self.driver, PATIENCE).until(lambda _: condition(), what)
        print(f"ok     {what}")

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def texts(self, css):
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent.trim())", css)

    def codes(self):
        return self.driver.execute_script("return [...document.querySelectorAll('#codes tbody tr')].map(r => r.dataset.code)")

    def search(self):
        everything = len(self.codes_at("/codes"))
        for query, wanted, most in [("0x87", "0x87", 1), ("135", "0x87", 1), ("not auth", "0x87", 4), ("suback", "0x87", 25),
                                    ("ban list", "0x8A", 2)]:
            self.driver.get(URL + "/codes")
            field = self.all("input[type=search]")[0]
            field.send_keys(query)
            self.until(f"typing {query!r} finds {wanted}", lambda: wanted in self.codes() and len(self.codes()) <= most)
            check(f"the search {query!r} is in the address", "q=" in self.driver.current_url)
            address = self.driver.current_url
            check(f"which finds the same: {address}", wanted in self.codes_at(address.removeprefix(URL)))
        field = self.all("input[type=search]")[0]
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.BACKSPACE)
        self.until("an empty search shows all", lambda: len(self.codes()) == everything)

    def codes_at(self, path):
        self.driver.get(URL + path)
        return self.codes()

    def deep_link(self):
        self.driver.get(URL + "/codes#0x8D")
        top = self.driver.execute_script("return document.querySelector(':target').getBoundingClientRect().top")
        check("a deep link opens its code", 0 <= top < 500)
        check("which is that code", "Keep Alive timeout" in self.all(":target")[0].text)

    def counts(self):
        self.driver.get(URL + "/codes")
        heads = [text.split()[0] for text in self.texts("#codes thead th")]
        shown = {}
        for row in self.all("#codes tbody tr"):
            cells = self.driver.execute_script("return [...arguments[0].cells].map(c => c.dataset.value ?? '')", row)
            for head, value in zip(heads, cells):
                if head.isupper() and value not in ("", "0"):
                    key = (row.get_attribute("data-code"), head)
                    shown[key] = shown.get(key, 0) + int(value)
        counted = {}
        for name, labels, value in metrics():
            if name == "mqtt_reason_codes_total" and value:
                key = (labels["code"], labels["packet"])
                counted[key] = counted.get(key, 0) + int(value)
        check(f"the counts of {len(counted)} cells are those of /metrics", shown, counted)
        self.driver.get(URL + "/")
        names = {labels["reason"] for name, labels, value in metrics() if name == "mqtt_reason_codes_total" and value and
                 labels["broker"] == "hall" and labels["class"] == "error"}
        check("Now shows the errors of /metrics", names <= set(self.texts("#errors-hall tbody th")))

    def sort_and_keyboard(self):
        self.driver.get(URL + "/codes")
        self.driver.find_element(By.TAG_NAME, "body").send_keys("/")
        check("/ puts the cursor into the search", self.driver.switch_to.active_element.get_attribute("name"), "q")
        self.all("#codes thead th:nth-child(2) button")[0].send_keys(Keys.ENTER)
        decimals = self.texts("#codes tbody td:nth-child(2)")
        check("Enter on a column sorts by it", decimals, sorted(decimals, key=int))
        self.all("#codes thead th:nth-child(2) button")[0].send_keys(Keys.ENTER)
        decimals = self.texts("#codes tbody td:nth-child(2)")
        check("and once more the other way", decimals, sorted(decimals, key=int, reverse=True))
        check("which the column says", self.all("#codes thead th:nth-child(2)")[0].get_attribute("aria-sort"), "descending")
        self.driver.get(URL + "/")
        self.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
        first = self.driver.switch_to.active_element
        check("the first Tab leads to the content", first.text, "Skip to content")
        outline = self.driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", first)
        check("and the focus is visible", outline, "solid")

    def filters(self):
        self.driver.get(URL + "/events?broker=hall")
        everything = len(self.all("#events tbody tr"))
        self.all("input[name=client]")[0].send_keys("pump")
        self.until("a filter narrows the events", lambda: 0 < len(self.all("#events tbody tr")) < everything)
        check("to those of the client", all("pump" in text for text in self.texts("#events tbody tr td:nth-child(5)")))
        check("and the address has it", "client=pump" in self.driver.current_url)
        self.driver.get(URL + "/clients?broker=hall&reason=not_authorized")
        check("the client of the denied publishes is first", self.texts("#results tbody th")[0], "pump")

    def refresh(self):
        self.driver.get(URL + "/")
        self.all("#refresh")[0].click()
        self.driver.execute_script("document.getElementById('results').dataset.old = 'yes'; document.activeElement.blur()")
        self.until("a page refreshes itself", lambda: not self.all("#results[data-old]"))

    def hostile(self):
        for path in ("/events", "/clients", "/", "/events?client=%3Cscript%3E"):
            self.driver.get(URL + path)
            check(f"{path}: no script of a client runs", "owned" in self.driver.title, False)
            check(f"{path}: and none is in the page", self.driver.execute_script("return document.scripts.length"), 1)
            check(f"{path}: nor its pictures", len(self.all("img")), 0)
            check(f"{path}: the page is small", len(self.driver.page_source) < 500_000)
        self.driver.get(URL + "/events")
        check("the id is shown as text", any("<script>document.title" in text for text in self.texts("#events code")))

    def fits(self, width):
        size = {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": True}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        for path in PAGES:
            self.driver.get(URL + path)
            check(f"{path} fits {width} px", self.driver.execute_script("return document.documentElement.scrollWidth"), width)
            cut_off = self.driver.execute_script(
                "return [...document.querySelectorAll(':not(.matrix) > .wide')].filter(e => e.scrollWidth > e.clientWidth).length")
            check(f"{path}: no table but the matrix has to be scrolled sideways", cut_off, 0)
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def dark(self):
        def brightness():
            colours = self.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
            return sum(map(int, re.findall(r"\d+", colours)[:3]))

        light = brightness()
        scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
        for path in PAGES:
            self.driver.get(URL + path)
            check(f"{path} follows the dark scheme", brightness() < 150 < light)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def console(self):
        check("the console is empty", self.driver.get_log("browser"), [])


def without_javascript():
    driver = chromium(f"{WORK}/plain", javascript=False)
    checks = Checks(driver)
    try:
        for path, css in [("/", "#errors-hall tbody tr"), ("/events", "#events tbody tr"), ("/clients", "#results tbody tr"),
                          ("/codes?q=not+auth", "#codes tbody tr"), ("/runbook", "h3")]:
            driver.get(URL + path)
            check(f"{path} has its content without JavaScript", len(checks.all(css)) > 0)
            check(f"{path}: there is none", len(checks.all("thead button, #refresh")), 0)
        driver.get(URL + "/codes")
        field = checks.all("input[type=search]")[0]
        field.send_keys("0x8D", Keys.ENTER)
        checks.until("a form searches", lambda: "q=0x8D" in driver.current_url and len(checks.all("#codes tbody tr")) == 1)
    finally:
        driver.quit()


def api():
    description = json.loads(get("/api/v1/openapi.json")[1])
    for path, item in description["paths"].items():
        for query in ["", "?broker=hall", "?broker=nobody", "?x=1"]:
            status, body = get(path + query)
            schema = item["get"]["responses"][str(status)]["content"]["application/json"]["schema"]
            jsonschema.validate(json.loads(body), {**schema, "components": description["components"]},
                                format_checker=jsonschema.FormatChecker())
            check(f"{path}{query}: {status}, as described", status, 200 if query in ("", "?broker=hall") else
                  404 if "nobody" in query else 400)
        check(f"{path}: 406 for HTML alone", get(path, "text/html")[0], 406)
    events = json.loads(get("/api/v1/events?broker=hall&client=pump&reason=not_authorized")[1])["events"]
    check("the API knows who was denied", [event["client"] for event in events], ["pump"] * 3)


driver = chromium(f"{WORK}/full")
try:
    checks = Checks(driver)
    for step in (checks.search, checks.deep_link, checks.counts, checks.sort_and_keyboard, checks.filters, checks.refresh,
                 checks.hostile, lambda: checks.fits(390), checks.dark, checks.console):
        step()
finally:
    driver.quit()
without_javascript()
api()
