"""The report of a run: what every statement's scenarios gave, on every transport and in Nim.

The line of stages: `results` reads what the runs wrote, `document` says what the report for
machines holds, `assembly` joins the specification with the results, `page` and `listing` are the
views of the report for people, and `files` ties them together.
"""
