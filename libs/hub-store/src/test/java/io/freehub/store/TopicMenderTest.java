package io.freehub.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.Topic;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TopicMenderTest {

    private static final AccessPolicy OWNER = policy("owner");
    private static final AccessPolicy READER = policy("reader");

    @Test
    void givenTopicHoldsAll_whenCompared_thenNothingIsPublished() {
        assertThat(missing(Map.of("owner", OWNER, "reader", READER), Map.of("owner", OWNER, "reader", READER)))
                .isEmpty();
    }

    @Test
    void givenEmptyTopic_whenCompared_thenAllIsPublished() {
        assertThat(missing(Map.of("owner", OWNER, "reader", READER), Map.of()))
                .extracting(OutboxRecord::key)
                .containsExactlyInAnyOrder("owner", "reader");
    }

    @Test
    void givenOtherKeysAndUnknownPolicyOnTheTopic_whenCompared_thenTheDatabaseWins() {
        var records = missing(Map.of("owner", OWNER), Map.of("owner", policy("owner"), "stranger", READER));

        assertThat(records).extracting(OutboxRecord::key).containsExactly("owner", "stranger");
        assertThat(records.get(0).value())
                .contains(OWNER.keys().primary().base64())
                .contains("\"permissions\":[\"RegistryRead\"]");
        assertThat(records.get(1).value()).isNull();
    }

    private static List<OutboxRecord> missing(Map<String, AccessPolicy> wanted, Map<String, AccessPolicy> published) {
        return TopicMender.missing(Topic.POLICIES, wanted, published);
    }

    private static AccessPolicy policy(String name) {
        return new AccessPolicy(name, SymmetricKeys.generate(), Set.of(Permission.REGISTRY_READ));
    }
}
