"""The SAM template as CloudFormation will see it: `transform.py TEMPLATE OUT.json`.

What reads templates looks only at what stands in them, and a SAM function is expanded before AWS looks at it. Code is
not uploaded here: its place is taken by a bucket that does not exist. No AWS account is asked.
"""

import json
import sys

from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoPolicies(ManagedPolicyLoader):
    """The names of AWS's own policies; the template uses none, and asking for them takes an account."""

    def __init__(self):
        super().__init__(None)

    def load(self):
        return {}


def main(source, target):
    with open(source, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://packaged/code.zip"
    with open(target, "w", encoding="utf-8") as file:
        json.dump(transform(template, {}, NoPolicies()), file, indent=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
