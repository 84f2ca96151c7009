package io.freehub.twin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.freehub.model.ConnectionEvent;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceStatus;
import io.freehub.model.IdentityDescription;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.Topic;
import io.freehub.model.TwinChange;
import io.freehub.service.http.RequestPath;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Answers {@code GET /devices/…} and the creation of a module as registry-service does, tells the same events, and does what a real one cannot be
 * made to do on demand: tell late or not at all, forget between two questions, or fail.
 */
public final class FakeRegistry {

    /** Of {@link #addDevice}. */
    public static final IdentityDescription DESCRIPTION = new IdentityDescription(
            "NzQ5NDk2ODQ0",
            DeviceStatus.DISABLED,
            Optional.of("in repair"),
            Optional.of(Instant.parse("2026-08-15T09:00:01Z")),
            "sas",
            Optional.empty(),
            Optional.empty(),
            Optional.of(true),
            Optional.of("ms-azure-iot-edge://d-1"),
            List.of("ms-azure-iot-edge://p-1"));

    /** Of {@link #addModule}. */
    public static final IdentityDescription DESCRIPTION_OF_MODULE = new IdentityDescription(
            "MTAzNTk=",
            DeviceStatus.ENABLED,
            Optional.empty(),
            Optional.empty(),
            "selfSigned",
            Optional.of("AB"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of());

    private static final FakeRegistry SHARED = new FakeRegistry();

    private final Map<IdentityId, String> documents = new ConcurrentHashMap<>();
    private final Map<IdentityId, AtomicInteger> answersUntilRemoval = new ConcurrentHashMap<>();
    private final Map<IdentityId, AtomicInteger> answersUntilFailure = new ConcurrentHashMap<>();
    private final AtomicLong generations = new AtomicLong(638_575_123_456_789_000L);
    private final SymmetricKey key;
    private final KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer());

