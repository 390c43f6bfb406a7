"""A broker under measurement, started by a cluster program (tests/interop/cluster or the one of Apache Kafka)."""
import json
import os
import pathlib
import shutil
import subprocess
import time

from compare import machine

ID = "1"


class Broker:
    """One broker on its own fresh directory, pinned to one core; the load comes from the other."""

    def __init__(self, kind, options, port):
        self.kind, self.port = kind, port
        self.adapter = options.adapters[kind]
        self.loadgen_program, self.pin = options.loadgen, options.pin
        self.directory = pathlib.Path(options.data) / f"{kind}-{os.getpid()}"
        self.properties = {"auto.create.topics.enable": "false", "log.retention.ms": "-1"}
        self.quick = options.quick

    @property
    def is_kafka(self):
        return self.kind == "kafka"

    def _pinned(self, core, command):
        return ["taskset", "-c", str(core), *command] if self.pin else command

    def _adapter(self, verb, *words):
        command = self._pinned(0, [str(self.adapter), verb, str(self.directory), *words])
        result = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if result.returncode:
            raise RuntimeError(f"{self.kind}: {verb} failed: {result.stderr.strip() or result.stdout.strip()}")

    def start(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        file = self.directory / "bench.properties"
        file.write_text("".join(f"{k}={v}\n" for k, v in self.properties.items()))
        self._adapter("start", "--port", str(self.port), "--properties", str(file))

    def stop(self):
        self._adapter("stop")

    def kill(self, signal):
        pid = self.pid
        self._adapter("kill", ID, signal)
        while pathlib.Path(f"/proc/{pid}/cmdline").exists() and pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
            time.sleep(0.01)

    def remove(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def pid(self):
        return int((self.directory / f"{ID}.pid").read_text())

    def _command(self, mode, options):
        words = [f"--{key.replace('_', '-')}={value}".split("=", 1) for key, value in options.items()]
        command = [str(self.loadgen_program), mode, "--broker", f"127.0.0.1:{self.port}", *(w for pair in words for w in pair)]
        return self._pinned(1, command)

    def loadgen(self, mode, **options):
        """Runs the load generator to its end; what it printed, or nothing for modes that print nothing."""
        result = subprocess.run(self._command(mode, options), capture_output=True, text=True, timeout=1800)
        if result.returncode:
            raise RuntimeError(f"{self.kind}: {mode} {options}: {result.stderr.strip()} {result.stdout.strip()}")
        return json.loads(result.stdout) if result.stdout.strip() else {}

    def loadgen_started(self, mode, **options):
        """The load generator in the background, standard input and output piped."""
        return subprocess.Popen(self._command(mode, options), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measured(self, mode, **options):
        """loadgen(), and what CPU the broker used meanwhile as `cpu_seconds`."""
        machine.flush_disks()
        before = machine.cpu_seconds(self.pid)
        result = self.loadgen(mode, **options)
        result["cpu_seconds"] = machine.cpu_seconds(self.pid) - before
        return result

    def measured_creation(self, topic, partitions):
        """Creates a topic; the CPU seconds that took the broker, background work of the next second included."""
        before = machine.cpu_seconds(self.pid)
        self.loadgen("create", topic=topic, partitions=partitions)
        time.sleep(1)
        return machine.cpu_seconds(self.pid) - before

    def first_produce_after_resume(self, topic, create):
        """Seconds from the start of the process that starts the broker to its first acknowledged produce."""
        begin = time.monotonic_ns()
        client = self.loadgen_started("first-produce", topic=topic, create=int(create), since=begin, seconds=180)
        self._adapter("resume", ID)
        output, _ = client.communicate(timeout=200)
        if client.returncode:
            raise RuntimeError(f"{self.kind}: no first produce")
        return json.loads(output)["seconds"]
