"""Tests of the suite itself: does every check fail when it should?"""
