"""What the templates leave out, or refuse, in each region, and cfn-lint over all of them.

* `templates` - a template as a region sees it
* `availability` - what CloudFormation and Lambda do not have in a region
* `matrix` - the table of docs/deploy.md

`python -m regions lint` lints, `python -m regions matrix` writes the table.
"""
