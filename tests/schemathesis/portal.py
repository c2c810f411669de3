"""Guides what Schemathesis generates for the portal's API.

The document describes the API of every deployment and every record. What a request that it allows must also be, for
this deployment and this record, no schema can say. So a case that is meant to be accepted is brought to what this stack
accepts, and a case that is meant to be refused goes out as it was generated. No case makes the stack contact a host that
is not its own.
"""

import os
import re
from urllib.parse import quote

import jsonschema_rs
import requests
import schemathesis

# A cursor that the list gives to sessions of tenant-a. Cursors are opaque: no generated text is one.
CURSOR = "eyJzIjoidGVuYW50LWEiLCJ0IjoidGVuYW50LWEiLCJuIjoiYSJ9"

# What a PUT takes only where it equals what is stored.
FIXED = (
    "id",
    "tenant_id",
    "connector_name",
    "connector_type",
    "health_status",
    "last_health_check",
    "last_error",
    "created_at",
    "updated_at",
    "version",
)

# The settings whose form depends on the stored record's type.
OF_THE_TYPE = ("connection_url", "options")


# The stack's own connector, to the upstream that it starts on this machine.
DEMO = "demo-crm"


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.definition.raw.get("operationId")
    stay_at_home(case, operation)
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # A tag that a link passes on is left as it is: it may be the record's.
    if "If-Match" in (case.headers or {}) and not re.fullmatch(r'"\d+\.\d+"', case.headers["If-Match"]):
        case.headers["If-Match"] = "*"
    if operation == "listConnectors" and "cursor" in (case.query or {}):
        case.query["cursor"] = CURSOR
    elif operation == "createConnector" and isinstance(case.body, dict):
        if os.environ["DEPLOYMENT_MODE"] == "saas":
            case.body.pop("tenant_id", None)
        open_to_this_stack(case.body)
        if case.meta.phase.name.value != "stateful":
            make_room(case.body)
    elif operation == "updateConnector" and isinstance(case.body, dict):
        for name in FIXED:
            case.body.pop(name, None)
        # A masked ARN means "keep", where it is the record's own.
        if str(case.body.get("credentials_secret_arn")).endswith("...masked"):
            del case.body["credentials_secret_arn"]
        open_to_this_stack(case.body)
        fit_the_record(case)


def stay_at_home(case, operation):
    """A live test contacts what the record names, and a generated record may name anybody's host: only the demo is
    tested live, and so it is never changed."""
    body, path = case.body, case.path_parameters or {}
    if operation == "testConnector" and isinstance(body, dict) and body.get("mode") == "live":
        path["connectorName"] = DEMO
    elif operation in ("updateConnector", "deleteConnector") and path.get("connectorName") == DEMO:
        path["connectorName"] = DEMO + "-2"
    elif operation == "createConnector" and isinstance(body, dict) and body.get("connector_name") == DEMO:
        body["connector_name"] = DEMO + "-2"


def make_room(body):
    """The few names that are generated are soon all taken, and nothing new would be stored any more."""
    if isinstance(body.get("connector_name"), str):
        tenant = body.get("tenant_id")
        ask("DELETE", body["connector_name"], {"tenant_id": tenant} if tenant else None)


def ask(method, connector, query):
    return requests.request(
        method,
        f"{os.environ['PORTAL']}/api/v1/connectors/{quote(str(connector), safe='')}",
        params=query,
        cookies={"axonflow_session": os.environ["SESSION"]},
        timeout=30,
    )


def open_to_this_stack(body):
    """Plain HTTP and unverified databases are taken to hosts of EGRESS_ALLOW alone, and not every text between
    brackets is an IPv6 address."""
    url = body.get("connection_url")
    if isinstance(url, str):
        url = re.sub(r"\[[^\]]*\]", "[2001:db8::1]", url)
        url = re.sub("^http://", "https://", url)
        body["connection_url"] = re.sub("sslmode=disable$", "sslmode=require", url)


def fit_the_record(case):
    """A change may hold what a new connector of the record's type may hold: the document says what that is."""
    if not any(name in case.body for name in OF_THE_TYPE):
        return
    found = ask("GET", case.path_parameters["connectorName"], case.query)
    if found.status_code != 200:
        return
    schemas = case.operation.schema.raw_schema["components"]["schemas"]
    draft = schemas[found.json()["connector_type"].capitalize() + "Draft"]
    for name in OF_THE_TYPE:
        schema = {**draft["properties"][name], "components": {"schemas": schemas}}
        if name in case.body and not jsonschema_rs.is_valid(schema, case.body[name]):
            del case.body[name]
