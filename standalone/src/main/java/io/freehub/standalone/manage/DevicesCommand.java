package io.freehub.standalone.manage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freehub.standalone.LauncherException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./hub devices}: many at once, through a container of the hub's own storage that lives as long as the command. */
@Command(
        name = "devices",
        mixinStandardHelpOptions = true,
        description = "Lists, imports and exports the devices of a running hub.")
public final class DevicesCommand extends ManagementCommand {

    private static final String VERSION = "?api-version=2021-04-12";
    private static final String BLOB = "devices.txt";
    private static final String ERRORS = "importErrors.log";
    private static final int SHOWN_ERRORS = 10;
    private static final long POLL_MILLIS = 200;

    @Override
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the first 1000 devices.")
    int list() {
        return with(hub -> {
            var devices = hub.get("/devices" + VERSION);
            var rows = new ArrayList<List<String>>();
            devices.forEach(device -> rows.add(List.of(
                    device.path("deviceId").asText(),
                    device.path("status").asText(),
                    device.path("connectionState").asText())));
            return print(devices, table(List.of("DEVICE", "STATUS", "CONNECTION"), rows));
        });
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description =
                    "Creates, updates and deletes devices and modules as a file says, one JSON object in each line.")
    int importDevices(
            @Parameters(paramLabel = "FILE", description = "As devices export writes it, or Azure's export job.")
                    Path file) {
        if (!Files.isRegularFile(file)) {
            throw new LauncherException("there is no file " + file);
        }
        return with(hub -> inContainer(hub, (name, container) -> {
            Files.copy(file, container.resolve(BLOB));
            var job = finished(
                    hub,
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("type", "import")
                            .put("inputBlobContainerUri", name)
                            .put("outputBlobContainerUri", name));
            try (var errors = Files.lines(container.resolve(ERRORS))) {
                var lines = errors.toList();
                var told = new ArrayList<>(lines.subList(0, Math.min(SHOWN_ERRORS, lines.size())));
                told.add(lines.isEmpty() ? "imported " + file : lines.size() + " lines of " + file + " were refused");
                print(job, told);
                return lines.isEmpty() ? 0 : 1;
            }
        }));
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "Writes all devices and modules to a new file that only you can read: it holds their keys.")
    int exportDevices(
            @Parameters(paramLabel = "FILE") Path file,
            @Option(names = "--without-keys", description = "Leaves out the keys.") boolean withoutKeys) {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new LauncherException(file + " exists already");
        }
        return with(hub -> inContainer(hub, (name, container) -> {
            var job = finished(
                    hub,
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("type", "export")
                            .put("outputBlobContainerUri", name)
                            .put("excludeKeysInExport", withoutKeys));
            Files.move(container.resolve(BLOB), file);
            return print(job, List.of("exported to " + file));
        }));
    }

    @FunctionalInterface
    private interface InContainer {
        int act(String uri, Path container) throws IOException;
    }

    private static int inContainer(ManagementClient hub, InContainer action) {
        var name = "command-" + UUID.randomUUID();
        var storage = hub.storage();
        if (!Files.isDirectory(storage.toAbsolutePath().getParent())) {
            throw new LauncherException("the hub's storage " + storage
                    + " is not on this machine: use a job with a container that both reach");
        }
        var container = storage.resolve(name);
        try {
            Files.createDirectories(
                    container, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                return action.act("hub:///" + name, container);
            } finally {
                Files.deleteIfExists(container.resolve(BLOB));
                Files.deleteIfExists(container.resolve(ERRORS));
                Files.deleteIfExists(container);
            }
        } catch (IOException failed) {
            throw new LauncherException("cannot use the hub's storage: " + failed, failed);
        }
    }

    /** Has the job done, telling on the way how far it is. */
    private JsonNode finished(ManagementClient hub, ObjectNode request) {
        var job = hub.post("/jobs/create" + VERSION, request);
        var id = segment(job.path("jobId").asText());
        int told = 0;
        while (!job.has("endTimeUtc")) {
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new LauncherException("interrupted; job " + id + " goes on", interrupted);
            }
            job = hub.get("/jobs/" + id + VERSION);
            int progress = job.path("progress").asInt();
            if (progress > told) {
                progress(progress);
                told = progress;
            }
        }
        if (!job.path("status").asText().equals("completed")) {
            throw new LauncherException("job " + id + " " + job.path("status").asText() + ": "
                    + job.path("failureReason").asText("no reason given"));
        }
        return job;
    }
}
