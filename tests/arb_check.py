"""Check certificates with Arb: every loss, option and gradient, by other formulas.

    python arb_check.py corpus/*.json

It needs python-flint and NumPy, and nothing of this project. Gradients come from the
definition of the loss by power series.
"""

import json
import math
import sys
from collections import Counter
from functools import cache

import numpy as np
from flint import arb, arb_series, ctx, fmpq

ctx.cap = 2  # power series a + b t: b is the derivative by what t moves
ZERO, NAN, ENDS = arb_series([0]), arb("nan"), ("lower", "upper")


def number(text):  # a hexadecimal float, inf, nan, n or n/d
    if "x" in text or "n" in text:
        return arb(float.fromhex(text))
    return arb(fmpq(*map(int, text.split("/"))))


def regression(p, a, places):  # the loss of each pair, and how many there are
    pairs = zip(*map(np.ravel, np.broadcast_arrays(places["input"], places["target"])))
    d = [a["input"][i] - a["target"][j] for i, j in pairs]
    if p["loss"] == "mse":
        return [v * v for v in d], len(d)
    return [v if v[0] > 0 else -v if v[0] < 0 else v - v for v in d], len(d)


def cross_entropy(p, a, places):  # the loss of each row, and what the mean divides by
    rows = np.moveaxis(places["input"], int(places["input"].ndim > 1), -1)
    classes, eps = range(rows.shape[-1]), number(p["label_smoothing"])
    w = a.get("weight", [arb_series([1])] * len(classes))

    @cache
    def loss(x, t):
        total = sum(v.exp() for v in x)
        if not total[0] > 0:  # no softmax, or too few bits
            return arb_series([NAN, NAN if any(v.length() > 1 for v in x) else 0])
        e = [w[c] * (t[c] * (1 - eps) + eps / len(x)) for c in classes]
        # What nobody asks for counts as 0, even where −log 0 is infinite.
        used = [c for c in classes if e[c].length() or x[c][0] > arb("-inf")]
        return sum((e[c] * (total.log() - x[c]) for c in used), ZERO)

    losses, divisor = [], ZERO
    for n, at in enumerate(np.ndindex(rows.shape[:-1])):
        if p["target_kind"] == "probability":
            t, weight = tuple(a["target"][i] for i in rows[at]), 1
        elif (label := int(a["target"][n][0].unique_fmpz())) != p["ignore_index"]:
            t, weight = tuple(int(c == label) for c in classes), w[label]
        else:
            t, weight = None, 0
        losses.append(loss(tuple(a["input"][i] for i in rows[at]), t) if t else ZERO)
        divisor += weight
    return losses, divisor


def evaluate(p, quantity, place):  # one element of the value or of a gradient
    a, places = {}, {}
    for name, stated in p["arguments"].items():
        size, v = math.prod(stated["shape"]), stated["values"]
        v = [arb_series([number(text)]) for text in v]
        a[name] = [v[i % len(v)] for i in range(size)]
        places[name] = np.arange(size).reshape(stated["shape"])
        if quantity == f"gradient.{name}":
            a[name][place] += arb_series([0, 1])
    losses = cross_entropy if p["loss"] == "cross_entropy" else regression
    loss, divisor = losses(p, a, places)
    if p["reduction"] != "none":
        loss = [sum(loss, ZERO) / (divisor if p["reduction"] == "mean" else 1)]
    if quantity == "value":
        return loss[place][0]
    upstream = a.get("upstream", [1] * len(loss))
    return sum((u * v for u, v in zip(upstream, loss)), ZERO)[1]


def verdict(p, quantity, claim):
    if not all(0 <= i < n for i, n in zip(claim["index"], quantity["shape"])):
        return "REFUTED"
    place = int(np.ravel_multi_index(claim["index"], quantity["shape"]))
    for ctx.prec in (128, 1024, 8192):
        try:
            ball = evaluate(p, quantity["name"], place)
        except (ValueError, ZeroDivisionError):  # a division by what may be 0
            ball = NAN
        if not ball.is_finite():
            continue
        if "special" in claim:  # a number is there: then it must be admitted
            zero = "zero" in claim["admitted"] and ball.contains(0)
            return "admitted" if zero or "finite" in claim["admitted"] else "REFUTED"
        ends = [(claim["remainder"] or {}).get(end, "0*2^0") for end in ENDS]
        low, high = (arb(tuple(map(int, end.split("*2^")))) for end in ends)
        rest = ball - number(claim["rational"])
        if rest >= low and rest <= high:
            widest = max(abs(low), abs(high)) / 2 ** (quantity["precision"] - 2)
            said = "proved, wide" if high - low > widest else "proved"
            return f"{said}: R + T holds all of Arb's ball"
        if rest < low or rest > high:
            return "REFUTED"
        if ball.rel_accuracy_bits() >= ctx.prec // 2 and not claim["remainder"]:
            break
    if not ball.is_finite():
        return (
            "special" if "special" in claim or "nan" in claim["admitted"] else "REFUTED"
        )
    bits = ball.rel_accuracy_bits()
    narrow = bits >= quantity["precision"] or ball.rad() < arb((1, -4096))
    return "agrees: R + T meets Arb's ball" if narrow else "UNDECIDED"


def complete(
    document,
):  # says every quantity what it claims, of every element or how many?
    for quantity in document["quantities"]:
        stated = {tuple(claim["index"]) for claim in quantity["elements"]}
        said = len(stated) == len(quantity["elements"])
        if not said or len(stated) + quantity["omitted"] != math.prod(
            quantity["shape"]
        ):
            return False
    names = [quantity["name"] for quantity in document["quantities"]]
    return {"value", "gradient.input"} <= set(names) and len(names) == len(set(names))


counts = Counter()
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    if not complete(document):
        counts["INCOMPLETE"] += 1
        print(path, "INCOMPLETE")
    for quantity in document["quantities"]:
        for claim in quantity["elements"]:
            counts[said := verdict(document["problem"], quantity, claim)] += 1
            if said.isupper():
                print(path, quantity["name"], claim["index"], said)
print(*(f"{n} {said}" for said, n in counts.most_common()), sep="\n")
sys.exit(any(said.isupper() for said in counts) or not counts)
