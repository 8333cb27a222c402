"""What `pocketaws.toml` may say, and what is said of the rest."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pocketaws.additions import Additions, additions_beside, read_additions
from pocketaws.calls import Call
from pocketaws.errors import ArgumentError
from pocketaws.iam import added_needs
from pocketaws.iam.added_needs import Need
from pocketaws.iam.permissions import accesses_of
from pocketaws.sagemaker import images
from pocketaws.sagemaker.images import Image, image_for

README_PATH = Path(__file__).parents[2] / "README.md"
URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my-scripts:1.0"
IMAGE = {"repository": "r", "tags": ["1"], "stands_for": "sagemaker-xgboost"}
NEED = {"call": "sns:Publish", "action": "sns:Publish"}
SECRET = Need(
    "secretsmanager:GetSecretValue",
    "secretsmanager:GetSecretValue",
    "arn:{partition}:secretsmanager:{region}:{account}:secret:{SecretId}-*",
)


def call(**parameters: Any) -> Call:
    return Call("secretsmanager", "GetSecretValue", parameters, region="cn-north-1")


def test_the_readmes_example_is_read() -> None:
    [block] = re.findall(r"```toml\n(.*?)```", README_PATH.read_text(), re.DOTALL)

    found = read_additions(tomllib.loads(block), where="README")

    image = Image("my-scripts", ("1.0",), trains=False, stands_for="sagemaker-scikit-learn")
    assert found == Additions((image,), (SECRET,))


def test_an_image_is_stood_for_while_it_is_added(tmp_path: Path) -> None:
    (tmp_path / "pocketaws.toml").write_text(
        '[[image]]\nrepository = "my-scripts"\ntags = ["0.9", "1.0"]\n'
        'stands_for = "sagemaker-xgboost"\n'
    )
    found = additions_beside(tmp_path / "template.yaml")

    with images.added(found.images):
        image = image_for(URI)
        assert "my-scripts:1.0" in images.known_text()
    assert image is not None
    assert (image.work, image.trains) == ("sagemaker-xgboost", True)
    assert image_for(URI) is None


def test_a_need_names_its_resource_by_the_call() -> None:
    with added_needs.added([SECRET, Need(SECRET.call, "kms:Decrypt")]):
        found = accesses_of(call(SecretId="db"), "123456789012")
    before = accesses_of(call(SecretId="db"), "123456789012")

    assert [(access.action, access.resource) for access in found] == [
        (
            "secretsmanager:GetSecretValue",
            "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db-*",
        ),
        ("kms:Decrypt", "*"),
    ]
    assert [access.of_some_resource for access in before] == [True]


@pytest.mark.parametrize("template", [None, Path("nowhere") / "template.yaml"])
def test_where_there_is_no_file_nothing_is_added(template: Path | None) -> None:
    assert additions_beside(template) == Additions()


@pytest.mark.parametrize(
    ("tables", "text"),
    [
        ({"images": []}, "images: only image and need are known"),
        ({"image": {}}, r"image: must be an array of tables: \[\[image\]\]"),
        ({"image": [{}]}, "image 1: must have repository, stands_for, tags, and has nothing"),
        ({"image": [IMAGE, {**IMAGE, "tag": "1"}]}, "image 2: must have .*, and has .*tag"),
        ({"image": [{**IMAGE, "tags": "1"}]}, "image 1: tags = '1': must be a list of texts"),
        ({"image": [{**IMAGE, "tags": []}]}, r"image 1: tags = \[\]: must be a list of texts"),
        ({"image": [{**IMAGE, "repository": 1}]}, "image 1: repository = 1: must be a text"),
        (
            {"image": [{**IMAGE, "stands_for": "mine"}]},
            "stands_for = 'mine': must be sagemaker-xgboost or sagemaker-scikit-learn",
        ),
        ({"need": [{"call": "sns:Publish"}]}, "need 1: must have action, call, and has call"),
        ({"need": [{**NEED, "call": "Publish"}]}, "need 1: call = 'Publish': must be like"),
        ({"need": [{**NEED, "action": "sns:*"}]}, r"need 1: action = 'sns:\*': must be like"),
        ({"need": [{**NEED, "resource": "topic"}]}, "resource = 'topic': must be an ARN or"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tables: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=f"^file: .*{text}"):
        read_additions(tables, where="file")


def test_a_file_that_is_no_toml_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "pocketaws.toml").write_text("[[image")

    with pytest.raises(ArgumentError, match=r"pocketaws\.toml: cannot be read: "):
        additions_beside(tmp_path)
