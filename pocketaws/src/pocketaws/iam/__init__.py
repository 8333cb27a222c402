"""Least privilege, enforced: what a role may do is decided by its policies, as on AWS.

* `conditions`, `policies` - whether statements allow an access
* `permissions` - the accesses that a call needs
* `enforcement` - refuses the calls of roles that are not allowed them, and keeps what was used

Calls with other credentials than a role's are the account's administrator's: whoever deploys, and
the services of AWS themselves.
"""
