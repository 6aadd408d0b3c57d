# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium without a window, for tests of pages."""

from selenium import webdriver


def chromium(profile, *, javascript=True):
    """A driver whose profile is in the directory `profile`."""
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000",
                     f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not javascript:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(service=webdriver.ChromeService("/usr/bin/chromedriver") if hasattr(webdriver, "ChromeService")
                            else webdriver.chrome.service.Service("/usr/bin/chromedriver"), options=options)
