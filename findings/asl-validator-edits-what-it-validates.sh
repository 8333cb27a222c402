#!/usr/bin/env bash
# The npm package asl-validator writes a QueryLanguage into every state of the definition that it is asked to validate.
#
# Versions:  asl-validator 4.0.0.
# Behaviour: validate(definition) answers isValid: true and leaves the caller's object changed: each state, in branches and iterators
#            too, now says "QueryLanguage": "JSONPath" (or JSONata, from the top of the machine).
# Seen:      before {"A":{"Type":"Pass","End":true}}, after {"A":{"Type":"Pass","End":true,"QueryLanguage":"JSONPath"}}; a frozen
#            definition raises "Cannot add property QueryLanguage, object is not extensible"
# Why:       a build that validates and then writes or deploys the same object deploys another text than the committed one: a drift check
#            or a hash of the definition never agrees again, and linters that do not know JSONata (@wmfs/statelint 1.30.0) refuse every
#            state afterwards. Validate a copy.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" asl-validator@4.0.0 > "$folder/npm" 2>&1 || { cat "$folder/npm"; exit 1; }
cd "$folder"
node - <<'JAVASCRIPT'
const assert = require("node:assert");
const validate = require("asl-validator");

const states = { A: { Type: "Pass", End: true } };
const definition = { StartAt: "A", States: states };
console.log("before", JSON.stringify(states));
assert.equal(validate(definition).isValid, true);
console.log("after ", JSON.stringify(states));
assert.equal(states.A.QueryLanguage, "JSONPath", "changed: the definition is left alone");

const branch = { StartAt: "B", States: { B: { Type: "Pass", End: true } } };
validate({ StartAt: "A", States: { A: { Type: "Parallel", Branches: [branch], End: true } } });
assert.equal(branch.States.B.QueryLanguage, "JSONPath", "changed: a branch is left alone");

const frozen = { StartAt: "A", States: { A: Object.freeze({ Type: "Pass", End: true }) } };
assert.throws(() => validate(frozen), (error) => { console.log(String(error)); return error instanceof TypeError; });
JAVASCRIPT
