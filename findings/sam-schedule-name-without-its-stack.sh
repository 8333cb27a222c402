#!/usr/bin/env bash
# SAM's ScheduleV2 event names the schedule after logical ids alone, so two stacks of one template collide; its Schedule does not.
#
# Versions:  aws-sam-translator 1.115.0.
# Behaviour: `Type: ScheduleV2` on a function or a state machine, without Name, makes an AWS::Scheduler::Schedule with the fixed Name
#            "<resource><event>". Schedule names are unique in an account, region and group. `Type: Schedule` (an EventBridge rule) gets
#            no name, and CloudFormation makes one from the stack's. A group of the template's own does not change the name.
# Seen:      ScheduleV2: Name = "MachineNightly"; Schedule: no Name
# Why:       dev and prod of a retraining workflow in one account: the second `sam deploy` fails on a schedule that exists, for a name that
#            nobody wrote. Moving from Schedule to ScheduleV2 brings this along. Give it
#            `Name: !Sub '${AWS::StackName}-nightly'`.
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


STATE = {"StartAt": "Train", "States": {"Train": {"Type": "Pass", "End": True}}}
OWNERS = {
    "AWS::Serverless::StateMachine": {"Role": "arn:aws:iam::111122223333:role/machine", "Definition": STATE},
    "AWS::Serverless::Function": {"Handler": "app.handler", "Runtime": "python3.12", "CodeUri": "s3://bucket/key"},
}


def names(owner, event):
    """Return the names that the schedules or rules of an owner's one event get."""
    resource = {"Type": owner, "Properties": {**OWNERS[owner], "Events": {"Nightly": event}}}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Machine": resource}}
    made = transform(template, {}, NoPolicies())["Resources"].values()
    kinds = ("AWS::Scheduler::Schedule", "AWS::Events::Rule")
    return [made_one["Properties"].get("Name") for made_one in made if made_one["Type"] in kinds]


for owner in OWNERS:
    new = names(owner, {"Type": "ScheduleV2", "Properties": {"ScheduleExpression": "rate(1 day)"}})
    grouped = {"ScheduleExpression": "rate(1 day)", "GroupName": {"Ref": "Group"}}
    group = names(owner, {"Type": "ScheduleV2", "Properties": grouped})
    old = names(owner, {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}})
    print(f"{owner}: ScheduleV2 {new}, in a group {group}, Schedule {old}")
    assert new == group == ["MachineNightly"], "changed: the name is no longer fixed"
    assert old == [None], "changed: Schedule has a name"
PYTHON
