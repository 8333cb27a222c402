"""Strings that two files share: the states' names and the definition's substitutions.

A state's name is a sentence for the console and the key under which the state stands in the
definition; each is written once, here.
"""

from typing import Final

PREPARE_EXECUTION: Final = "Prepare execution"
PREPROCESS_DATA: Final = "Preprocess data"
TRAIN_MODEL: Final = "Train model"
CREATE_MODEL: Final = "Create model"
RECORD_MODEL_NAME: Final = "Record model name"

# What template.yaml puts in place of each `${...}` of the definition (DefinitionSubstitutions).
PARTITION: Final = "${Partition}"
PREPARE_EXECUTION_FUNCTION_ARN: Final = "${PrepareExecutionFunctionArn}"
RECORD_MODEL_NAME_FUNCTION_ARN: Final = "${RecordModelNameFunctionArn}"
JOB_SCRIPTS_URI: Final = "${JobScriptsUri}"
PROCESSING_IMAGE_URI: Final = "${ProcessingImageUri}"
XGBOOST_IMAGE_URI: Final = "${XGBoostImageUri}"
JOB_ROLE_ARN: Final = "${JobRoleArn}"
MODEL_ROLE_ARN: Final = "${ModelRoleArn}"
