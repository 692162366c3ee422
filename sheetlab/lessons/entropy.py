"""Entropy and information gain of a table of records, as ID3 takes them to choose a split.

A set of records has the entropy of its classes, in bits (Shannon, 1948); a feature splits the set
into one child node for each of its values, and gains what the split takes off (Quinlan, 1986):

    entropy(S) = -sum over classes i of p[i] * log2(p[i]),  0 * log2(0) = 0
    gain(S, feature) = entropy(S) - sum over its values v of |S[v]| / |S| * entropy(S[v])

Source: AI study lecture, "엔트로피 (Entropy), 정보 이득(information gain)".
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Chart, Series, Sheet
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.ledger import round_half_up
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Text, same

TITLE = Text("Entropy and information gain", "엔트로피와 정보 이득")
SHEET_NAME = "Entropy"

FEATURE, LABEL, PARENT = same("Feature"), same("Label"), same("Parent")
VALUE = Text("value", "값")
RECORDS, TOTAL = Text("number of records", "데이터 개수"), Text("total", "합계")
WEIGHT = Text("weight", "가중치")
PROBABILITY = Text("probability p", "확률 p")
TERM = same("p·log₂(p)")
ENTROPY = Text("Entropy", "엔트로피")
WEIGHTED_ENTROPY = Text("Entropy\n(weighted mean)", "엔트로피\n(가중평균)")
GAIN = Text("Information Gain", "정보 이득\n(Information Gain)")
CHOICE = Text("ID3 splits by", "ID3의 선택")
CHOSEN_FORMAT = Text('"◀ largest";;', '"◀ 최대";;')
GAIN_NOTE = Text(
    "Information Gain = Entropy(Parent) − weighted mean of the children. Of equal gains, the"
    " first feature; a pure node is not split.",
    "정보 이득 = 엔트로피(Parent) − Child의 가중평균. 이득이 같으면 앞의 Feature를 고르고,"
    " 한 클래스뿐이면 나누지 않습니다.",
)
STEPS = Text("the slide's steps\nfor slope", "슬라이드의 계산\n(경사도)")
EXACT, ROUNDED = Text("exact", "정확한 값"), Text("rounded on\nthe way", "중간\n반올림")
ROUNDED_PROBABILITY = Text("p, 3 decimals", "p, 소수 3자리")
REMARK = Text("what the slide does", "슬라이드에서는")
STEP_PARENT, STEP_STEEP, STEP_FLAT = (
    Text(f"Entropy(Parent{child})", f"엔트로피(Parent{child})")
    if not child
    else Text(f"Entropy(Child/{child})", f"엔트로피(Child/{child})")
    for child in ("", "steep", "flat")
)
STEP_WEIGHTED = Text("Entropy(weighted mean)", "엔트로피(가중평균)")
STEP_CUT = Text("cut to 3 decimals", "소수 3자리에서 버림")
STEP_GAIN = Text("Information Gain", "정보 이득")
