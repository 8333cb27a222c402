#!/usr/bin/env bash
# Four validators of Amazon States Language, twelve faults: the three that know today's language find 3 to 6 of them, each others.
#
# Versions:  asl-validator 4.0.0, amazon-states-language-service 1.16.1 (AWS's own, inside its editor extension), @wmfs/statelint 1.30.0,
#            cfn-lint 1.58.0 (its rule E3601).
# Behaviour: cfn-lint holds single states to a schema and takes a Next that names no state and a machine that never ends. AWS's language
#            service takes the same state name twice across branches, a timeout of 0 and an InputPath that is no path.
#            asl-validator takes States.ALL before other catchers and a timestamp "yesterday". Only statelint finds ten of twelve, and
#            it refuses every JSONata machine. A heartbeat longer than its timeout and a SageMaker job that waits for a task token
#            (there is no such integration) pass all four. AWS's service and statelint refuse a Map that reads Parquet, which is valid.
# Seen:      the table that the run prints (+ refused, . taken).
# Why:       "it passes the linter" says little about a definition before CreateStateMachine has seen it. What the language demands (States.ALL
#            last and alone, names unique in the whole machine, heartbeat below timeout) needs several of them, or tests of one's own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" asl-validator@4.0.0 amazon-states-language-service@1.16.1 @wmfs/statelint@1.30.0 > "$folder/npm" 2>&1 || { cat "$folder/npm"; exit 1; }
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet cfn-lint==1.58.0
cd "$folder"
cat > faults.json <<'JSON'
{
  "nothing": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}},
  "nothing, in JSONata": {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Output": "{% $states.input %}", "End": true}}},
  "nothing, Map of Parquet": {"StartAt": "A", "States": {"A": {"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "PARQUET"}, "Parameters": {"Bucket": "b", "Key": "k"}}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}, "End": true}}},
  "Next names no state": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}},
  "never ends": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}},
  "unknown field": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "TimeoutSecond": 9, "End": true}}},
  "timeout of 0": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "TimeoutSeconds": 0, "End": true}}},
  "heartbeat above timeout": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "TimeoutSeconds": 10, "HeartbeatSeconds": 20, "End": true}}},
  "SageMaker with task token": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.waitForTaskToken", "End": true}}},
  "one name in two scopes": {"StartAt": "A", "States": {"A": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}]}}},
  "States.ALL not last": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "End": true, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}, {"ErrorEquals": ["Mine"], "Next": "B"}]}, "B": {"Type": "Fail"}}},
  "timestamp 'yesterday'": {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "TimestampEquals": "yesterday", "Next": "B"}]}, "B": {"Type": "Succeed"}}},
  "InputPath is no path": {"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "x", "End": true}}},
  "Next inside And": {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [{"And": [{"Variable": "$.x", "IsNull": true, "Next": "B"}], "Next": "B"}]}, "B": {"Type": "Succeed"}}},
  "BackoffRate of 0.5": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "End": true, "Retry": [{"ErrorEquals": ["Mine"], "BackoffRate": 0.5}]}}}
}
JSON
cat > npm.js <<'JAVASCRIPT'
const faults = require("./faults.json");
const aslValidator = require("asl-validator");
const service = require("amazon-states-language-service");
const statelint = require("@wmfs/statelint");

async function verdicts(definition) {
  const text = service.TextDocument.create("test://a.asl.json", "asl", 1, JSON.stringify(definition));
  const language = service.getLanguageService({});
  const diagnostics = await language.doValidation(text, language.parseJSONDocument(text));
  return [
    !aslValidator(structuredClone(definition)).isValid,
    diagnostics.length > 0,
    statelint().validate(structuredClone(definition)).length > 0,
  ];
}

(async () => {
  const found = {};
  for (const [name, definition] of Object.entries(faults)) found[name] = await verdicts(definition);
  console.log(JSON.stringify(found));
})();
JAVASCRIPT
node npm.js > npm.json
"$folder/venv/bin/python" - <<'PYTHON'
import json
import pathlib
import subprocess
import sys

EXPECTED = {
    "nothing": "....",
    "nothing, in JSONata": "..+.",
    "nothing, Map of Parquet": ".++.",
    "Next names no state": "+++.",
    "never ends": "+++.",
    "unknown field": "++++",
    "timeout of 0": "+.++",
    "heartbeat above timeout": "....",
    "SageMaker with task token": "....",
    "one name in two scopes": "+.+.",
    "States.ALL not last": "..+.",
    "timestamp 'yesterday'": ".++.",
    "InputPath is no path": "+.++",
    "Next inside And": ".++.",
    "BackoffRate of 0.5": ".++.",
}
faults = json.loads(pathlib.Path("faults.json").read_text())
others = json.loads(pathlib.Path("npm.json").read_text())


def cfn_lint(definition):
    role = "arn:aws:iam::111122223333:role/machine"
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": role, "Definition": definition}}
    pathlib.Path("template.json").write_text(json.dumps({"Resources": {"Machine": machine}}))
    command = [str(pathlib.Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", "--regions", "eu-west-1", "--", "template.json"]
    return "E3601" in subprocess.run(command, capture_output=True, text=True).stdout


print(f"{'':28}asl-validator, AWS's service, statelint, cfn-lint")
changed = []
for name, definition in faults.items():
    seen = "".join("+" if refused else "." for refused in [*others[name], cfn_lint(definition)])
    print(f"{name:28}{'  '.join(seen)}")
    if seen != EXPECTED[name]:
        changed.append(f"{name}: {EXPECTED[name]} became {seen}")
raise SystemExit("\n".join(changed) or 0)
PYTHON
