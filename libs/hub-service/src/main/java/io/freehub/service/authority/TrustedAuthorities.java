package io.freehub.service.authority;

import io.freehub.model.Topic;
import io.freehub.model.TrustedAuthority;
import io.freehub.service.kafka.HubKafka;
import io.freehub.service.kafka.TopicReader;
import io.quarkus.logging.Log;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The certificate authorities that devices may come from, in memory: read from the compacted topic and kept up to date by
 * it. Reading begins with the first call of a method, so only services that use this read the topic. The first call asks
 * Kafka and belongs into the service's start, not on an event loop; the service is ready only when {@link #areKnown()}.
 */
@ApplicationScoped
public class TrustedAuthorities {

    private final HubKafka kafka;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** By name. Only the reader's thread touches it. */
    private final SortedMap<String, X509Certificate> authorities = new TreeMap<>();

    private volatile List<X509Certificate> snapshot = List.of();
    private volatile Optional<TopicReader<TrustedAuthority>> reader = Optional.empty();

    TrustedAuthorities(HubKafka kafka) {
        this.kafka = kafka;
    }

    @PostConstruct
    void start() {
        reader = Optional.of(TopicReader.start(
                kafka,
                Topic.CERTIFICATES,
                TopicReader.From.BEGINNING,
                (authority, record) -> take(record.key(), authority)));
    }

    @PreDestroy
    void stop() {
        reader.ifPresent(TopicReader::close);
    }

    /** Certificates of all authorities that are trusted now; a list that does not change. */
    public Collection<X509Certificate> all() {
        return snapshot;
    }

    /** Has something run after each change, on the reader's thread: it must not wait. {@link #all()} is new by then. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Whether all were read. */
    public boolean areKnown() {
        return reader.map(TopicReader::isCaughtUp).orElse(false);
    }

    /** Whether changes are still heard of; if not, only a restart helps. */
    public boolean areFollowed() {
        return reader.map(TopicReader::isAlive).orElse(false);
    }

    private void take(String name, Optional<TrustedAuthority> authority) {
        // One that cannot be read is as good as none: what it replaces is no longer trusted either.
        authority
                .flatMap(TrustedAuthorities::parse)
                .ifPresentOrElse(certificate -> authorities.put(name, certificate), () -> authorities.remove(name));
        snapshot = List.copyOf(authorities.values());
        listeners.forEach(Runnable::run);
    }

    private static Optional<X509Certificate> parse(TrustedAuthority authority) {
        try {
            var der = Base64.getDecoder().decode(authority.certificateBase64Der());
            return Optional.of((X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
        } catch (CertificateException | IllegalArgumentException e) {
            Log.errorf("certificate passed over name=%s reason=%s", authority.name(), e);
            return Optional.empty();
        }
    }
}
