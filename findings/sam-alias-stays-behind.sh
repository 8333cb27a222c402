#!/usr/bin/env bash
# With AutoPublishAlias, a new MemorySize or variable publishes a version; a new Timeout, Layers, Handler, Runtime or VpcConfig does not.
#
# Versions:  aws-sam-translator 1.115.0.
# Behaviour: the logical id of the AWS::Lambda::Version is a hash of CodeUri, Environment, MemorySize and SnapStart. Where only other
#            properties change, the id stays, CloudFormation keeps the published version, and the alias goes on answering with the old
#            configuration, while $LATEST shows the new one. AutoPublishAliasAllProperties: true takes them all in.
# Seen:      new version for: MemorySize, Environment; the same version for: Timeout, Layers, Handler, Runtime, VpcConfig, EphemeralStorage,
#            Architectures, FileSystemConfigs, LoggingConfig
# Why:       a state machine or a custom resource that calls the alias keeps a timeout or a layer that the deployed template no longer
#            names; the stack says UPDATE_COMPLETE, the console's first page (of $LATEST) agrees, and only the version's page tells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet aws-sam-translator==1.115.0
cd "$folder"
AWS_DEFAULT_REGION=eu-west-1 "$folder/venv/bin/python" - <<'PYTHON'
import logging

from samtranslator.translator.transform import transform

logging.disable()


class NoPolicies:
    def load(self):
        return {}


def version(**changed):
    """Return the logical id of the version that a function with these properties publishes."""
    properties = {
        "Handler": "app.handler", "Runtime": "python3.12", "CodeUri": "s3://bucket/key", "AutoPublishAlias": "live",
        "Role": "arn:aws:iam::111122223333:role/function",
    }
    resource = {"Type": "AWS::Serverless::Function", "Properties": properties | changed}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Function": resource}}
    made = transform(template, {}, NoPolicies())["Resources"].items()
    return next(name for name, one in made if one["Type"] == "AWS::Lambda::Version")


CHANGES = {
    "MemorySize": 512,
    "Environment": {"Variables": {"A": "b"}},
    "Timeout": 60,
    "Layers": ["arn:aws:lambda:eu-west-1:111122223333:layer:libraries:2"],
    "Handler": "app.other",
    "Runtime": "python3.13",
    "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    "EphemeralStorage": {"Size": 2048},
    "Architectures": ["arm64"],
    "FileSystemConfigs": [{"Arn": "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-1", "LocalMountPath": "/mnt/a"}],
    "LoggingConfig": {"LogFormat": "JSON"},
}
before = version()
moved = [name for name, value in CHANGES.items() if version(**{name: value}) != before]
print("new version for:", ", ".join(moved))
print("the same version for:", ", ".join(name for name in CHANGES if name not in moved))
assert moved == ["MemorySize", "Environment"], "changed: other properties count"
everything = version(AutoPublishAliasAllProperties=True)
assert all(version(AutoPublishAliasAllProperties=True, **{name: value}) != everything for name, value in CHANGES.items())
PYTHON
