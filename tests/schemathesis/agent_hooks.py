"""What no schema can say of the agent's API, for requests that are meant to be answered.

Requests that the document forbids are sent as they were made. Of those that it allows, the ones below would be refused
for a reason that lies between two values, or in what the demo CRM holds:

- a tenant may be named in several places, but must be the same in all;
- what a statement, an operation and parameters may be is up to the connector's upstream. So most requests ask the demo
  CRM for something that it has; those for a connector that does not exist are 404 whatever they ask.
"""

import base64
import json
import os
import zlib

import schemathesis

READS = ["/accounts", "/accounts/acc-1001", "/accounts/acc-1001/notes", "/contacts", "/deals?stage=won", ""]
NOTES = "/accounts/acc-1001/notes"
SCALARS = (str, int, float, bool, type(None))
# A cursor that the list gives to licenses of tenant-a. Cursors are opaque: no generated text is one.
CURSOR = "eyJzIjoidGVuYW50LWEiLCJ0IjoidGVuYW50LWEiLCJuIjoiYSJ9"


@schemathesis.auth(refresh_interval=None)
class License:
    """The license of one tenant; refreshing everything and counting for everybody take one for all tenants. The routes
    that look at connectors get it as existing SDKs send it."""

    def get(self, case, context):
        return os.environ["LICENSE_ADMIN" if case.path.startswith("/api/v1/") else "LICENSE"]

    def set(self, case, key, context):
        if names_its_tenant(case):
            pair = base64.b64encode(f"tenant-a:{key}".encode()).decode()
            case.headers["Authorization"] = f"Basic {pair}"
        else:
            case.headers["X-License-Key"] = key


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    name_one_tenant(case)
    if case.path == "/mcp/connectors" and "cursor" in (case.query or {}):
        case.query["cursor"] = CURSOR
    if case.path == "/mcp/connectors/{name}/health" and not one_in_four(case.path_parameters):
        case.path_parameters["name"] = "demo-crm"
    if case.path == "/mcp/resources/query" and isinstance(case.body, dict):
        ask_for_what_is_there(case.body)
    if case.path == "/mcp/tools/execute" and isinstance(case.body, dict):
        write_a_note(case.body)


def names_its_tenant(case):
    """Whether the license goes as a password, with the tenant as user name."""
    return case.path.startswith("/mcp/connectors")


def name_one_tenant(case):
    """One tenant in every place that names one: mostly that of the license, else a foreign one."""
    body = case.body if isinstance(case.body, dict) else {}
    places = [
        (where, name)
        for where, name in [
            (case.path_parameters, "tenant_id"),
            (case.query, "tenant_id"),
            (body, "tenant_id"),
            (case.headers, "X-Tenant-ID"),
        ]
        if where and isinstance(where.get(name), str)
    ]
    if not places:
        return
    where, name = places[0]
    foreign = one_in_four(where[name]) and not names_its_tenant(case)
    tenant = where[name] if foreign else "tenant-a"
    for where, name in places:
        where[name] = tenant


def ask_for_what_is_there(body):
    if not of_the_crm(body):
        return
    if isinstance(body.get("statement"), str):
        body["statement"] = READS[number(body) % len(READS)]
    if isinstance(body.get("operation"), str):
        body["operation"] = "GET"
    if body.get("parameters"):
        # As query parameters: no objects, and a URL of at most 8 KiB.
        body["parameters"] = {
            name: value
            for name, value in list(body["parameters"].items())[:8]
            if isinstance(value, SCALARS) and len(json.dumps([name, value])) < 200
        }


def write_a_note(body):
    if not of_the_crm(body):
        return
    body["action"] = "POST"
    body["statement"] = NOTES
    body["parameters"] = {**(body.get("parameters") or {}), "text": "a note"}


def of_the_crm(body):
    if body["connector"] != "demo-crm" and one_in_four(body):
        return False
    body["connector"] = "demo-crm"
    return True


def number(value):
    """The same for the same value in every run."""
    return zlib.crc32(json.dumps(value, sort_keys=True, default=str).encode())


def one_in_four(value):
    return number(value) % 4 == 0
