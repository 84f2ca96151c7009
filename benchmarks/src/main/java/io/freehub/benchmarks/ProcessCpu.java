package io.freehub.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;

/** CPU time of processes, user and system, children and those that ended included. */
final class ProcessCpu {

    /** The kernel counts in hundredths of a second for user space, on every platform that a JDK runs on. */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** In {@code /proc/PID/stat} behind the name: utime, stime, and those of the children that ended. */
    private static final int FIRST_FIELD = 11;

    private static final int FIELDS = 4;

    private ProcessCpu() {}

    /** CPU time by process name, at one moment or between two. */
    record Sample(Map<String, Duration> times) {

        /** What was used since an earlier sample; a process that was replaced meanwhile is left out. */
        Sample since(Sample earlier) {
            var used = new LinkedHashMap<String, Duration>();
            times.forEach((name, time) -> {
                var before = earlier.times.getOrDefault(name, Duration.ZERO);
                if (time.compareTo(before) >= 0) {
                    used.put(name, time.minus(before));
                }
            });
            return new Sample(used);
        }

        /** Microseconds for each of so many. */
        Map<String, Double> microsPer(long count) {
            var micros = new LinkedHashMap<String, Double>();
            times.forEach((name, time) -> micros.put(name, time.toNanos() / 1000.0 / Math.max(1, count)));
            return micros;
        }
    }

    /** Name of the process that asks. */
    static final String SELF = "generator";

    /** The named processes and this one. */
    static Sample sample(Map<String, ProcessHandle> processes) {
        var times = new LinkedHashMap<String, Duration>();
        processes.forEach((name, process) -> times.put(name, ofTree(process)));
        times.put(SELF, ofThisProcess());
        return new Sample(times);
    }

    /** Without its children: a hub that this process started has its own entries. */
    private static Duration ofThisProcess() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return Duration.ofNanos(system.getProcessCpuTime());
    }

    private static Duration ofTree(ProcessHandle process) {
        var pids = LongStream.concat(
                LongStream.of(process.pid()), process.descendants().mapToLong(ProcessHandle::pid));
        return Duration.ofNanos(pids.map(ProcessCpu::ticks).sum() * NANOS_PER_TICK);
    }

    private static long ticks(long pid) {
        try {
            return ticks(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
        } catch (IOException gone) {
            return 0; // its parent has its time now
        }
    }

    /** @param stat the line of {@code /proc/PID/stat}; the name in it may hold anything, even spaces and brackets */
    static long ticks(String stat) {
        var fields = stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ");
        long ticks = 0;
        for (int i = FIRST_FIELD; i < FIRST_FIELD + FIELDS; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks;
    }
}
