// Reads a list of cases as JSON and writes a list of verdicts, for the tests of definitions and expressions.
const asl = require("asl-validator");
const jsonata = require("jsonata");

async function evaluated({ expression, bindings }) {
  try {
    const value = await jsonata(expression).evaluate(undefined, bindings);
    return value === undefined ? { undefined: true } : { value };
  } catch (error) {
    return { error: error.code || error.message };
  }
}

function validated({ definition }) {
  try {
    return { valid: asl(definition, { checkPaths: true, checkArn: true }).isValid };
  } catch (error) {
    return { valid: false };
  }
}

async function main() {
  const text = require("fs").readFileSync(0, "utf8");
  const verdicts = [];
  for (const item of JSON.parse(text)) {
    verdicts.push("definition" in item ? validated(item) : await evaluated(item));
  }
  process.stdout.write(JSON.stringify(verdicts));
}

main();
