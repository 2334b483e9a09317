"""Themes: what is recorded of each, how often documents hold it, which strategies are alike.

`sheet` tells all of a theme, `frequency` how many documents of a family hold each by period and
level (`figures` draws it), `closest` which strategies are worded most like one and by which
wordings, `periods` gives bands of five years, `subjects` says what a family of documents is about.
Import what you need from these modules.
"""
