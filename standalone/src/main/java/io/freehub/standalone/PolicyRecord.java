package io.freehub.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.model.AccessPolicy;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.Topic;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What registry-service writes about a shared access policy. */
final class PolicyRecord {

    private static final ObjectMapper JSON = new ObjectMapper();

    private PolicyRecord() {}

    /**
     * The policy; empty when it is gone.
     *
     * @throws LauncherException when the record is no policy
     */
    static Optional<AccessPolicy> read(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            return Optional.empty();
        }
        try {
            var json = JSON.readTree(record.value());
            var granted = StreamSupport.stream(json.path("permissions").spliterator(), false)
                    .map(JsonNode::asText)
                    .collect(Collectors.toSet());
            return Optional.of(new AccessPolicy(
                    json.path("name").asText(),
                    new SymmetricKeys(key(json, "primaryKey"), key(json, "secondaryKey")),
                    Arrays.stream(Permission.values())
                            .filter(permission -> granted.contains(permission.wireName()))
                            .collect(Collectors.toSet())));
        } catch (IOException | HubException damaged) {
            throw new LauncherException("a record on " + Topic.POLICIES + " is no policy");
        }
    }

    private static SymmetricKey key(JsonNode policy, String name) {
        return new SymmetricKey(policy.path(name).asText());
    }
}
