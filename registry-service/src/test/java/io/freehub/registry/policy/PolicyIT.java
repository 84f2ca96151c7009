package io.freehub.registry.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.AccessPolicy;
import io.freehub.model.Permission;
import io.freehub.model.SasToken;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.model.Topic;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.json.HubJson;
import io.freehub.store.Database;
import io.freehub.testing.RestCaller.Answer;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TestPostgres;
import io.freehub.testing.TopicReader;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.VertxContextSupport;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The policies of a new hub, and what their manager makes of them. */
@RegistryTest
class PolicyIT {

    private static final Set<String> DEFAULTS =
            Set.of("iothubowner", "service", "device", "registryRead", "registryReadWrite");

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    Policies policies;

    @Inject
    Database database;

    private final String name = "p-" + UUID.randomUUID();
    private BackEnd owner;

    @BeforeEach
    void knowTheOwner() {
        owner = BackEnd.of(port, "iothubowner");
        for (var policy : owner.get("/hub/policies").json()) {
            if (!DEFAULTS.contains(policy.path("name").asText())) {
                owner.delete("/hub/policies/" + policy.path("name").asText(), "If-Match", "*");
            }
        }
    }

    @Test
    void givenNewHub_whenStarted_thenItsSixPoliciesAreOnTheTopic() {
        try (var reader = TopicReader.fromStart(Topic.POLICIES.name())) {
            reader.await(record -> record.key().equals(AccessPolicy.INTERNAL));
            var found = new HashMap<String, AccessPolicy>();
            await(() -> {
                for (var record : reader.readToEnd()) {
                    if (record.value() == null) {
                        found.remove(record.key());
                    } else {
                        found.put(record.key(), HubJson.read(record.value(), AccessPolicy.class));
                    }
                }
                return found.size() == 6;
            });

            assertThat(found.keySet()).containsAll(DEFAULTS).contains(AccessPolicy.INTERNAL);
            assertThat(found.get("iothubowner").keys())
                    .isEqualTo(
                            new SymmetricKeys(BackEnd.primaryKey("iothubowner"), BackEnd.secondaryKey("iothubowner")));
            assertThat(found.get("iothubowner").permissions()).containsExactlyInAnyOrder(Permission.values());
        }
    }

