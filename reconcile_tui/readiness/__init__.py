"""Is the sync ready to be launched? Checks over the data, the questionnaire, the policy's artefacts and the sign-off report.

`registry.CHECKS` declares every check once; screens, command line, report and documentation read it.
"""
