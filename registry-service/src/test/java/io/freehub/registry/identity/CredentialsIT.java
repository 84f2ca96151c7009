package io.freehub.registry.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

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

    @Test
    void moduleIsEnabledWhileItsDeviceIs() {
        var owner = BackEnd.of(port, "iothubowner");
        var burner = IdentityId.parse(device + "/burner");
        owner.create(device.toString());
        var module = owner.put("/devices/" + device + "/modules/burner", "{}");
        var expected = new Credentials(
                burner,
                module.text("/generationId"),
                true,
                new Authentication.Sas(new SymmetricKeys(
                        new SymmetricKey(module.text("/authentication/symmetricKey/primaryKey")),
                        new SymmetricKey(module.text("/authentication/symmetricKey/secondaryKey")))));

        // Its device is not asked for, and nobody asks twice.
        assertThat(find(List.of(
                        burner, IdentityId.parse(device + "/nobody"), IdentityId.parse("nobody/burner"), burner)))
                .containsExactly(expected);

        owner.put("/devices/" + device, "{\"status\":\"disabled\"}", "If-Match", "*");

        assertThat(find(List.of(burner, device)))
                .extracting(Credentials::identity, Credentials::enabled)
                .containsExactlyInAnyOrder(tuple(burner, false), tuple(device, false));
    }

    @Test
    void edgeAgentHasNoCredentialsUntilItGetsSome() {
        var owner = BackEnd.of(port, "iothubowner");
        var agent = IdentityId.parse(device + "/$edgeAgent");
        owner.put("/devices/" + device, "{\"capabilities\":{\"iotEdge\":true}}");

        assertThat(find(List.of(agent)))
                .extracting(Credentials::authentication)
                .containsExactly(new Authentication.None());

        owner.put("/devices/" + device + "/modules/$edgeAgent", "{}", "If-Match", "*");

        assertThat(find(List.of(agent)))
                .extracting(Credentials::authentication)
                .hasExactlyElementsOfTypes(Authentication.Sas.class);
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
