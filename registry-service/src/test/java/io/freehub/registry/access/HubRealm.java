package io.freehub.registry.access;

import io.freehub.testing.TestKeycloak;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** A realm as an operator of a hub makes it: a client with a service account for each back end. */
final class HubRealm {

    static final String SECRET = "the-secret-of-every-client";
    static final String AUDIENCE = "https://iothubs.azure.net";

    /** Seconds that a token of the client {@code short-lived} lives. */
    static final int SHORT_LIFE = 3;

    private static final String VALID_IN_AN_HOUR =
            """
            , {"name": "nbf", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
               "config": {"claim.name": "nbf", "claim.value": "%d", "jsonType.label": "long",
                          "access.token.claim": "true"}}""".formatted(Instant.now().plus(Duration.ofHours(1)).getEpochSecond());

    private static final List<String> ROLES = List.of(
            "IoT Hub Data Contributor",
            "IoT Hub Data Reader",
            "IoT Hub Registry Contributor",
            "IoT Hub Twin Contributor",
            "Freehub Owner");

    private HubRealm() {}

    static TestKeycloak.Realm create(String name) {
        return TestKeycloak.createRealm(name, """
                {
                  "realm": "%s", "enabled": true, "sslRequired": "none",
                  "roles": {"realm": [%s]},
                  "groups": [{"name": "plant-operators"}, {"name": "visitors"}],
                  "clients": [%s],
                  "users": [%s]
                }
                """.formatted(
                        name,
                        ROLES.stream().map("{\"name\": \"%s\"}"::formatted).collect(Collectors.joining(",")),
                        String.join(
                                ",",
                                client("contributor", AUDIENCE, ""),
                                client("reader", AUDIENCE, ""),
                                client("registry-contributor", AUDIENCE, ""),
                                client("twin-contributor", AUDIENCE, ""),
                                client("operator", AUDIENCE, ""),
                                client("visitor", AUDIENCE, ""),
                                client("nobody", AUDIENCE, ""),
                                client("elsewhere", "https://other.example.net", ""),
                                client("not-yet", AUDIENCE, "\"access.token.lifespan\": \"7200\"", VALID_IN_AN_HOUR),
                                client("short-lived", AUDIENCE, "\"access.token.lifespan\": \"" + SHORT_LIFE + "\"")),
                        String.join(
                                ",",
                                account("contributor", "\"realmRoles\": [\"IoT Hub Data Contributor\"]"),
                                account("reader", "\"realmRoles\": [\"IoT Hub Data Reader\"]"),
                                account("registry-contributor", "\"realmRoles\": [\"IoT Hub Registry Contributor\"]"),
                                account("twin-contributor", "\"realmRoles\": [\"IoT Hub Twin Contributor\"]"),
                                account("elsewhere", "\"realmRoles\": [\"IoT Hub Data Contributor\"]"),
                                account("short-lived", "\"realmRoles\": [\"IoT Hub Data Contributor\"]"),
                                account("operator", "\"groups\": [\"/plant-operators\"]"),
                                account("visitor", "\"groups\": [\"/visitors\"]"))));
    }

    private static String client(String id, String audience, String attributes, String... mappers) {
        return """
                {
                  "clientId": "%s", "secret": "%s", "serviceAccountsEnabled": true, "standardFlowEnabled": false,
                  "attributes": {%s},
                  "protocolMappers": [
                    {"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                     "config": {"included.custom.audience": "%s", "access.token.claim": "true"}},
                    {"name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-group-membership-mapper",
                     "config": {"claim.name": "groups", "full.path": "false", "access.token.claim": "true"}}
                    %s
                  ]
                }""".formatted(id, SECRET, attributes, audience, String.join("", mappers));
    }

    private static String account(String client, String what) {
        return """
                {"username": "service-account-%s", "enabled": true, "serviceAccountClientId": "%s", %s}""".formatted(client, client, what);
    }
}
