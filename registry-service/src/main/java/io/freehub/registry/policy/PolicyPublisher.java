package io.freehub.registry.policy;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Topic;
import io.freehub.registry.RegistryConfig;
import io.freehub.service.kafka.HubKafka;
import io.freehub.service.kafka.TopicReader;
import io.freehub.store.OutboxRecord;
import io.freehub.store.OutboxRelay;
import io.quarkus.logging.Log;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells every service the policies: makes those of a new hub and, at each start, publishes whatever the topic lacks or has
 * otherwise. So a topic that was lost is whole again after a restart. Replicas that start together publish the same.
 */
@ApplicationScoped
class PolicyPublisher {

    private final PolicyStore store;
    private final HubKafka kafka;
    private final OutboxRelay relay;
    private final RegistryConfig config;

    PolicyPublisher(PolicyStore store, HubKafka kafka, OutboxRelay relay, RegistryConfig config) {
        this.store = store;
        this.kafka = kafka;
        this.relay = relay;
        this.config = config;
    }

    void start(@Observes StartupEvent event) throws SQLException, InterruptedException {
        var records = missing(store.initialize(DefaultPolicies.make()), published());
        if (!records.isEmpty()) {
            store.publish(records);
            relay.kick();
            Log.infof("policies published count=%d", records.size());
        }
    }

    /** What must be written so that the topic holds exactly these policies. */
    static List<OutboxRecord> missing(List<AccessPolicy> policies, Map<String, AccessPolicy> published) {
        var records = new ArrayList<OutboxRecord>();
        var rest = new HashMap<>(published);
        for (var policy : policies) {
            if (!policy.equals(rest.remove(policy.name()))) {
                records.add(OutboxRecord.of(Topic.POLICIES, policy.name(), policy));
            }
        }
        rest.keySet().forEach(name -> records.add(OutboxRecord.gone(Topic.POLICIES, name)));
        return records;
    }

    private Map<String, AccessPolicy> published() throws InterruptedException {
        var published = new HashMap<String, AccessPolicy>();
        // Only the reader's thread touches the map until close() has joined it.
        try (var reader = TopicReader.start(
                kafka,
                Topic.POLICIES,
                TopicReader.From.BEGINNING,
                (policy, record) -> policy.ifPresentOrElse(
                        value -> published.put(record.key(), value), () -> published.remove(record.key())))) {
            if (!reader.awaitCaughtUp(config.policyStartup())) {
                throw new IllegalStateException("cannot read " + Topic.POLICIES + " to its end");
            }
        }
        return published;
    }
}
