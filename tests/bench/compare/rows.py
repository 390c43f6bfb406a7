"""The rows of the table: each takes a started broker and returns figures by name.

A row's work is chosen so that either broker uses at least five seconds of CPU; quick runs do a fiftieth of it.
"""
import dataclasses
import time
from typing import Callable

from compare import machine

KIB = 1024
IDLE_CONNECTIONS = 5000


@dataclasses.dataclass
class Figure:
    """One figure of a row: its unit, and what it must not exceed, as a ratio to Apache Kafka or as such."""
    name: str
    unit: str
    ratio: float | None = None
    absolute: float | None = None
    peer: str | None = None  # another figure of the same run and broker: the limit is `ratio` times that one
    shift: float = 1.0       # what the stored value is multiplied with to be in that unit


@dataclasses.dataclass
class Row:
    name: str
    title: str
    measure: Callable
    figures: list[Figure]


def amount(broker, ours, kafka):
    return max(1, int((kafka if broker.is_kafka else ours) * (0.02 if broker.quick else 1)))


def warm_up(broker, mode, requests, **options):
    """A JVM needs 30 s or 200,000 records of the same work before its figures hold; this broker needs a second."""
    seconds = (2 if broker.quick else 30) if broker.is_kafka else 1
    if mode in ("produce", "tail"):
        options |= {"topic": "warm", "create": 1, "partitions": min(4, options.get("partitions", 1))}
        options["partitions_per_request"] = min(options.get("partitions_per_request", 1), options["partitions"])
    broker.loadgen(mode, seconds=seconds, requests=requests, **options)


def per_gb(result, direction):
    return {"cpu_s_per_gb": result["cpu_seconds"] / (result[direction]["bytes"] / 1e9), **detail(result)}


def per_million(result):
    return {"cpu_s_per_million": result["cpu_seconds"] / (result["sent"]["requests"] / 1e6), **detail(result)}


def detail(result):
    return {k: result[k] for k in ("cpu_seconds", "seconds", "client_cpu_seconds")} | {"gb": result["sent"]["bytes"] / 1e9}


def produce(broker, warm, requests, **options):
    warm_up(broker, "produce", warm, **options)
    return broker.measured("produce", topic="bench", create=1, requests=requests, **options)


def produce_large(broker):
    return per_gb(produce(broker, 24_000, amount(broker, 60_000, 30_000), partitions=4, batch_bytes=128 * KIB, records=128,
                          depth=5), "sent")


def produce_small(**options):
    def measure(broker):
        requests = amount(broker, 700_000, 250_000)
        return per_million(produce(broker, 200_000, requests, partitions=4, batch_bytes=1200, depth=5, **options))
    return measure


