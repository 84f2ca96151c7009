package io.freehub.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program of somebody else's, run to its end. */
record Program(int exitCode, String output, String errors) {

    private static final int PATIENCE_SECONDS = 60;

    /** Runs it in this directory, with more environment. */
    static Program run(Path directory, Map<String, String> environment, List<String> command) {
        try {
            var builder = new ProcessBuilder(command).directory(directory.toFile());
            builder.environment().putAll(environment);
            var process = builder.start();
            process.outputWriter().close();
            // One that never ends would be read from for ever.
            CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .execute(process::destroyForcibly);
            var errors = new StringBuilder();
            var reader = Thread.startVirtualThread(
                    () -> process.errorReader(StandardCharsets.UTF_8).lines().forEach(line -> errors.append(line)
                            .append('\n')));
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("%s ends", command.getFirst())
                    .isTrue();
            reader.join();
            return new Program(process.exitValue(), output, errors.toString());
        } catch (IOException e) {
            throw new AssertionError(
                    command.getFirst() + " is missing: ./hub test installs it where it may; on Debian, apt-get install "
                            + "mosquitto-clients kcat nodejs npm",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The same, expecting success. */
    static String output(Path directory, Map<String, String> environment, List<String> command) {
        var program = run(directory, environment, command);
        assertThat(program.exitCode())
                .as("%s said %s %s", command.getFirst(), program.output(), program.errors())
                .isZero();
        return program.output();
    }
}
