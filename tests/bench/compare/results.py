"""Results add up: one JSON object a line, one line per broker and row of a pair; the table is drawn from all lines."""
import json
import statistics

MAX_STEAL = 0.02
OURS, KAFKA = "tributary", "kafka"


def append(path, entry):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as file:
        file.write(json.dumps(entry) + "\n")


def load(path, quick):
    if not path.exists():
        return []
    return [e for e in map(json.loads, path.read_text().splitlines()) if e["quick"] == quick]


def pairs_of(entries, row):
    """The pairs of a row, as (ours, Kafka's), and how many were dropped because the host took too much time away."""
    pairs, dropped = {}, 0
    for entry in entries:
        if entry["row"] == row:
            pairs.setdefault(entry["pair"], {})[entry["broker"]] = entry
    good = []
    for sides in pairs.values():
        if any(e["steal"] > MAX_STEAL for e in sides.values()):
            dropped += 1
        else:
            good.append((sides.get(OURS), sides.get(KAFKA)))
    return good, dropped


def values(pairs, side, figure):
    return [p[side]["figures"][figure.name] * figure.shift for p in pairs if p[side]]


def number(value):
    return "-" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def median(found):
    return statistics.median(found) if found else None


def ratios_of(pairs, figure):
    both = [(o["figures"][figure.name], k["figures"][figure.name]) for o, k in pairs if o and k]
    return [ours / kafka for ours, kafka in both if kafka]


def limit_of(pairs, figure):
    """(text of the target, whether it is met or None)."""
    if figure.absolute is not None:
        ours = median(values(pairs, 0, figure))
        return f"<= {figure.absolute:g}", None if ours is None else ours <= figure.absolute
    if figure.peer:
        own = [o["figures"][figure.name] / o["figures"][figure.peer] for o, _ in pairs if o]
        return f"<= {figure.ratio:g} x ApiVersions", None if not own else median(own) <= figure.ratio
    if figure.ratio is None:
        return "", None
    ratios = ratios_of(pairs, figure)
    return f"<= {figure.ratio:g}", None if not ratios else median(ratios) <= figure.ratio


def line_of(row, figure, pairs, dropped):
    ratios = ratios_of(pairs, figure)
    target, met = limit_of(pairs, figure)
    spread = f"{min(ratios):.3g}-{max(ratios):.3g}" if ratios else "-"
    verdict = {None: "", True: "yes", False: "NO"}[met]
    complete = sum(1 for ours, kafka in pairs if ours and kafka)
    return [row.title, figure.unit, number(median(values(pairs, 1, figure))), number(median(values(pairs, 0, figure))),
            number(median(ratios)), spread, target, verdict, str(complete) + (f" (-{dropped})" if dropped else "")]


def table(entries, rows):
    """Markdown; rows without results are left out."""
    lines = [["figure", "unit", "Apache Kafka", "Tributary", "ratio", "min-max", "target", "met", "pairs"]]
    for row in rows:
        pairs, dropped = pairs_of(entries, row.name)
        lines += [line_of(row, figure, pairs, dropped) for figure in row.figures if pairs or dropped]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    lines.insert(1, ["-" * w for w in widths])
    return "\n".join("| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths)) + " |" for line in lines)
