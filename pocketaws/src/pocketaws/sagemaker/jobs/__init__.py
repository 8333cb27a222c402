"""Processing and training jobs: folders like /opt/ml, a process for each host."""
