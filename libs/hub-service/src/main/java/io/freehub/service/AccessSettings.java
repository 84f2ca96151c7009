package io.freehub.service;

import io.freehub.model.Role;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Who may call, and with what kind of token. */
@ConfigMapping(prefix = "freehub.access")
public interface AccessSettings {

    /** Whether the hub takes signatures of its shared access policies. Its own, between services, it always takes. */
    @WithDefault("true")
    boolean sasEnabled();

    /** The identity provider whose bearer tokens the hub takes. */
    Oidc oidc();

    /** An OpenID Connect provider. */
    interface Oidc {

        /** Its address, without {@code /.well-known/openid-configuration}; the hub takes no bearer tokens without it. */
        Optional<URI> providerUrl();

        /** What tokens name as their issuer, where that is not what the provider says of itself. */
        Optional<String> issuer();

        /** A token must be meant for one of these. */
        @WithDefault("https://iothubs.azure.net")
        List<String> audience();

        /** Claims with the caller's roles; {@code /} leads into an object. */
        @WithDefault("roles")
        List<String> rolesClaim();

        /** What each role is called in those claims. */
        Roles roles();

        /** How far the provider's clock may be from this one. */
        @WithDefault("1m")
        Duration clockSkew();

        /** Longest wait for the provider. */
        @WithDefault("5s")
        Duration timeout();
    }

    /** Values of the roles claim that give a role; by default its name. */
    interface Roles {

        @WithDefault("IoT Hub Data Contributor")
        List<String> dataContributor();

        @WithDefault("IoT Hub Data Reader")
        List<String> dataReader();

        @WithDefault("IoT Hub Registry Contributor")
        List<String> registryContributor();

        @WithDefault("IoT Hub Twin Contributor")
        List<String> twinContributor();

        @WithDefault("Freehub Owner")
        List<String> owner();

        /** Values of the claim that give this role. */
        default List<String> valuesFor(Role role) {
            return switch (role) {
                case DATA_CONTRIBUTOR -> dataContributor();
                case DATA_READER -> dataReader();
                case REGISTRY_CONTRIBUTOR -> registryContributor();
                case TWIN_CONTRIBUTOR -> twinContributor();
                case OWNER -> owner();
            };
        }
    }
}
