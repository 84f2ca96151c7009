package io.freehub.registry.consumergroup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.model.ConsumerGroup;
import io.freehub.model.Topic;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.json.HubJson;
import io.freehub.testing.TopicReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Locale;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Consumer groups over REST, and what gateways hear of them. */
@RegistryTest
class ConsumerGroupIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final String name = "Alerts-" + UUID.randomUUID();
    private final String path = "/hub/consumerGroups/" + name;
    private BackEnd owner;

    @BeforeEach
    void knowTheOwner() {
        owner = BackEnd.of(port, "iothubowner");
    }

    @Test
    void groupIsMadeOnceToldOfAndRemoved() {
        try (var topic = TopicReader.fromNow(Topic.CONSUMER_GROUPS.name())) {
            var made = owner.put(path, "");
            assertThat(made.status()).as(made.body()).isEqualTo(201);
            assertThat(made.text("/name")).isEqualTo(name);
            assertThat(Instant.parse(made.text("/createdTime")))
                    .isBetween(Instant.now().minusSeconds(60), Instant.now());
            var told = topic.await(record -> record.key().equals(key()));
            assertThat(HubJson.read(told.value(), ConsumerGroup.class))
                    .isEqualTo(new ConsumerGroup(name, Instant.parse(made.text("/createdTime"))));

            var again = owner.put("/hub/consumerGroups/" + name.toUpperCase(Locale.ROOT), "");
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.text("/name")).isEqualTo(name);
            assertThat(owner.get(path).json()).isEqualTo(made.json());
            assertThat(owner.get("/hub/consumerGroups").json())
                    .extracting(group -> group.path("name").asText())
                    .contains("$Default", name);

            assertThat(owner.delete(path).status()).isEqualTo(204);
            assertThat(topic.await(record -> record.key().equals(key()) && record.value() == null))
                    .isNotNull();
            assertThat(owner.get(path).status()).isEqualTo(404);
            assertThat(owner.delete(path).status()).isEqualTo(404);
        }
    }

    @Test
    void defaultIsAlwaysThere() {
        assertThat(owner.get("/hub/consumerGroups/$Default").status()).isEqualTo(200);
        assertThat(owner.delete("/hub/consumerGroups/$default").status()).isEqualTo(405);
        try (var topic = TopicReader.fromStart(Topic.CONSUMER_GROUPS.name())) {
            topic.await(record -> record.key().equals("$default"));
        }
    }

    @Test
    void namesAreChecked() {
        for (var wrong : new String[] {"-a", "a-", "a b", "ü", "x".repeat(51)}) {
            var refused =
                    owner.put("/hub/consumerGroups/" + wrong.replace(" ", "%20").replace("ü", "%C3%BC"), "");
            assertThat(refused.status()).as(wrong).isEqualTo(400);
            assertThat(refused.body()).contains("50 letters");
        }
    }

    @Test
    void thereAreTwentyAtMost() {
        var made = new ArrayList<String>();
        try {
            int status;
            do {
                var next = "/hub/consumerGroups/many-" + made.size();
                status = owner.put(next, "").status();
                made.add(next);
            } while (status == 201);
            assertThat(status).isEqualTo(403);
            assertThat(owner.get("/hub/consumerGroups").json()).hasSize(20).allMatch(JsonNode::isObject);
        } finally {
            made.forEach(group -> owner.delete(group));
        }
    }

    @Test
    void onlyWhoManagesTheHubMayDoSo() {
        assertThat(BackEnd.of(port, "service").put(path, "").status()).isEqualTo(401);
        assertThat(BackEnd.of(port, "service").get("/hub/consumerGroups").status())
                .isEqualTo(401);
    }

    private String key() {
        return ConsumerGroup.key(name);
    }
}
