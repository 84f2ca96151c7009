package io.freehub.registry.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.freehub.model.Topic;
import io.freehub.model.TrustedAuthority;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.authority.TrustedAuthorities;
import io.freehub.service.json.HubJson;
import io.freehub.testing.RestCaller.Answer;
import io.freehub.testing.TestAuthority;
import io.freehub.testing.TestKafka;
import io.freehub.testing.TopicReader;
import io.quarkus.runtime.StartupEvent;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way of a certificate: uploaded, verified, told to those that check devices by it, gone. */
@RegistryTest
class CertificateIT {

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    @Inject
    TrustedAuthorities authorities;

    @Inject
    Certificates certificates;

    private final String name = "c-" + UUID.randomUUID();
    private final String path = "/hub/certificates/" + name;
    private final TestAuthority authority = new TestAuthority(name);
    private BackEnd owner;

    @BeforeEach
    void knowTheOwner() {
        owner = BackEnd.of(port, "iothubowner");
    }

    @Test
    void givenAuthority_whenUploadedAndProven_thenVerifiedAndTrusted() {
        var uploaded = owner.put(path, body(TestAuthority.pem(authority.certificate())));

        assertThat(uploaded.status()).as(uploaded.body()).isEqualTo(201);
        assertThat(uploaded.json().path("isVerified").booleanValue()).isFalse();
        assertThat(uploaded.text("/name")).isEqualTo(name);
        assertThat(uploaded.text("/subject")).isEqualTo("CN=" + name + ",O=Test");
        assertThat(uploaded.text("/thumbprint")).matches("[0-9A-F]{40}");
        assertThat(Instant.parse(uploaded.text("/expiry")))
                .isEqualTo(authority.certificate().getNotAfter().toInstant());
        assertThat(uploaded.text("/created")).isEqualTo(uploaded.text("/updated"));
        assertThat(uploaded.text("/certificate")).isEqualTo(TestAuthority.base64(authority.certificate()));
        assertThat(uploaded.header("etag")).isEqualTo('"' + uploaded.text("/etag") + '"');
        assertThat(uploaded.json().has("verificationCode")).isFalse();
        assertThat(owner.get(path).json()).isEqualTo(uploaded.json());

        var coded = owner.post(path + "/generateVerificationCode", "", "If-Match", uploaded.header("etag"));
        var code = coded.text("/verificationCode");
        assertThat(coded.status()).as(coded.body()).isEqualTo(200);
        assertThat(owner.get(path).text("/verificationCode")).isEqualTo(code);
        assertThat(trusted()).isFalse();
        assertRefused(
                owner.post(
                        path + "/verify",
                        body(TestAuthority.pem(authority.issue("wrong").certificate()))),
                400,
                "ArgumentInvalid",
                code);
        assertRefused(
                owner.post(
                        path + "/verify",
                        body(TestAuthority.pem(authority.issue(code).certificate())),
                        "If-Match",
                        uploaded.header("etag")),
                412,
                "PreconditionFailed",
                "ETag");

        var verified = owner.post(
                path + "/verify",
                body(TestAuthority.pem(authority.issue(code).certificate())),
                "If-Match",
                coded.header("etag"));

        assertThat(verified.status()).as(verified.body()).isEqualTo(200);
        assertThat(verified.json().path("isVerified").booleanValue()).isTrue();
        await(this::trusted);
        assertThat(owner.delete(path, "If-Match", verified.text("/etag")).status())
                .isEqualTo(204);
        await(() -> !trusted());
        assertRefused(owner.get(path), 404, "CertificateNotFound", name);
    }