def produce_many_partitions(each_request):
    def measure(broker):
        requests = amount(broker, 200_000, 80_000) // each_request + 1
        options = {"partitions": 1000, "partitions_per_request": each_request, "batch_bytes": 4 * KIB, "records": 4, "depth": 5}
        return per_gb(produce(broker, 200_000 // each_request, requests, **options), "sent")
    return measure


def tail(broker):
    options = {"consumers": 3, "batch_bytes": 16 * KIB, "records": 16, "depth": 5}
    warm_up(broker, "tail", 100_000, **options)
    result = broker.measured("tail", topic="bench", create=1, requests=amount(broker, 150_000, 100_000), **options)
    return per_gb(result, "sent") | {"fetched_gb": result["fetched"]["bytes"] / 1e9}


def catch_up(broker):
    size = amount(broker, 1e9, 1e9)
    batch = 128 * KIB
    broker.loadgen("produce", topic="bench", create=1, requests=size // batch + 1, batch_bytes=batch, records=128, depth=5)
    broker.loadgen("consume", topic="bench", bytes=amount(broker, 2e9, 20e9))
    return per_gb(broker.measured("consume", topic="bench", bytes=amount(broker, 25e9, 25e9)), "fetched")


def api_versions(broker):
    warm_up(broker, "api-versions", 200_000)
    return per_million(broker.measured("api-versions", requests=amount(broker, 400_000, 150_000)))


def metadata(broker):
    broker.loadgen("create", topic="meta", topics=1000)
    warm_up(broker, "metadata", 20_000)
    return per_million(broker.measured("metadata", requests=amount(broker, 40_000, 6_000)))


def latency(broker):
    seconds = 2 if broker.quick else 20
    options = {"rate": 5000, "connections": 5, "spin": 1}
    warm_up(broker, "produce", 150_000, partitions=4, rate=5000, connections=5)
    pings = broker.loadgen("api-versions", seconds=seconds, **options)
    sent = broker.measured("produce", topic="bench", create=1, partitions=4, seconds=seconds, **options)
    quantiles = {name: sent["sent"]["latency_us"][name] for name in ("p50", "p99", "p99.9")}
    return quantiles | {"ping_" + name: pings["sent"]["latency_us"][name] for name in ("p50", "p99")} | detail(sent)


def idle(broker):
    time.sleep(2 if broker.quick else 10)
    before, begin = machine.cpu_seconds(broker.pid), time.monotonic()
    time.sleep(3 if broker.quick else 20)
    used, seconds = machine.cpu_seconds(broker.pid) - before, time.monotonic() - begin
    return {"cpu_ms_per_second": used * 1000 / seconds} | machine.memory_kb(broker.pid)


def partitions(broker):
    """Creating 1,000 partitions, and what they weigh once each holds a batch."""
    count = 100 if broker.quick else 1000
    broker.loadgen("produce", topic="warm", create=1, requests=2000)
    before = machine.memory_kb(broker.pid)
    created = broker.measured_creation("bench", count)
    broker.loadgen("produce", topic="bench", partitions=count, partitions_per_request=50, requests=count // 50)
    after = machine.memory_kb(broker.pid)
    return {"creation_cpu_ms": created * 1000 / count, "kb_per_partition": (after["rss_kb"] - before["rss_kb"]) / count} | after


def connections(broker):
    count = 500 if broker.quick else IDLE_CONNECTIONS
    broker.loadgen("api-versions", requests=2000)
    before = machine.memory_kb(broker.pid)
    holder = broker.loadgen_started("hold", connections=count)
    holder.stdout.readline()
    time.sleep(1)
    after = machine.memory_kb(broker.pid)
    holder.communicate("")
    if holder.returncode:
        raise RuntimeError(f"{broker.kind}: {count} connections were not held")
    return {"kb_per_connection": (after["rss_kb"] - before["rss_kb"]) / count} | after


def start_empty(broker):
    broker.kill("TERM")
    return {"seconds": broker.first_produce_after_resume("first", True)}


def start_with_partitions(broker):
    count = 100 if broker.quick else 1000
    broker.loadgen("create", topic="bench", partitions=count)
    broker.loadgen("produce", topic="bench", partitions=count, partitions_per_request=50, requests=count // 50)
    broker.kill("TERM")
    return {"seconds": broker.first_produce_after_resume("bench", False)}


def start_after_kill(broker):
    batch = 128 * KIB
    requests = amount(broker, 4e9, 4e9) // batch + 1
    broker.loadgen("produce", topic="bench", create=1, requests=requests, batch_bytes=batch, records=128, depth=5)
    broker.kill("KILL")
    return {"seconds": broker.first_produce_after_resume("bench", False)}


GB, MILLION = "cpu_s_per_gb", "cpu_s_per_million"
ROWS = [
    Row("produce-large", "produce 128 KiB batches, acks=1", produce_large, [Figure(GB, "CPU-s/GB", 0.5)]),
    Row("produce-small", "produce 1.2 KB requests, depth 5", produce_small(acks=1), [Figure(MILLION, "CPU-s/M", 0.25)]),
    Row("produce-idempotent", "the same, idempotent, acks=all", produce_small(acks=-1, idempotent=1),
        [Figure(MILLION, "CPU-s/M", 0.25)]),
    Row("produce-acks0", "the same, acks=0", produce_small(acks=0), [Figure(MILLION, "CPU-s/M", 0.2)]),
    Row("partitions-1", "1,000 partitions, 4 KiB each, 1 a request", produce_many_partitions(1), [Figure(GB, "CPU-s/GB", 0.25)]),
    Row("partitions-50", "1,000 partitions, 4 KiB each, 50 a request", produce_many_partitions(50),
        [Figure(GB, "CPU-s/GB", 0.4)]),
    Row("tail", "tail fetch, one producer, three consumers", tail, [Figure(GB, "CPU-s/GB in", 0.4)]),
    Row("catch-up", "catch-up fetch", catch_up, [Figure(GB, "CPU-s/GB out", 1.0)]),
    Row("api-versions", "ApiVersions, depth 1", api_versions, [Figure(MILLION, "CPU-s/M", 0.35)]),
    Row("metadata", "Metadata of 1,000 topics", metadata, [Figure(MILLION, "CPU-s/M", 0.1)]),
    Row("latency", "latency, 5,000 requests/s, acks=1", latency,
        [Figure("p50", "us p50", 0.5), Figure("p99", "us p99", 5, peer="ping_p99"), Figure("p99.9", "us p99.9")]),
    Row("idle", "idle broker", idle,
        [Figure("rss_kb", "MB", 0.1, shift=1 / 1024), Figure("cpu_ms_per_second", "CPU-ms/s", 0.02)]),
    Row("partitions", "1,000 partitions", partitions,
        [Figure("creation_cpu_ms", "CPU-ms to create one", 0.05), Figure("kb_per_partition", "KB each", 0.3),
         Figure("rss_kb", "MB", shift=1 / 1024)]),
    Row("connections", "5,000 idle connections", connections,
        [Figure("kb_per_connection", "KB each", 1.5), Figure("rss_kb", "MB", shift=1 / 1024)]),
    Row("start-empty", "start to first acknowledged produce: empty", start_empty, [Figure("seconds", "s", absolute=0.2)]),
    Row("start-partitions", "the same with 1,000 partitions", start_with_partitions, [Figure("seconds", "s", absolute=1)]),
    Row("start-killed", "the same after SIGKILL with 4 GB of log", start_after_kill, [Figure("seconds", "s", absolute=2)]),
]
