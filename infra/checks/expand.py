"""The SAM template as CloudFormation will see it: `expand.py TEMPLATE OUT.json`.

Linters look at what stands in a template, and a SAM function is expanded before AWS looks at it. No code is uploaded:
a bucket that does not exist takes its place. No AWS account is asked.
"""

import json
import os
import sys

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoPolicies(ManagedPolicyLoader):
    """The names of AWS's own policies: the template uses none, and asking for them takes an account."""

    def __init__(self):
        super().__init__(None)

    def load(self):
        return {}


def expanded(template):
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://packaged/code.zip"
    return transform(template, {}, NoPolicies())


def main(source, target):
    with open(source, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    try:
        plain = expanded(template)
    except InvalidDocumentException as error:
        sys.exit("\n".join(cause.message for cause in error.causes))
    with open(target, "w", encoding="utf-8") as file:
        json.dump(plain, file, indent=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
