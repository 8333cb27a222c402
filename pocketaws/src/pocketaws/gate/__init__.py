"""The gate that every request passes before moto answers it: rules, faults and roles."""
