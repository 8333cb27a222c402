"""Strings that two files share: the states' names and the definition's substitutions.

A state's name is a sentence for the console and the key under which the state stands in the
definition; each is written once, here.
"""

from typing import Final

TAKE_INPUT: Final = "Take input"
PREPARE_EXECUTION: Final = "Prepare execution"
START_TRIAL: Final = "Start trial"
PREPROCESS_DATA: Final = "Preprocess data"
IS_IT_TO_BE_TUNED: Final = "Is it to be tuned?"
TUNE_MODEL: Final = "Tune model"
TRAIN_MODEL: Final = "Train model"
FIND_PRODUCTION_MODEL: Final = "Find production model"
EVALUATE_MODEL: Final = "Evaluate model"
READ_EVALUATION: Final = "Read evaluation"
IS_THE_MODEL_GOOD_ENOUGH: Final = "Is the model good enough?"
CREATE_MODEL: Final = "Create model"
REGISTER_MODEL: Final = "Register model"
DOES_A_PERSON_DECIDE: Final = "Does a person decide?"
WAIT_FOR_APPROVAL: Final = "Wait for approval"
RECORD_MODEL_NAME: Final = "Record model name"
TELL_RELEASED: Final = "Tell that the model was released"
MODEL_RELEASED: Final = "Model released"
TELL_REJECTED: Final = "Tell that the model was rejected"
MODEL_REJECTED: Final = "Model rejected"
TELL_REFUSED: Final = "Tell that the model was not approved"
MODEL_NOT_APPROVED: Final = "Model not approved"
WITHDRAW_MODEL_PACKAGE: Final = "Withdraw model package"
TELL_FAILED: Final = "Tell that the execution failed"
EXECUTION_FAILED: Final = "Execution failed"
FAILED_UNTOLD: Final = "Execution failed and nobody was told"

# Of the monitor.
FIND_CAPTURES: Final = "Find captures"
HOW_MUCH_IS_THERE: Final = "How much is there?"
COMPARE_IN_A_FUNCTION: Final = "Compare in a function"
COMPARE_IN_A_JOB: Final = "Compare in a job"
PUBLISH_WINDOW: Final = "Publish window"
WINDOW_PUBLISHED: Final = "Window published"

# What template.yaml puts in place of each `${...}` of the definition (DefinitionSubstitutions).
PARTITION: Final = "${Partition}"
PREPARE_EXECUTION_FUNCTION_ARN: Final = "${PrepareExecutionFunctionArn}"
START_TRIAL_FUNCTION_ARN: Final = "${StartTrialFunctionArn}"
FIND_PRODUCTION_MODEL_FUNCTION_ARN: Final = "${FindProductionModelFunctionArn}"
READ_EVALUATION_FUNCTION_ARN: Final = "${ReadEvaluationFunctionArn}"
ASK_FOR_APPROVAL_FUNCTION_ARN: Final = "${AskForApprovalFunctionArn}"
RECORD_MODEL_NAME_FUNCTION_ARN: Final = "${RecordModelNameFunctionArn}"
SEND_MESSAGE_FUNCTION_ARN: Final = "${SendMessageFunctionArn}"
JOB_SCRIPTS_URI: Final = "${JobScriptsUri}"
PROCESSING_IMAGE_URI: Final = "${ProcessingImageUri}"
XGBOOST_IMAGE_URI: Final = "${XGBoostImageUri}"
MODEL_PACKAGE_GROUP_NAME: Final = "${ModelPackageGroupName}"
JOB_ROLE_ARN: Final = "${JobRoleArn}"
MODEL_ROLE_ARN: Final = "${ModelRoleArn}"

# What endpoint.yaml puts there.
FIND_CAPTURES_FUNCTION_ARN: Final = "${FindCapturesFunctionArn}"
COMPARE_CAPTURES_FUNCTION_ARN: Final = "${CompareCapturesFunctionArn}"
PUBLISH_WINDOW_FUNCTION_ARN: Final = "${PublishWindowFunctionArn}"
MONITOR_IMAGE_URI: Final = "${MonitorImageUri}"
MONITOR_JOB_ROLE_ARN: Final = "${MonitorJobRoleArn}"
MONITOR_INSTANCE_TYPE: Final = "${MonitorInstanceType}"
