package io.freehub.registry.certificate;

import io.freehub.model.Topic;
import io.freehub.model.TrustedAuthority;
import io.freehub.registry.RegistryConfig;
import io.freehub.registry.certificate.CertificateChange.Fresh;
import io.freehub.registry.certificate.CertificateChange.Outcome;
import io.freehub.store.Database;
import io.freehub.store.Outbox;
import io.freehub.store.OutboxRecord;
import io.freehub.store.TopicMender;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Reads and changes certificates, one change at a time, since each looks at all of them. A change and the record that
 * tells the gateways whom to trust are one transaction.
 */
@ApplicationScoped
class Certificates {

    /** Any number that no other advisory lock of the database has. */
    private static final long LOCK = 0x6365727473L;

    private final CertificateStore store;
    private final Database database;
    private final Outbox outbox;
    private final TopicMender mender;
    private final RegistryConfig config;
    private final Clock clock;
    private final RandomGenerator random = new SecureRandom();

    Certificates(
            CertificateStore store,
            Database database,
            Outbox outbox,
            TopicMender mender,
            RegistryConfig config,
            Clock clock) {
        this.store = store;
        this.database = database;
        this.outbox = outbox;
        this.mender = mender;
        this.config = config;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        mender.mend(Topic.CERTIFICATES, LOCK, this::trusted, config.topicStartup());
    }

    /** All, in the order of their names. */
    Uni<List<AuthorityCertificate>> all() {
        return database.read(store::all).map(certificates -> List.copyOf(certificates.values()));
    }

    Uni<Optional<AuthorityCertificate>> get(String name) {
        return database.read(() -> store.get(name));
    }

    /** @throws io.freehub.model.HubException in the result, when the change is refused */
    Uni<Outcome> apply(CertificateChange change) {
        // PostgreSQL keeps microseconds: what is answered at once equals what is read later.
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return database.writeAlone(
                LOCK, () -> store.all().chain(certificates -> write(change, certificates, Fresh.make(now, random))));
    }

    private Uni<Outcome> write(CertificateChange change, Map<String, AuthorityCertificate> certificates, Fresh fresh) {
        var before = Optional.ofNullable(certificates.get(change.name())).flatMap(AuthorityCertificate::trusted);
        var outcome = change.decide(certificates, fresh);
        return write(outcome)
                .chain(() -> outbox.add(news(change.name(), before, after(outcome))))
                .replaceWith(outcome);
    }

    private Uni<Void> write(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Created(var stored) -> store.add(stored);
            case Outcome.Replaced(var stored) -> store.replace(stored);
            case Outcome.Deleted(var name) -> store.delete(name);
        };
    }

    private static Optional<TrustedAuthority> after(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Created(var certificate) -> certificate.trusted();
            case Outcome.Replaced(var certificate) -> certificate.trusted();
            case Outcome.Deleted _ -> Optional.empty();
        };
    }

    /** What the gateways must hear. */
    private static List<OutboxRecord> news(
            String name, Optional<TrustedAuthority> before, Optional<TrustedAuthority> after) {
        return before.equals(after)
                ? List.of()
                : List.of(after.map(authority -> OutboxRecord.of(Topic.CERTIFICATES, name, authority))
                        .orElseGet(() -> OutboxRecord.gone(Topic.CERTIFICATES, name)));
    }

    private Uni<Map<String, TrustedAuthority>> trusted() {
        return store.all().map(certificates -> certificates.values().stream()
                .flatMap(certificate -> certificate.trusted().stream())
                .collect(Collectors.toMap(TrustedAuthority::name, Function.identity())));
    }
}
