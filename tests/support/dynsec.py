#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints a configuration of Mosquitto's dynamic security plugin. The user "client", with the given password, has all rights except
on closed/#. The plugin can deny subscriptions; Mosquitto's ACL file cannot.

    dynsec.py PASSWORD"""

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
