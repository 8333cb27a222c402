#!/usr/bin/env bash
# jsonata-python computes other numbers than the reference JSONata: 5.5 % 2 is 1, $formatNumber(2.5, '0') is "3", $number('1_000') is 1000.
#
# Versions:  jsonata-python 0.7.1, and the reference implementation jsonata 2.2.2 on Node.js.
# Behaviour: the Python port truncates the remainder to an integer, rounds pictures of numbers by another rule than the reference's half to
#            even (2.5 up, -1.5 and 0.15 down), and casts with Python's float(), which takes underscores, blanks, signs and a bare point
#            that the reference refuses with D3030. $round itself agrees.
# Seen:      the table that the run prints.
# Why:       JSONata is Step Functions' second query language. A local engine or a unit test on the Python port can compute a split, a
#            timeout or a threshold that the reference would not, mostly without an error on either side.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" jsonata@2.2.2 > "$folder/npm" 2>&1 || { cat "$folder/npm"; exit 1; }
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet jsonata-python==0.7.1
cd "$folder"
cat > expected.json <<'JSON'
[
  ["5.5 % 2", 1, 1.5],
  ["-5.5 % 2", -1, -1.5],
  ["0.75 % 0.5", 0, 0.25],
  ["$formatNumber(2.5, '0')", "3", "2"],
  ["$formatNumber(-1.5, '0;(0)')", "(1)", "(2)"],
  ["$formatNumber(0.005, '0.00')", "0.01", "0.00"],
  ["$formatNumber(0.15, '0.0')", "0.1", "0.2"],
  ["$formatNumber(0, '#.#')", "0", ".0"],
  ["$number('1_000')", 1000, "D3030"],
  ["$number(' 12 ')", 12, "D3030"],
  ["$number('+5')", 5, "D3030"],
  ["$number('.5')", 0.5, "D3030"],
  ["$string(1e20)", "1e+20", "100000000000000000000"],
  ["$round(2.5)", 2, 2],
  ["$round(-0.125, 2)", -0.12, -0.12]
]
JSON
cat > reference.js <<'JAVASCRIPT'
const jsonata = require("jsonata");
(async () => {
  const answers = [];
  for (const [expression] of require("./expected.json")) {
    answers.push(await jsonata(expression).evaluate({}).catch((error) => error.code));
  }
  console.log(JSON.stringify(answers));
})();
JAVASCRIPT
node reference.js > reference.json
"$folder/venv/bin/python" - <<'PYTHON'
import json
import pathlib

from jsonata import Jsonata

reference = json.loads(pathlib.Path("reference.json").read_text())
changed = []
for (expression, port, true), answer in zip(json.loads(pathlib.Path("expected.json").read_text()), reference, strict=True):
    found = Jsonata(expression).evaluate({})
    print(f"{expression:32} port {found!s:10} reference {answer}")
    if (found, answer) != (port, true):
        changed.append(f"changed: {expression}: ({port}, {true}) became ({found}, {answer})")
raise SystemExit("\n".join(changed) or 0)
PYTHON
