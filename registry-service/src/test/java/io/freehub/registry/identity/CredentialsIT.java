package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.Authentication;
import io.freehub.model.Credentials;
import io.freehub.model.CredentialsLookup;
import io.freehub.model.IdentityId;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import io.freehub.registry.BackEnd;
import io.freehub.registry.RegistryTest;
import io.freehub.service.json.HubJson;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many credentials in one question. */
@RegistryTest
class CredentialsIT {

    private static final String PATH = "/internal/credentials";
    private static final String THUMBPRINT = "0123456789abcdefABCDEF012345678901234567";

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private BackEnd hub;
    private final IdentityId device = IdentityId.parse(BackEnd.newId());

    @BeforeEach
    void connect() {
        hub = BackEnd.of(port, "$freehub");
    }

    @Test
    void credentialsOfThoseThatExistAreAnswered() {
        var owner = BackEnd.of(port, "iothubowner");
        var first = owner.create(device.toString());
        var second = IdentityId.parse(BackEnd.newId());
        owner.put("/devices/" + second, """
                {"status":"disabled","authentication":{"type":"selfSigned","x509Thumbprint":
                 {"primaryThumbprint":"%s"}}}""".formatted(THUMBPRINT));

        var answer = find(List.of(device, IdentityId.parse("nobody-" + device), second));

        assertThat(answer)
                .containsExactlyInAnyOrder(
                        new Credentials(
                                device,
                                first.text("/generationId"),
                                true,
                                new Authentication.Sas(new SymmetricKeys(
                                        new SymmetricKey(first.text("/authentication/symmetricKey/primaryKey")),
                                        new SymmetricKey(first.text("/authentication/symmetricKey/secondaryKey"))))),
                        new Credentials(
                                second,
                                owner.get("/devices/" + second).text("/generationId"),
                                false,
                                new Authentication.SelfSigned(Optional.of(THUMBPRINT), Optional.empty())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"identities\":[\"a b\"]}", "{\"identities\":[null]}", "[]", "nonsense"})
    void whatIsNoLookupIsRefused(String body) {
        assertThat(hub.post(PATH, body).status()).isEqualTo(400);
    }

    @Test
    void tooManyAtOnceAreRefused() {
        var ids = Collections.nCopies(CredentialsLookup.MAX_IDENTITIES + 1, "\"" + device + "\"");

        assertThat(hub.post(PATH, "{\"identities\":" + ids + "}").status()).isEqualTo(400);
    }

    @Test
    void policyThatMayNotReadIdentitiesIsRefused() {
        var answer = BackEnd.of(port, "service").post(PATH, text(new CredentialsLookup(List.of(device))));

        assertThat(answer.status()).isEqualTo(401);
    }

    private List<Credentials> find(List<IdentityId> identities) {
        var answer = hub.post(PATH, text(new CredentialsLookup(identities)));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return HubJson.read(answer.body().getBytes(StandardCharsets.UTF_8), CredentialsLookup.Answer.class)
                .credentials();
    }

    private static String text(CredentialsLookup lookup) {
        return new String(HubJson.write(lookup), StandardCharsets.UTF_8);
    }
}
