package io.freehub.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freehub.model.ConnectionString;
import io.freehub.standalone.HubOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A hub of processes on this machine, as its {@code hub.env} and the data directory around that file tell.
 *
 * @param ports that the first gateway listens on; those without TLS only on a loopback address, 0 when
 *     they are not offered
 */
record HubUnderTest(
        Path data,
        String host,
        ConnectionString owner,
        Path certificateAuthority,
        String kafka,
        Map<String, String> environment,
        Ports ports) {

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
                values,
                ports);
    }

    /** For SDKs of Event Hubs. */
    String eventHubConnectionString() {
        return told("EVENTHUB_CONNECTION_STRING");
    }

    private String told(String name) {
        return Optional.ofNullable(environment.get(name))
                .orElseThrow(() -> new BenchmarkException("the hub's environment file has no " + name));
    }

    /** For Kafka clients that have to prove who they are. */
    Map<String, Object> kafkaForReaders() {
        return Map.of(
                "bootstrap.servers",
                told("KAFKA_READERS_BOOTSTRAP"),
                "security.protocol",
                "SASL_SSL",
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.location",
                certificateAuthority.toString(),
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"$ConnectionString\" "
                        + "password=\"" + told("IOTHUB_CONNECTION_STRING") + "\";");
    }

    /** From now on every client in this JVM trusts the hub's authority, and no other: Azure's SDKs take nothing else. */
    void trustEverywhere() {
        try (var in = Files.newInputStream(certificateAuthority)) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "hub", CertificateFactory.getInstance("X.509").generateCertificate(in));
            var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            SSLContext.setDefault(context);
        } catch (IOException | GeneralSecurityException failed) {
            throw new BenchmarkException("cannot use the authority " + certificateAuthority, failed);
        }
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
                loopback(host),
                switch (protocol) {
                    case mqtt -> ports.plainMqtt();
                    case amqp -> ports.plainAmqp();
                });
    }

    /** Where a gateway at this address opens its ports without TLS. */
    static String loopback(String host) {
        return host.startsWith("127.") ? host : HubOptions.DEFAULT_HOST;
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
