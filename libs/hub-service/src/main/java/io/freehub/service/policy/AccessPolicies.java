package io.freehub.service.policy;

import io.freehub.model.AccessPolicy;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Topic;
import io.freehub.service.AccessSettings;
import io.freehub.service.kafka.HubKafka;
import io.freehub.service.kafka.TopicReader;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All shared access policies, in memory: read from the compacted topic at the start and kept up to date by it, so that a
 * new key counts everywhere at once and no check of a token waits for anything.
 */
@ApplicationScoped
public class AccessPolicies {

    private final HubKafka kafka;
    private final AccessSettings settings;
    private final Map<String, AccessPolicy> policies = new ConcurrentHashMap<>();
    private volatile Optional<TopicReader<AccessPolicy>> reader = Optional.empty();

    AccessPolicies(HubKafka kafka, AccessSettings settings) {
        this.kafka = kafka;
        this.settings = settings;
    }

    void start(@Observes StartupEvent event) {
        reader = Optional.of(TopicReader.start(
                kafka,
                Topic.POLICIES,
                TopicReader.From.BEGINNING,
                (policy, record) -> policy.ifPresentOrElse(
                        value -> policies.put(record.key(), value), () -> policies.remove(record.key()))));
    }

    void stop(@Observes ShutdownEvent event) {
        reader.ifPresent(TopicReader::close);
    }

    /**
     * The policy of this name.
     *
     * @throws HubException {@link HubError#UNAUTHORIZED} when the hub takes no signatures of policies but its own
     */
    public Optional<AccessPolicy> find(String name) {
        if (!settings.sasEnabled() && !name.equals(AccessPolicy.INTERNAL)) {
            throw new HubException(HubError.UNAUTHORIZED, "shared access policies are switched off in this hub");
        }
        return Optional.ofNullable(policies.get(name));
    }

    /** Whether changes are still heard of; if not, only a restart helps. */
    boolean areFollowed() {
        return reader.map(TopicReader::isAlive).orElse(true);
    }

    /** Whether all were read, and with them the hub's own, by which services call each other. */
    public boolean areKnown() {
        return reader.map(TopicReader::isCaughtUp).orElse(false) && policies.containsKey(AccessPolicy.INTERNAL);
    }
}
