package io.freehub.standalone;

import io.freehub.embedded.PostgresCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Processes of a hub whose launcher was killed: they hold ports and data, so they are stopped before a new start. */
final class Orphans {

    private static final Duration GRACE = Duration.ofSeconds(10);

    private final DataDirectory data;
    private final Console console;

    Orphans(DataDirectory data, Console console) {
        this.data = data;
        this.console = console;
    }

    /** The argument by which a child's command line tells whose it is. */
    static String marker(DataDirectory data, String child) {
        return "-Dfreehub.child=" + data.run().resolve(child);
    }

    void stop() {
        var found = find();
        // Services before what they stand on.
        found.sort(Comparator.comparing(
                orphan -> orphan.name().equals("kafka") || orphan.name().equals("postgres")));
        for (var orphan : found) {
            console.say("stops %s (process %d), left over from a launcher that was killed"
                    .formatted(orphan.name(), orphan.process().pid()));
            if (orphan.name().equals("postgres")) {
                PostgresCluster.requestStop(orphan.process());
            } else {
                orphan.process().destroy();
            }
            awaitEnd(orphan.process());
        }
    }

    private record Orphan(String name, ProcessHandle process) {}

    private List<Orphan> find() {
        var found = new ArrayList<Orphan>();
        try (var files = Files.newDirectoryStream(data.run(), "*.pid")) {
            for (var file : files) {
                var name = file.getFileName().toString().replaceFirst("\\.pid$", "");
                process(file)
                        .filter(process -> isOurs(name, process))
                        .ifPresent(process -> found.add(new Orphan(name, process)));
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot read " + data.run(), failed);
        }
        return found;
    }

    private static Optional<ProcessHandle> process(Path file) throws IOException {
        try {
            return ProcessHandle.of(Long.parseLong(Files.readString(file).strip()));
        } catch (NumberFormatException damaged) {
            return Optional.empty();
        }
    }

    /** A process id may have passed to another program meanwhile. */
    private boolean isOurs(String name, ProcessHandle process) {
        var commandLine = commandLine(process.pid()) + " ";
        return commandLine.contains(" " + marker(data, name) + " ")
                || name.equals("postgres") && commandLine.contains("/postgres -D " + data.postgres() + " ");
    }

    /** {@link ProcessHandle#info()} leaves long command lines out. */
    private static String commandLine(long pid) {
        try {
            var file = Path.of("/proc", Long.toString(pid), "cmdline");
            if (Files.exists(file)) {
                return Files.readString(file, StandardCharsets.ISO_8859_1)
                        .replace('\0', ' ')
                        .strip();
            }
            var ps = new ProcessBuilder("ps", "-ww", "-o", "command=", "-p", Long.toString(pid)).start();
            return new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException gone) {
            return "";
        }
    }

    private static void awaitEnd(ProcessHandle process) {
        try {
            try {
                process.onExit().get(GRACE.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException stubborn) {
                process.destroyForcibly();
                process.onExit().get(GRACE.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException failed) {
            throw new LauncherException("process " + process.pid() + " of the last hub cannot be stopped", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LauncherException("interrupted", interrupted);
        }
    }
}
