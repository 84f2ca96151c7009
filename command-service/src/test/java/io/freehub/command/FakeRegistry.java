package io.freehub.command;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.freehub.model.Authentication;
import io.freehub.model.Credentials;
import io.freehub.model.CredentialsLookup;
import io.freehub.model.IdentityId;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.Topic;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TestKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.ConfigProvider;

/** Answers look-ups as registry-service does, and fails when it is asked to. */
public final class FakeRegistry {

    private static final FakeRegistry SHARED = new FakeRegistry();

    private final Map<IdentityId, Long> identities = new ConcurrentHashMap<>();
    private final AtomicLong generations = new AtomicLong(638_575_123_456_789_000L);
    private final SymmetricKey key;
    private volatile boolean away;

    private FakeRegistry() {
        var config = ConfigProvider.getConfig();
        key = new SymmetricKey(config.getValue(HubResource.key("$freehub"), String.class));
        try {
            var server = HttpServer.create(
                    new InetSocketAddress(
                            "127.0.0.1",
                            URI.create(config.getValue("freehub.command.registry.url", String.class))
                                    .getPort()),
                    1024);
            server.createContext("/internal/credentials", this::answer);
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

    /** Makes a device or module; its generation. */
    public long add(IdentityId identity) {
        long generation = generations.incrementAndGet();
        identities.put(identity, generation);
        return generation;
    }

    public void remove(IdentityId identity) {
        identities.remove(identity);
    }

    /** Removes it, and says so as registry-service does. */
    public void tellRemoved(IdentityId identity) {
        tellRemoved(identity, identities.remove(identity));
    }

    /** Says that this life of it has ended. */
    public void tellRemoved(IdentityId identity, long generation) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                    Topic.REGISTRY.name(),
                    identity.device().value(),
                    HubJson.write(new RegistryEvent.Deleted(identity, Long.toString(generation), Instant.now()))));
        }
    }

    /** Answers nothing sensible, or does so again. */
    public void beAway(boolean away) {
        this.away = away;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var lookup = HubJson.read(exchange.getRequestBody().readAllBytes(), CredentialsLookup.class);
            var found = lookup.identities().stream()
                    .filter(identities::containsKey)
                    .map(this::credentials)
                    .toList();
            var body = HubJson.write(new CredentialsLookup.Answer(found));
            exchange.sendResponseHeaders(away ? 503 : isOurs(exchange) ? 200 : 401, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Credentials credentials(IdentityId identity) {
        return new Credentials(
                identity,
                Long.toString(identities.get(identity)),
                true,
                new Authentication.Sas(SymmetricKeys.generate()));
    }

    private boolean isOurs(HttpExchange exchange) {
        var token = SasToken.parse(exchange.getRequestHeaders().getFirst("Authorization"));
        return token.policy().equals(Optional.of("$freehub")) && token.isSignedBy(new SymmetricKeys(key, key));
    }
}
