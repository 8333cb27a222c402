#!/usr/bin/env bash
# In AWS::Serverless::StateMachine's inline Definition, `Seconds: !Ref Parameter` becomes "Seconds": "60": text, not a number.
#
# Versions:  aws-sam-translator 1.115.0 (what `sam` and AWS::Serverless-2016-10-31 run).
# Behaviour: each intrinsic in the definition becomes a placeholder of DefinitionSubstitutions, written between quotes, whatever the field
#            or the parameter's type asks for. So !Ref of a Number arrives as text, and the translator says nothing. Keys are sorted,
#            too: the states no longer stand in the order of the template.
# Seen:      "Seconds": "${definition_substitution_1}", with {"definition_substitution_1": {"Ref": "WaitSeconds"}}
# Why:       TimeoutSeconds, Seconds, MaxConcurrency, InstanceCount or MaxRuntimeInSeconds from a stack's parameter make a definition that
#            holds "60" where the language wants 60, and that is found out when the stack is deployed. Take such numbers from the
#            execution's input by path, or write the definition as text in a file, with ${WaitSeconds} outside quotes, for DefinitionUri.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet aws-sam-translator==1.115.0
cd "$folder"
AWS_DEFAULT_REGION=eu-west-1 "$folder/venv/bin/python" - <<'PYTHON'
import json
import logging

from samtranslator.translator.transform import transform

logging.disable()


class NoPolicies:
    def load(self):
        return {}


definition = {
    "StartAt": "Wait",
    "States": {
        "Wait": {"Type": "Wait", "Seconds": {"Ref": "WaitSeconds"}, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}
role = "arn:aws:iam::111122223333:role/machine"
template = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Parameters": {"WaitSeconds": {"Type": "Number", "Default": 60}},
    "Resources": {
        "Machine": {"Type": "AWS::Serverless::StateMachine", "Properties": {"Role": role, "Definition": definition}}
    },
}
properties = transform(template, {}, NoPolicies())["Resources"]["Machine"]["Properties"]
text = "\n".join(properties["DefinitionString"]["Fn::Join"][1])
substitutions = properties["DefinitionSubstitutions"]
print(text)
print(json.dumps(substitutions))
assert substitutions == {"definition_substitution_1": {"Ref": "WaitSeconds"}}
deployed = json.loads(text.replace("${definition_substitution_1}", "60"))
assert deployed["States"]["Wait"]["Seconds"] == "60", "changed: the number stays a number"
assert list(deployed["States"]) == ["Done", "Wait"], "changed: the states keep their order"
PYTHON
