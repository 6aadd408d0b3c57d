#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints a configuration of Mosquitto's dynamic security plugin: user "client" with the password given may do anything but
with closed/#. An ACL file denies no subscription; the plugin does.

    dynsec.py PASSWORD
"""

import base64
import hashlib
import json
import sys

SALT, ROUNDS = b"0123456789ab", 10
RIGHTS = ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")
DENIED = ("publishClientSend", "subscribePattern", "unsubscribePattern")

password = hashlib.pbkdf2_hmac("sha512", sys.argv[1].encode(), SALT, ROUNDS, 64)
user = {
    "username": "client",
    "roles": [{"rolename": "guest"}],
    "password": base64.b64encode(password).decode(),
    "salt": base64.b64encode(SALT).decode(),
    "iterations": ROUNDS,
}
guest = {"rolename": "guest", "acls": [{"acltype": right, "topic": "closed/#", "allow": False} for right in DENIED]}
json.dump({"defaultACLAccess": {right: True for right in RIGHTS}, "clients": [user], "roles": [guest]}, sys.stdout)