    @Test
    void givenNewCode_whenOldOneIsSigned_thenRefused() {
        owner.put(path, body(TestAuthority.base64(authority.certificate())));
        var first = owner.post(path + "/generateVerificationCode", "").text("/verificationCode");
        var second = owner.post(path + "/generateVerificationCode", "").text("/verificationCode");

        assertThat(second).isNotEqualTo(first);
        assertRefused(
                owner.post(
                        path + "/verify",
                        body(TestAuthority.base64(authority.issue(first).certificate()))),
                400,
                "ArgumentInvalid",
                "common name");
        assertThat(owner.post(
                                path + "/verify",
                                body(TestAuthority.base64(
                                        authority.issue(second).certificate())))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void givenVouchedOne_whenUploadedAndNoLongerVerified_thenListenersHearOfBoth() throws Exception {
        authorities.areKnown();
        var changes = new Semaphore(0);
        authorities.onChange(changes::release);

        var uploaded = owner.put(path, vouched(authority));
        assertThat(uploaded.json().path("isVerified").booleanValue()).isTrue();
        assertThat(changes.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        await(this::trusted);

        var withdrawn = owner.put(
                path,
                "{\"isVerified\":false,\"certificate\":\"%s\"}"
                        .formatted(TestAuthority.base64(authority.certificate())),
                "If-Match",
                "*");
        assertThat(withdrawn.status()).as(withdrawn.body()).isEqualTo(200);
        assertThat(changes.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        await(() -> !trusted());
    }

    @Test
    void givenOtherCertificateVouchedFor_whenReplaced_thenThatOneIsTrustedInstead() {
        var successor = new TestAuthority(name);
        owner.put(path, vouched(authority));
        await(this::trusted);

        assertThat(owner.put(path, vouched(successor), "If-Match", "*").status())
                .isEqualTo(200);

        await(() -> authorities.all().contains(successor.certificate()) && !trusted());
        assertThat(owner.get("/hub/certificates").json().findValuesAsText("name"))
                .contains(name)
                .isSorted();
    }

    @Test
    void givenUnreadableRecord_whenFollowed_thenPassedOverAndTheRestIsTrusted() throws Exception {
        await(authorities::areKnown);
        var settings = Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers());
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(Topic.CERTIFICATES.name(), "broken", "no JSON"));
            producer.send(new ProducerRecord<>(
                            Topic.CERTIFICATES.name(),
                            "damaged",
                            new String(HubJson.write(new TrustedAuthority("damaged", "AAAA")))))
                    .get();
        }

        owner.put(path, vouched(authority));

        await(this::trusted);
        assertThat(authorities.areFollowed()).isTrue();
    }

    @Test
    void givenTopicThatLostOneAndHoldsAStranger_whenStartedAgain_thenItIsAsTheDatabase() throws Exception {
        owner.put(path, vouched(authority));
        await(this::trusted);
        var stranger = new TestAuthority("stranger").certificate();
        var settings = Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers());
        try (var reader = TopicReader.fromNow(Topic.CERTIFICATES.name());
                var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(Topic.CERTIFICATES.name(), name, null));
            producer.send(new ProducerRecord<>(
                            Topic.CERTIFICATES.name(),
                            "stranger",
                            new String(
                                    HubJson.write(new TrustedAuthority("stranger", TestAuthority.base64(stranger))))))
                    .get();
            await(() -> !trusted() && authorities.all().contains(stranger));

            certificates.start(new StartupEvent());

            await(() -> trusted() && !authorities.all().contains(stranger));
            reader.await(record -> record.key().equals("stranger") && record.value() == null);
        }
    }

    @Test
    void givenBadRequests_whenSent_thenWhatIsWrongIsSaid() {
        assertRefused(owner.put(path, ""), 400, "ArgumentNull", "body");
        assertRefused(owner.put(path, "{}"), 400, "ArgumentNull", "certificate");
        assertRefused(owner.put(path, body("rubbish!")), 400, "ArgumentInvalid", "neither PEM nor base64");
        assertRefused(owner.put(path, body("A".repeat(20_000))), 400, "ArgumentInvalid", "longer than 16384");
        assertRefused(
                owner.put(path, body(TestAuthority.pem(authority.issue("leaf").certificate()))),
                400,
                "ArgumentInvalid",
                "CA:TRUE");
        assertRefused(
                owner.put("/hub/certificates/a@b", body(TestAuthority.pem(authority.certificate()))),
                400,
                "ArgumentInvalid",
                "name");
        assertRefused(owner.get(path), 404, "CertificateNotFound", name);
        owner.put(path, body(TestAuthority.pem(authority.certificate())));
        assertRefused(
                owner.put(path + "2", body(TestAuthority.pem(authority.certificate()))),
                409,
                "GenericConflict",
                "as '" + name);
        assertThat(owner.delete(path).status()).isEqualTo(412);
    }

    private boolean trusted() {
        return authorities.all().contains(authority.certificate());
    }

    private static String vouched(TestAuthority authority) {
        return "{\"isVerified\":true,\"certificate\":\"%s\"}".formatted(TestAuthority.base64(authority.certificate()));
    }

    private static String body(String certificate) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("certificate", certificate)
                .toString();
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