    private FakeRegistry() {
        var config = ConfigProvider.getConfig();
        key = new SymmetricKey(config.getValue(HubResource.key("$freehub"), String.class));
        try {
            var server = HttpServer.create(
                    new InetSocketAddress(
                            "127.0.0.1",
                            URI.create(config.getValue("freehub.twin.registry.url", String.class))
                                    .getPort()),
                    1024);
            server.createContext("/devices/", this::answer);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The one of all tests, up from the first call on. */
    public static FakeRegistry shared() {
        return SHARED;
    }

    /** A device that is there and of which no event tells; its generation. */
    public long addDevice(IdentityId device) {
        return add(device, """
                {"deviceId":"%s","generationId":"%d","etag":"NzQ5NDk2ODQ0","connectionState":"Connected",
                 "status":"disabled","statusReason":"in repair","connectionStateUpdatedTime":"2026-08-15T09:00:00Z",
                 "statusUpdatedTime":"2026-08-15T09:00:01Z","lastActivityTime":"2026-08-15T09:00:02Z",
                 "cloudToDeviceMessageCount":0,"authentication":{"symmetricKey":{"primaryKey":"a2V5LXRoYXQtbm9ib2R5LXNlZXM=",
                 "secondaryKey":"a2V5LXRoYXQtbm9ib2R5LXNlZXM="},"x509Thumbprint":{"primaryThumbprint":null,
                 "secondaryThumbprint":null},"type":"sas"},"capabilities":{"iotEdge":true},
                 "deviceScope":"ms-azure-iot-edge://d-1","parentScopes":["ms-azure-iot-edge://p-1"]}""");
    }

    /** The same, but no edge device. */
    public long addLeaf(IdentityId device) {
        long generation = addDevice(device);
        documents.computeIfPresent(device, (_, document) -> document.replace("\"iotEdge\":true", "\"iotEdge\":false"));
        return generation;
    }

    /** A module that is there and of which no event tells; its generation. */
    public long addModule(IdentityId module) {
        return add(module, """
                {"moduleId":"m","managedBy":null,"deviceId":"%s","generationId":"%d","etag":"MTAzNTk=",
                 "connectionState":"Disconnected","connectionStateUpdatedTime":"0001-01-01T00:00:00Z",
                 "lastActivityTime":"0001-01-01T00:00:00Z","cloudToDeviceMessageCount":0,
                 "authentication":{"symmetricKey":{"primaryKey":null,"secondaryKey":null},"x509Thumbprint":
                 {"primaryThumbprint":"AB","secondaryThumbprint":null},"type":"selfSigned"}}""");
    }

    private long add(IdentityId identity, String document) {
        var generation = nextGeneration();
        documents.put(identity, document.formatted(identity.device(), generation));
        return generation;
    }

    /** A generation later than all before. */
    public long nextGeneration() {
        return generations.incrementAndGet();
    }

    /** Whether somebody made it. */
    public boolean has(IdentityId identity) {
        return documents.containsKey(identity);
    }

    public void remove(IdentityId identity) {
        documents.remove(identity);
    }

    /** Answers so many more times that there is this identity, then that there is not. */
    public void removeAfter(IdentityId identity, int answers) {
        answersUntilRemoval.put(identity, new AtomicInteger(answers));
    }

    /** Answers so many more times for this identity, then fails once. */
    public void failAfter(IdentityId identity, int answers) {
        answersUntilFailure.put(identity, new AtomicInteger(answers));
    }

    public void tellCreated(IdentityId identity, long generation) {
        tell(new RegistryEvent.Created(identity, Long.toString(generation), 1, Instant.now()));
    }

    /** A device that is there, with an event that tells of it. */
    public long addAndTell(IdentityId identity) {
        return addAndTell(identity, identity.isModule() ? DESCRIPTION_OF_MODULE : DESCRIPTION);
    }

    /** The same with another description than {@link #addDevice} has. */
    public long addAndTell(IdentityId identity, IdentityDescription description) {
        var generation = identity.isModule() ? addModule(identity) : addDevice(identity);
        tell(new RegistryEvent.Created(
                identity, Long.toString(generation), 1, Optional.of(description), Instant.now()));
        return generation;
    }

    public void tellDeleted(IdentityId identity, long generation) {
        tell(new RegistryEvent.Deleted(identity, Long.toString(generation), Instant.now()));
    }

    /** Tells what a gateway tells. */
    public void tell(ConnectionEvent event, DeviceId key) {
        producer.send(new ProducerRecord<>(Topic.CONNECTIONS.name(), key.value(), HubJson.write(event)));
        producer.flush();
    }

    public void tell(RegistryEvent event) {
        producer.send(new ProducerRecord<>(
                Topic.REGISTRY.name(), event.identity().device().value(), HubJson.write(event)));
        producer.flush();
    }

    /** Tells that a twin was written. */
    public void tell(TwinChange change) {
        producer.send(new ProducerRecord<>(
                Topic.TWIN_CHANGES.name(), change.identity().device().value(), HubJson.write(change)));
        producer.flush();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = RequestPath.parse(exchange.getRequestURI().getRawPath()).segments();
            var identity = IdentityId.parse(path.get(1) + (path.size() > 3 ? "/" + path.get(3) : ""));
            if (isUp(answersUntilRemoval, identity)) {
                remove(identity);
            }
            boolean isNew = exchange.getRequestMethod().equals("PUT") && isOurs(exchange) && !has(identity);
            boolean isThere = exchange.getRequestMethod().equals("PUT") && !isNew;
            if (isNew) {
                addModule(identity);
            }
            boolean fail = isUp(answersUntilFailure, identity);
            var document = Optional.ofNullable(documents.get(identity));
            int status = fail ? 503 : !isOurs(exchange) ? 401 : isThere ? 409 : document.isPresent() ? 200 : 404;
            var body = document.orElse("{}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static boolean isUp(Map<IdentityId, AtomicInteger> counts, IdentityId identity) {
        var left = counts.get(identity);
        boolean up = left != null && left.getAndDecrement() == 0;
        if (up) {
            counts.remove(identity);
        }
        return up;
    }

    private boolean isOurs(HttpExchange exchange) {
        var token = SasToken.parse(exchange.getRequestHeaders().getFirst("Authorization"));
        return token.policy().equals(Optional.of("$freehub")) && token.isSignedBy(new SymmetricKeys(key, key));
    }
}
