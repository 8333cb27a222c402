"""The wire: what every request passes before anything behind it hears of it.

In order: `connections` with `messages` bound sizes, times and numbers; `origins` refuses what a web
page of somebody else's sends; `signatures` with `scopes`, `chunks` and `forms` verifies who asks;
then `iam` decides, faults and request rules follow, and moto answers. `wsgi` is the way from
HTTP to moto, `refusals` has AWS's codes in each protocol's shape.
"""
