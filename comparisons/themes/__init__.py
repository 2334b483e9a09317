"""Themes: what is recorded of each, how often strategies hold it, which strategies are alike.

`overview` counts all themes, `sheet` tells all of one, `frequency` how many strategies hold each by
period and level (`figures` draws it), `closest` which strategies are worded most like one and by
which wordings, `periods` gives bands of five years. Import what you need from these modules.
"""
