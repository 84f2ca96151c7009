package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Memory of a JVM after a full collection, in bytes.
 *
 * @param heap bytes that objects take
 * @param nonHeap resident bytes outside the heap: native memory, direct buffers, code
 * @param resident everything; grows with garbage too, since a heap keeps the pages it once touched
 */
record GatewayMemory(long heap, long nonHeap, long resident) {

    private static final Pattern GENERATION =
            Pattern.compile("total .*?used (\\d+)K.*?\\[0x([0-9a-f]+),.*?0x([0-9a-f]+)\\)");
    private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) .*");
    private static final Pattern RSS = Pattern.compile("Rss:\\s+(\\d+) kB");

    static GatewayMemory of(ProcessHandle process) {
        jcmd(process, "GC.run");
        jcmd(process, "GC.run");
        try {
            var smaps = Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "smaps"));
            return of(jcmd(process, "GC.heap_info"), smaps);
        } catch (IOException failed) {
            throw new BenchmarkException("cannot see the memory of process " + process.pid(), failed);
        }
    }

    /**
     * @param heapInfo answer to {@code jcmd GC.heap_info}: sizes and address ranges of the generations
     * @param smaps lines of {@code /proc/PID/smaps}
     */
    static GatewayMemory of(String heapInfo, List<String> smaps) {
        long used = 0;
        long low = Long.MAX_VALUE;
        long high = 0;
        var generations = GENERATION.matcher(heapInfo);
        while (generations.find()) {
            used += Long.parseLong(generations.group(1)) << 10;
            low = Math.min(low, Long.parseLong(generations.group(2), 16));
            high = Math.max(high, Long.parseLong(generations.group(3), 16));
        }
        long resident = 0;
        long heapResident = 0;
        boolean inHeap = false;
        for (var line : smaps) {
            var mapping = MAPPING.matcher(line);
            var rss = RSS.matcher(line);
            if (mapping.matches()) {
                long start = Long.parseUnsignedLong(mapping.group(1), 16);
                inHeap = start >= low && start < high;
            } else if (rss.matches()) {
                long bytes = Long.parseLong(rss.group(1)) << 10;
                resident += bytes;
                heapResident += inHeap ? bytes : 0;
            }
        }
        return new GatewayMemory(used, resident - heapResident, resident);
    }

    /** What came on top of an earlier state, for each of so many. */
    GatewayMemory each(GatewayMemory before, int count) {
        return new GatewayMemory(
                (heap - before.heap) / count, (nonHeap - before.nonHeap) / count, (resident - before.resident) / count);
    }

    private static String jcmd(ProcessHandle process, String command) {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            var run = new ProcessBuilder(jcmd, Long.toString(process.pid()), command)
                    .redirectErrorStream(true)
                    .start();
            var answer = new String(run.getInputStream().readAllBytes(), UTF_8);
            if (run.waitFor() != 0) {
                throw new BenchmarkException("jcmd " + process.pid() + " " + command + " says " + answer.strip());
            }
            return answer;
        } catch (IOException failed) {
            throw new BenchmarkException("cannot run " + jcmd, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", interrupted);
        }
    }
}
