"""What the kernel says about a process and the machine."""
import mmap
import os
import pathlib
import time


def cpu_seconds(pid):
    """All CPU time of a process, ended threads included, to the nanosecond (its CPU clock, see clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


def memory_kb(pid):
    values = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, value = line.split(":")
        values[key] = int(value.split()[0])
    return {"rss_kb": values["Rss"], "pss_kb": values["Pss"]}


def _ticks():
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    return sum(map(int, fields)), int(fields[7])


class StealMeter:
    """The share of the machine's time that its host took away, between begin and share()."""

    def __init__(self):
        self.begin = _ticks()

    def share(self):
        total, stolen = (b - a for a, b in zip(self.begin, _ticks()))
        return stolen / total if total else 0.0


def touch_memory():
    """Memory a virtual machine has never used is its host's until then, and whoever touches it first pays: with two thirds of the
    CPU time of a broker that fills the page cache, whichever broker that is."""
    available = next(int(line.split()[1]) for line in pathlib.Path("/proc/meminfo").read_text().splitlines()
                     if line.startswith("MemAvailable"))
    size = available * 1024 * 3 // 4
    mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE).close()


def flush_disks():
    os.sync()  # so that one broker's dirty pages are not written out during the other's measurement
