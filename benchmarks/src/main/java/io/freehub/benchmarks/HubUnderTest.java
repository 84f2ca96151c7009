package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freehub.model.ConnectionString;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A hub of processes on this machine, as its {@code hub.env} and the data directory around that file tell.
 *
 * @param ports that the first gateway listens on; those without TLS only on 127.0.0.1, 0 when they are not offered
 */
record HubUnderTest(
        Path data, String host, ConnectionString owner, Path certificateAuthority, String kafka, Ports ports) {

    record Ports(int mqtt, int amqp, int https, int plainMqtt, int plainAmqp) {}

    private static final String GATEWAY = "gateway-0";
    private static final Duration RESTART = Duration.ofMinutes(2);

    /** @throws BenchmarkException when the file does not describe a hub with identities */
    static HubUnderTest of(Path environment, Ports ports) {
        var values = read(environment);
        for (var name : new String[] {"IOTHUB_HOST", "IOTHUB_CONNECTION_STRING", "IOTHUB_CA_FILE", "KAFKA_BOOTSTRAP"}) {
            if (!values.containsKey(name)) {
                throw new BenchmarkException(environment + " has no " + name);
            }
        }
        return new HubUnderTest(
                environment.toAbsolutePath().getParent(),
                values.get("IOTHUB_HOST"),
                ConnectionString.parse(values.get("IOTHUB_CONNECTION_STRING")),
                Path.of(values.get("IOTHUB_CA_FILE")),
                values.get("KAFKA_BOOTSTRAP"),
                ports);
    }

    Door tls() {
        return Door.tls(host, ports.mqtt(), certificateAuthority);
    }

    /** For telemetry. */
    Door tls(LoadGenerator.Protocol protocol) {
        return switch (protocol) {
            case mqtt -> tls();
            case amqp -> Door.tls(host, ports.amqp(), certificateAuthority);
        };
    }

    /** For telemetry. */
    Door plain(LoadGenerator.Protocol protocol) {
        return Door.plain(
                "127.0.0.1",
                switch (protocol) {
                    case mqtt -> ports.plainMqtt();
                    case amqp -> ports.plainAmqp();
                });
    }

    ProcessHandle gateway() {
        return processes().get(GATEWAY);
    }

    /** Every process by its name. */
    Map<String, ProcessHandle> processes() {
        var processes = new TreeMap<String, ProcessHandle>();
        try (var files = Files.newDirectoryStream(data.resolve("run"), "*.pid")) {
            for (var file : files) {
                var name = file.getFileName().toString().replaceFirst("\\.pid$", "");
                ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
                        .ifPresent(process -> processes.put(name, process));
            }
        } catch (IOException failed) {
            throw new BenchmarkException("cannot see the processes of the hub in " + data, failed);
        }
        if (!processes.containsKey(GATEWAY)) {
            throw new BenchmarkException("the hub in " + data + " does not run");
        }
        return processes;
    }

    /** Kills the gateway and waits until its successor has its doors open: nothing in it is warm. */
    void restartGateway() {
        var old = gateway();
        old.destroyForcibly();
        old.onExit().join();
        long deadline = System.nanoTime() + RESTART.toNanos();
        while (!isOpen()) {
            if (System.nanoTime() > deadline) {
                throw new BenchmarkException("the gateway is not back after " + RESTART);
            }
            pause(Duration.ofMillis(20));
        }
    }

    private boolean isOpen() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, ports.mqtt()), 1000);
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", interrupted);
        }
    }

    private static Map<String, String> read(Path environment) {
        var values = new HashMap<String, String>();
        try {
            for (var line : Files.readAllLines(environment, UTF_8)) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    values.put(
                            line.substring(0, equals),
                            line.substring(equals + 1).replaceAll("^['\"]|['\"]$", ""));
                }
            }
            return values;
        } catch (IOException failed) {
            throw new BenchmarkException("cannot read " + environment, failed);
        }
    }
}
