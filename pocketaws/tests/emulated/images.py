"""Images of today for tests of the runtime: the first of those that it stands for."""

from typing import Final

from pocketaws.sagemaker.images import newest_tag

REGISTRY: Final = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
XGBOOST_URI: Final = f"{REGISTRY}/sagemaker-xgboost:{newest_tag('sagemaker-xgboost')}"
SKLEARN_URI: Final = f"{REGISTRY}/sagemaker-scikit-learn:{newest_tag('sagemaker-scikit-learn')}"
