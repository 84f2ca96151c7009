package io.freehub.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.SymmetricKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./hub bench import}. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures an import of devices by a job from the hub's own storage, and an export of them all:",
            "rate, CPU of each process per device, progress of the job as it is seen. Needs Linux.",
            "Checks that every device exists and is exported."
        })
final class ImportCommand implements Callable<Integer> {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final String CONTAINER = "bench";
    private static final String LINE = "  %-22s %s%n";

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Devices to import. Default: ${DEFAULT-VALUE}")
    private int devices;

    @Mixin
    private HubOfItsOwn own = new HubOfItsOwn();

    ImportCommand() {}

    /** A job, and what it took. */
    private record Run(JsonNode job, double seconds, ProcessCpu.Sample cpu, Map<Integer, Double> progress) {

        boolean isGood() {
            return job.path("status").asText().equals("completed");
        }
    }

    @Override
    public Integer call() throws IOException {
        return own.measure(this::measure);
    }

    /** Exit code 1 when a device is missing. */
    private int measure(HubUnderTest hub) throws IOException {
        var container = hub.data().resolve("storage").resolve(CONTAINER);
        Files.createDirectories(
                container, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var file = container.resolve("devices.txt");
        write(file);
        long size = Files.size(file);
        try (var api = new ServiceApi(hub)) {
            var uri = "hub:///" + CONTAINER;
            Bench.tell("importing");
            var imported = run(
                    hub, api, Map.of("type", "import", "inputBlobContainerUri", uri, "outputBlobContainerUri", uri));
            long registered = api.send("GET", "/statistics/devices", ServiceApi.NONE)
                    .path("totalDeviceCount")
                    .asLong();
            long refused = lines(container.resolve("importErrors.log"));
            Bench.tell("exporting");
            var exported = run(
                    hub,
                    api,
                    Map.of("type", "export", "outputBlobContainerUri", uri, "outputBlobName", "exported.txt"));
            long written = lines(container.resolve("exported.txt"));
            System.out.printf("%,d devices, %.1f MB%n", devices, size / 1e6);
            report("import", imported);
            System.out.printf(LINE, "devices that exist", "%,d; lines refused: %,d".formatted(registered, refused));
            report("export", exported);
            System.out.printf(LINE, "devices exported", "%,d".formatted(written));
            boolean good = imported.isGood()
                    && exported.isGood()
                    && registered == devices
                    && refused == 0
                    && written == devices;
            return good ? 0 : 1;
        }
    }

    private Run run(HubUnderTest hub, ServiceApi api, Map<String, Object> request) {
        var before = ProcessCpu.sample(hub.processes());
        long start = System.nanoTime();
        var job = api.send("POST", "/jobs/create", request);
        var progress = new TreeMap<Integer, Double>();
        while (!job.has("endTimeUtc")) {
            HubUnderTest.pause(POLL);
            job = api.send("GET", "/jobs/" + job.path("jobId").asText(), ServiceApi.NONE);
            progress.putIfAbsent(job.path("progress").asInt(), seconds(start));
        }
        return new Run(job, seconds(start), ProcessCpu.sample(hub.processes()).since(before), progress);
    }

    private void report(String what, Run run) {
        System.out.printf("%n%s: %s%n", what, run.job().path("status").asText());
        System.out.printf(LINE, "devices/s", "%,.0f, in %.1f s".formatted(devices / run.seconds(), run.seconds()));
        System.out.printf(
                LINE,
                "CPU µs/device",
                run.cpu().microsPer(devices).entrySet().stream()
                        .map(process -> "%s %.0f".formatted(process.getKey(), process.getValue()))
                        .collect(Collectors.joining("  ")));
        System.out.printf(LINE, "progress", samples(run.progress()));
    }

    /** About ten of them. */
    private static String samples(Map<Integer, Double> progress) {
        var all = List.copyOf(progress.entrySet());
        int step = Math.max(1, all.size() / 10);
        return IntStream.range(0, all.size())
                .filter(i -> i % step == 0 || i == all.size() - 1)
                .mapToObj(i -> "%d %% at %.1f s"
                        .formatted(all.get(i).getKey(), all.get(i).getValue()))
                .collect(Collectors.joining(", "));
    }

    private void write(Path file) throws IOException {
        try (var out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < devices; i++) {
                out.write(
                        "{\"id\":\"bench-%07d\",\"status\":\"enabled\",\"authentication\":{\"type\":\"sas\",\"symmetricKey\":{\"primaryKey\":\"%s\",\"secondaryKey\":\"%s\"}}}\n"
                                .formatted(
                                        i,
                                        SymmetricKey.generate().base64(),
                                        SymmetricKey.generate().base64()));
            }
        }
    }

    private static long lines(Path file) throws IOException {
        try (var lines = Files.lines(file)) {
            return lines.count();
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
