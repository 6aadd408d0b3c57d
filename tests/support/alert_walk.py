#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows the links of an alert from Alertmanager to the client that causes it, in a browser: the first click opens a link of the
alert, the second one the clients. That page must show which client, since when, why, and where to read what to do.

    alert_walk.py ALERTMANAGER ALERT CLIENT DIRECTORY     CLIENT is a regular expression; DIRECTORY is for the browser's profile"""

import json
import re
import sys
import urllib.request

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from chromium import chromium

ALERTMANAGER, ALERT, CLIENT, WORK = sys.argv[1:5]
# Where the link to the clients is: in the chapter of the alert, and in the sentence that says what is wrong.
STEPS = {
    "runbook_url": f"//h3[@id='{ALERT.lower()}']/following-sibling::*[1]//a[.='clients']",
    "dashboard_url": f"//li[contains(., '{ALERT}')]//a[.='clients']",
}


def check(what, good, got):
    if not good:
        sys.exit(f"FAILED {what}: {got!r}")
    print(f"ok     {what}")


with urllib.request.urlopen(f"{ALERTMANAGER}/api/v2/alerts?active=true", timeout=10) as answer:
    alerts = [alert for alert in json.load(answer) if alert["labels"]["alertname"] == ALERT]
check(f"Alertmanager has {ALERT}", len(alerts) == 1, alerts)

driver = chromium(f"{WORK}/walk")
try:
    for link, clients in STEPS.items():
        driver.get(alerts[0]["annotations"][link])
        found = driver.find_elements(By.XPATH, clients)
        check(f"{link}: leads to clients", found, driver.current_url)
        found[0].click()
        WebDriverWait(driver, 20).until(lambda d: "/clients?" in d.current_url)
        section = driver.find_element(By.CSS_SELECTOR, "#results section")
        rows = section.find_elements(By.CSS_SELECTOR, "tbody tr")
        check(f"{link}: which client", rows and re.search(CLIENT, rows[0].text), section.text)
        check(f"{link}: since when", len(rows[0].find_elements(By.TAG_NAME, "time")) == 2, rows[0].text)
        check(f"{link}: why", "not permitted to connect" in section.text, section.text)
        chapter = section.find_element(By.LINK_TEXT, "what to do").get_attribute("href")
        check(f"{link}: what to do", chapter.endswith("/runbook#not_authorized"), chapter)
finally:
    driver.quit()
