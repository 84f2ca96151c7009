package io.freehub.standalone;

import io.freehub.embedded.PostgresCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One process of the hub and the thread that watches it. From its first readiness on it is restarted when it ends. */
final class Child {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** A process that lived this long did not fail because of how it was started. */
    private static final Duration STABLE = Duration.ofMinutes(1);

    private static final int TAIL = 25;

    private final ChildDefinition definition;
    private final Path pidFile;
    private final Path workingDirectory;
    private final LogFile log;
    private final Console console;

    private @Nullable Process process;
    private boolean stopping;

    Child(ChildDefinition definition, DataDirectory data, Console console) {
        this.definition = definition;
        this.pidFile = data.run().resolve(definition.name() + ".pid");
        this.workingDirectory = data.run();
        this.log = new LogFile(data.log(definition.name()));
        this.console = console;
    }

    String name() {
        return definition.name();
    }

    LogFile log() {
        return log;
    }

    /** The process, unless there is none at this moment. */
    synchronized Optional<ProcessHandle> process() {
        return Optional.ofNullable(process).map(Process::toHandle).filter(ProcessHandle::isAlive);
    }

    boolean isReady() {
        return process().isPresent() && definition.ready().getAsBoolean();
    }

    /** Starts the process, waits until it is ready, and restarts it from then on. */
    void start(Duration patience) {
        var begun = Instant.now();
        var deadline = begun.plus(patience);
        log.rotate();
        definition.prepare().run();
        var started = launch();
        while (!definition.ready().getAsBoolean()) {
            if (ended(started, POLL)) {
                throw failure(exit(started));
            }
            if (Instant.now().isAfter(deadline)) {
                throw failure("not ready after " + patience.toSeconds() + " s");
            }
        }
        console.say("%s is ready after %.1f s".formatted(name(), seconds(Duration.between(begun, Instant.now()))));
        Thread.ofPlatform().name("watch-" + name()).daemon().start(this::watch);
    }

    /** Asks the process to end; {@link #awaitStop} waits for it. It is not restarted any more. */
    synchronized void requestStop() {
        stopping = true;
        notifyAll();
        process().ifPresent(alive -> {
            switch (definition.stop()) {
                case TERMINATE -> alive.destroy();
                case INTERRUPT -> PostgresCluster.requestStop(alive);
            }
        });
    }

    void awaitStop(Duration grace) {
        var last = lastProcess();
        if (last.isPresent() && !ended(last.get(), grace)) {
            console.say(name() + " did not stop within " + grace.toSeconds() + " s and is killed");
            last.get().destroyForcibly();
            ended(last.get(), grace);
        }
        try {
            Files.deleteIfExists(pidFile);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void watch() {
        var pause = FIRST_PAUSE;
        while (true) {
            var since = Instant.now();
            var watched = running();
            awaitEnd(watched);
            if (isStopping()) {
                return;
            }
            if (Instant.now().isAfter(since.plus(STABLE))) {
                pause = FIRST_PAUSE;
            }
            console.say("%s ended: %s; it is restarted in %.1f s".formatted(name(), exit(watched), seconds(pause)));
            if (!isKill(watched)) {
                console.show(log.tail(TAIL));
            }
            if (stopComesWithin(pause)) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            if (!relaunch()) {
                return;
            }
            reportReadiness();
        }
    }

    private boolean relaunch() {
        synchronized (this) {
            if (stopping) {
                return false;
            }
            try {
                launch();
            } catch (LauncherException failed) {
                console.say(failed.getMessage()); // and the next attempt comes after a longer pause
            }
            return true;
        }
    }

    private void reportReadiness() {
        var since = Instant.now();
        var restarted = running();
        while (!ended(restarted, POLL)) {
            if (definition.ready().getAsBoolean()) {
                console.say(
                        "%s is back after %.1f s".formatted(name(), seconds(Duration.between(since, Instant.now()))));
                return;
            }
        }
    }

    private synchronized Process launch() {
        if (stopping) {
            throw new LauncherException("the hub is being stopped");
        }
        var command = new ArrayList<>(Sessions.detaching());
        command.addAll(definition.command());
        var builder = new ProcessBuilder(command)
                .directory(workingDirectory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
        builder.environment().putAll(definition.environment());
        try {
            var started = builder.start();
            process = started;
            Files.writeString(pidFile, Long.toString(started.pid()));
            return started;
        } catch (IOException failed) {
            throw new LauncherException("cannot start " + name() + ": " + failed.getMessage(), failed);
        }
    }

    private synchronized Process running() {
        if (process == null) {
            throw new IllegalStateException(name() + " was never started");
        }
        return process;
    }

    private synchronized Optional<Process> lastProcess() {
        return Optional.ofNullable(process);
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    private synchronized boolean stopComesWithin(Duration pause) {
        var deadline = Instant.now().plus(pause);
        try {
            while (!stopping && Instant.now().isBefore(deadline)) {
                wait(Math.max(1, Duration.between(Instant.now(), deadline).toMillis()));
            }
        } catch (InterruptedException interrupted) {
            return true;
        }
        return stopping;
    }

    private static void awaitEnd(Process process) {
        try {
            process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LauncherException("interrupted", interrupted);
        }
    }

    private static boolean ended(Process process, Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LauncherException("interrupted", interrupted);
        }
    }

    private LauncherException failure(String what) {
        var lines = List.copyOf(log.tail(TAIL));
        return new LauncherException("%s does not start: %s. The end of its log, %s:%n%s"
                .formatted(name(), what, log.file(), String.join("\n", lines).indent(4)));
    }

    private static boolean isKill(Process ended) {
        return ended.exitValue() == 137;
    }

    /** How the JDK tells the end of a process: 128 and the signal's number, or its exit code. */
    private static String exit(Process ended) {
        var code = ended.exitValue();
        return code > 128 ? "signal " + (code - 128) : "exit code " + code;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
