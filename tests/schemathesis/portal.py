"""Guides what Schemathesis generates for the portal's API.

The document describes the API of every deployment and every record. What a request that it allows must also be, for
this deployment and this record, no schema can say. So a case that is meant to be accepted is brought to what this stack
accepts, and nothing else is touched: cases that are meant to be refused go out as they were generated.
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


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    operation = case.operation.definition.raw.get("operationId")
    # A tag that a link passes on is left as it is: it may be the record's.
    if "If-Match" in (case.headers or {}) and not re.fullmatch(r'"\d+\.\d+"', case.headers["If-Match"]):
        case.headers["If-Match"] = "*"
    if operation == "listConnectors" and "cursor" in (case.query or {}):
        case.query["cursor"] = CURSOR
    elif operation == "createConnector" and isinstance(case.body, dict):
        # A body's tenant is for `invpc`; this stack runs in `saas` unless it was started otherwise.
        case.body.pop("tenant_id", None)
        open_to_this_stack(case.body)
    elif operation == "updateConnector" and isinstance(case.body, dict):
        for name in FIXED:
            case.body.pop(name, None)
        # A masked ARN means "keep", where it is the record's own.
        if str(case.body.get("credentials_secret_arn")).endswith("...masked"):
            del case.body["credentials_secret_arn"]
        open_to_this_stack(case.body)
        fit_the_record(case)


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
    name = quote(str(case.path_parameters["connectorName"]), safe="")
    found = requests.get(
        f"{os.environ['PORTAL']}/api/v1/connectors/{name}",
        params=case.query,
        cookies={"axonflow_session": os.environ["SESSION"]},
        timeout=30,
    )
    if found.status_code != 200:
        return
    schemas = case.operation.schema.raw_schema["components"]["schemas"]
    draft = schemas[found.json()["connector_type"].capitalize() + "Draft"]
    for name in OF_THE_TYPE:
        schema = {**draft["properties"][name], "components": {"schemas": schemas}}
        if name in case.body and not jsonschema_rs.is_valid(schema, case.body[name]):
            del case.body[name]