    @Test
    void givenPolicyLostOnTheTopicAndStrangerInIt_whenStartedAgain_thenTheTopicIsAsTheDatabase() throws Exception {
        var settings = Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers());
        try (var reader = TopicReader.fromNow(Topic.POLICIES.name());
                var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            var stranger = new AccessPolicy(name, SymmetricKeys.generate(), Set.of(Permission.HUB_MANAGE));
            producer.send(new ProducerRecord<>(Topic.POLICIES.name(), name, new String(HubJson.write(stranger))))
                    .get();
            producer.send(new ProducerRecord<>(Topic.POLICIES.name(), "service", null))
                    .get();

            policies.start(new StartupEvent());

            var record = reader.await(each -> each.key().equals("service") && each.value() != null);
            assertThat(HubJson.read(record.value(), AccessPolicy.class).keys().primary())
                    .isEqualTo(BackEnd.primaryKey("service"));
            reader.await(each -> each.key().equals(name) && each.value() == null);
            assertThat(reader.readToEnd()).hasSize(4);
        }
    }

    @Test
    void givenPolicies_whenReplicasStartTogether_thenAllSeeTheSame() throws Exception {
        Callable<Map<String, AccessPolicy>> replica = () -> {
            try {
                return VertxContextSupport.subscribeAndAwait(
                        () -> database.writeAlone(Policies.LOCK, policies::ofTheHub));
            } catch (Throwable failure) {
                throw new AssertionError(failure);
            }
        };
        try (var threads = Executors.newFixedThreadPool(3)) {
            var seen = new ArrayList<Map<String, AccessPolicy>>();
            for (var found : threads.invokeAll(List.of(replica, replica, replica))) {
                seen.add(found.get());
            }
            assertThat(seen).allSatisfy(each -> assertThat(each)
                    .isEqualTo(seen.getFirst())
                    .containsKeys("iothubowner", AccessPolicy.INTERNAL));
        }
    }

    @Test
    void givenHubOfBefore_whenMigrated_thenItsOwnerManagesItAndTheOthersStayAsTheyWere() throws Exception {
        var at = TestPostgres.database("policies_of_before");
        var migrations = Flyway.configure()
                .dataSource(at.jdbcUrl(), TestPostgres.USER, TestPostgres.PASSWORD)
                .locations("db/store", "db/migration");
        migrations.target("1").load().migrate();
        try (var connection = at.connect();
                var statement = connection.createStatement()) {
            statement.execute(
                    "insert into access_policy values"
                            + " ('iothubowner', 'a', 'b', '{REGISTRY_READ,SERVICE_CONNECT}'), ('service', 'c', 'd', '{SERVICE_CONNECT}')");

            migrations.target("latest").load().migrate();

            try (var rows = statement.executeQuery(
                    "select name, array_to_string(permissions, ','), version from access_policy order by name")) {
                rows.next();
                assertThat(rows.getString(2)).isEqualTo("REGISTRY_READ,SERVICE_CONNECT,HUB_MANAGE");
                rows.next();
                assertThat(rows.getString(2)).isEqualTo("SERVICE_CONNECT");
                assertThat(rows.getLong(3)).isEqualTo(1);
            }
        }
    }

    @Test
    void givenNewHub_whenListed_thenTheHubsOwnPolicyIsNotShown() {
        var names = new ArrayList<String>();
        owner.get("/hub/policies")
                .json()
                .forEach(policy -> names.add(policy.path("name").asText()));

        assertThat(names).containsExactlyInAnyOrderElementsOf(DEFAULTS);
        for (var answer : List.of(
                owner.get("/hub/policies/$freehub"),
                owner.delete("/hub/policies/$freehub", "If-Match", "*"),
                owner.put("/hub/policies/$freehub", "{\"permissions\":[\"HubManage\"]}", "If-Match", "*"),
                owner.post("/hub/policies/$freehub/keys/primary/regenerate", ""))) {
            assertRefused(answer, 404, "GenericNotFound", "$freehub");
        }
        assertRefused(
                owner.put("/hub/policies/$freehub", "{\"permissions\":[\"HubManage\"]}"),
                400,
                "ArgumentInvalid",
                "belong to the hub itself");
    }

    @Test
    void givenNoIfMatch_whenPut_thenCreatedWithKeysAndTag() {
        var created = owner.put("/hub/policies/" + name, "{\"permissions\":[\"ServiceConnect\",\"RegistryRead\"]}");

        assertThat(created.status()).as(created.body()).isEqualTo(201);
        assertThat(created.text("/name")).isEqualTo(name);
        assertThat(created.json().path("permissions").toString()).isEqualTo("[\"RegistryRead\",\"ServiceConnect\"]");
        assertThat(new SymmetricKey(created.text("/primaryKey")))
                .isNotEqualTo(new SymmetricKey(created.text("/secondaryKey")));
        assertThat(created.header("etag")).isEqualTo('"' + created.text("/etag") + '"');
        var read = owner.get("/hub/policies/" + name);
        assertThat(read.status()).isEqualTo(200);
        assertThat(read.json()).isEqualTo(created.json());
        assertThat(read.header("etag")).isEqualTo(created.header("etag"));
        assertRefused(
                owner.put("/hub/policies/" + name, "{\"permissions\":[\"ServiceConnect\"]}"),
                409,
                "GenericConflict",
                "exists already");
    }

    @Test
    void givenIfMatch_whenPut_thenReplacedAndKeysStay() {
        var created = owner.put("/hub/policies/" + name, "{\"permissions\":[\"ServiceConnect\"]}");
        var key = SymmetricKey.generate().base64();

        var replaced = owner.put(
                "/hub/policies/" + name,
                "{\"name\":\"%s\",\"permissions\":[\"DeviceConnect\"],\"secondaryKey\":\"%s\"}".formatted(name, key),
                "If-Match",
                created.header("etag"));

        assertThat(replaced.status()).as(replaced.body()).isEqualTo(200);
        assertThat(replaced.text("/primaryKey")).isEqualTo(created.text("/primaryKey"));
        assertThat(replaced.text("/secondaryKey")).isEqualTo(key);
        assertThat(replaced.text("/etag")).isNotEqualTo(created.text("/etag"));
        for (var answer : List.of(
                owner.put(
                        "/hub/policies/" + name,
                        "{\"permissions\":[\"DeviceConnect\"]}",
                        "If-Match",
                        created.header("etag")),
                owner.delete("/hub/policies/" + name, "If-Match", created.header("etag")),
                owner.delete("/hub/policies/" + name))) {
            assertThat(answer.status()).isEqualTo(412);
        }
        assertThat(owner.delete("/hub/policies/" + name, "If-Match", replaced.text("/etag"))
                        .status())
                .isEqualTo(204);
        assertRefused(owner.get("/hub/policies/" + name), 404, "GenericNotFound", name);
    }

    @Test
    void givenBadRequests_whenSent_thenWhatIsWrongIsSaid() {
        assertRefused(owner.put("/hub/policies/" + name, ""), 400, "ArgumentNull", "body");
        assertRefused(
                owner.put("/hub/policies/" + name, "{\"permissions\":[\"Root\"]}"),
                400,
                "ArgumentInvalid",
                "HubManage");
        assertRefused(
                owner.put("/hub/policies/" + name, "{\"permissions\":[]}"), 400, "ArgumentInvalid", "at least one");
        assertRefused(
                owner.put("/hub/policies/" + name, "{\"permissions\":[\"HubManage\"],\"primaryKey\":\"MTIz\"}"),
                400,
                "ArgumentInvalid",
                "primaryKey");
        assertRefused(
                owner.put("/hub/policies/" + name, "{\"name\":\"other\",\"permissions\":[\"HubManage\"]}"),
                400,
                "ArgumentInvalid",
                "differs");
        assertRefused(owner.get("/hub/policies/a%20b"), 400, "ArgumentInvalid", "policy name");
        assertRefused(
                owner.post("/hub/policies/service/keys/third/regenerate", ""), 400, "InvalidPolicyKey", "primary");
    }

    @Test
    void givenService_whenItsLifeIsAsked_thenThatItHearsOfPoliciesIsPartOfIt() {
        var answer = owner.get("/q/health/live");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("checks").findValuesAsText("name")).contains("access-policies");
    }

    @Test
    void givenLastManager_whenDeletedOrWeakened_thenRefusedAndWithAnotherNot() {
        var manager = "{\"permissions\":[\"HubManage\"]}";
        assertRefused(
                owner.delete("/hub/policies/iothubowner", "If-Match", "*"), 409, "GenericConflict", "last policy");
        assertRefused(
                owner.put("/hub/policies/iothubowner", "{\"permissions\":[\"RegistryRead\"]}", "If-Match", "*"),
                409,
                "GenericConflict",
                "last policy");

        assertThat(owner.put("/hub/policies/" + name, manager).status()).isEqualTo(201);
        assertThat(owner.delete("/hub/policies/" + name, "If-Match", "*").status())
                .isEqualTo(204);
    }

    @Test
    void givenSeventeenthPolicy_whenCreated_thenRefused() {
        for (int i = DEFAULTS.size(); i < 16; i++) {
            assertThat(owner.put("/hub/policies/" + name + i, "{\"permissions\":[\"DeviceConnect\"]}")
                            .status())
                    .isEqualTo(201);
        }

        assertRefused(
                owner.put("/hub/policies/" + name, "{\"permissions\":[\"DeviceConnect\"]}"),
                409,
                "GenericConflict",
                "16 policies");
    }

    @Test
    void givenRegeneratedKey_whenTokensAreTried_thenTheOldIsRefusedAndTheNewAndTheOtherKeysAreLetIn() {
        var created = owner.put("/hub/policies/" + name, "{\"permissions\":[\"RegistryRead\"]}");
        await(() -> status(created.text("/primaryKey")) == 200);

        var regenerated = owner.post("/hub/policies/" + name + "/keys/primary/regenerate", "");

        assertThat(regenerated.status()).isEqualTo(200);
        assertThat(regenerated.text("/secondaryKey")).isEqualTo(created.text("/secondaryKey"));
        await(() -> status(regenerated.text("/primaryKey")) == 200);
        assertThat(status(created.text("/primaryKey"))).isEqualTo(401);
        assertThat(status(created.text("/secondaryKey"))).isEqualTo(200);
    }

    @Test
    void givenWeakenedAndDeletedPolicy_whenItsTokenIsTried_thenRefused() {
        var key = owner.put("/hub/policies/" + name, "{\"permissions\":[\"RegistryRead\"]}")
                .text("/primaryKey");
        await(() -> status(key) == 200);

        owner.put("/hub/policies/" + name, "{\"permissions\":[\"ServiceConnect\"]}", "If-Match", "*");
        await(() -> answer(key).body().contains("it lacks RegistryRead"));
        try (var reader = TopicReader.fromNow(Topic.POLICIES.name())) {
            owner.delete("/hub/policies/" + name, "If-Match", "*");

            reader.await(record -> record.key().equals(name) && record.value() == null);
            await(() -> answer(key).body().contains("there is no such policy"));
        }
    }

    @Test
    void givenOneManager_whenManyCreateTheSameTogether_thenOneDoes() throws Exception {
        Callable<Integer> create = () -> owner.put("/hub/policies/" + name, "{\"permissions\":[\"ServiceConnect\"]}")
                .status();
        try (var threads = Executors.newFixedThreadPool(6)) {
            var statuses = new ArrayList<Integer>();
            for (var answer : threads.invokeAll(List.of(create, create, create, create, create, create))) {
                statuses.add(answer.get());
            }
            assertThat(statuses).containsExactlyInAnyOrder(201, 409, 409, 409, 409, 409);
        }
    }

    private int status(String key) {
        return answer(key).status();
    }

    /** What a back end is answered that has this key of the policy. */
    private Answer answer(String key) {
        var token = SasToken.create(
                BackEnd.HOST, new SymmetricKey(key), Instant.now().plus(Duration.ofHours(1)), Optional.of(name));
        return BackEnd.withAuthorization(port, token).get("/devices?top=1");
    }

    private static void assertRefused(Answer answer, int status, String code, String text) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("iothub-errorcode")).isEqualTo(code);
        assertThat(answer.text("/Message")).contains(text);
    }

    private static void await(BooleanSupplier condition) {
        var deadline = Instant.now().plusSeconds(10);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.onSpinWait();
        }
    }
}
