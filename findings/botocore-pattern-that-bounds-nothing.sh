#!/usr/bin/env bash
# SageMaker's model gives a model package's metadata the pattern `(...)*${1,128}`: the bound repeats the end of the text, not the characters.
#
# Versions:  botocore 1.44.5, the model of sagemaker (2017-07-24); regex 2026.11.15 (Python's re cannot read the pattern).
# Behaviour: CustomerMetadataKey and CustomerMetadataValue carry "{1,128}" and "{1,256}" behind the "$". So the pattern takes 5,000
#            characters and none at all, and only `min` and `max`, which stand beside it, bound the length. It is one of 18 of 482
#            patterns in this model that Python's re refuses (\p{L}, \p{Alnum}, surrogates by halves); four are refused by regex, too.
#            botocore itself checks no pattern and no max: the request leaves the machine.
# Seen:      482 patterns, re refuses 18, regex refuses 4: AthenaCatalog, Catalog, Database, TableName
#            CustomerMetadataKey takes 5000 characters: True, none: True, '!': False; botocore finds no fault in 5000 characters
# Why:       CustomerMetadataProperties is where a training workflow leaves metrics and lineage of a registered model. A check, a generator of
#            test data or an emulator that reads the pattern and trusts its bound passes what the service refuses at the end of a run;
#            one that skips what does not compile checks no tag and no metadata at all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet botocore==1.44.5 regex==2026.11.15
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import re

import botocore.loaders
import botocore.model
import botocore.validate
import regex

document = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")
patterns = {name: shape["pattern"] for name, shape in document["shapes"].items() if "pattern" in shape}


def refused(compile_pattern, error):
    names = []
    for name, pattern in patterns.items():
        try:
            compile_pattern(pattern)
        except error:
            names.append(name)
    return names


by_re, by_regex = refused(re.compile, re.error), refused(regex.compile, regex.error)
print(f"{len(patterns)} patterns, re refuses {len(by_re)}, regex refuses {len(by_regex)}: {', '.join(by_regex)}")
assert (len(patterns), len(by_re), len(by_regex)) == (482, 18, 4), "changed: other patterns"

for name, bound in (("CustomerMetadataKey", 128), ("CustomerMetadataValue", 256)):
    assert patterns[name].endswith("*)${1,%d}" % bound), "changed: the bound stands elsewhere"
    takes = {text: bool(regex.fullmatch(patterns[name], text)) for text in ("a" * 5000, "", "!")}
    print(f"{name} takes 5000 characters: {takes['a' * 5000]}, none: {takes['']}, '!': {takes['!']}")
    assert list(takes.values()) == [True, True, False], "changed: it takes other texts"

shape = botocore.model.ServiceModel(document).operation_model("CreateModelPackage").input_shape
request = {"CustomerMetadataProperties": {"a" * 5000: "b", "!": "c"}}
report = botocore.validate.ParamValidator().validate(request, shape)
print("botocore's faults:", report.generate_report() or "none")
assert not report.has_errors(), "changed: botocore checks it"
PYTHON
