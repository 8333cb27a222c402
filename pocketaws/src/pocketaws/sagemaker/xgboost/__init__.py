"""The built-in XGBoost container, without Docker: training and serving."""
