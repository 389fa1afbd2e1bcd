"""Figures as ratios against a baseline measured in the same run. Each bench prints, last, ``ratio NAME VALUE aim AIM``."""
