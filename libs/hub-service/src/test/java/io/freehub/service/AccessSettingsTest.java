package io.freehub.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.Role;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccessSettingsTest {

    private static AccessSettings with(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withSources(new EnvConfigSource(environment, 300))
                .withMapping(AccessSettings.class)
                .build()
                .getConfigMapping(AccessSettings.class);
    }

    @Test
    void defaultsAreWhatIsDocumented() {
        var settings = with(Map.of());

        assertThat(settings.sasEnabled()).isTrue();
        assertThat(settings.oidc().providerUrl()).isEmpty();
        assertThat(settings.oidc().issuer()).isEmpty();
        assertThat(settings.oidc().audience()).containsExactly("https://iothubs.azure.net");
        assertThat(settings.oidc().rolesClaim()).containsExactly("roles");
        assertThat(settings.oidc().clockSkew()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.oidc().timeout()).isEqualTo(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void roleIsCalledByItsNameByDefault(Role role) {
        assertThat(with(Map.of()).oidc().roles().valuesFor(role)).containsExactly(role.wireName());
    }

    @Test
    void givenEnvironmentVariables_whenRead_thenTheyCount() {
        var oidc = with(Map.of(
                        "FREEHUB_ACCESS_OIDC_PROVIDER_URL", "https://id.example.net/realms/plant",
                        "FREEHUB_ACCESS_OIDC_ROLES_CLAIM", "realm_access/roles,groups",
                        "FREEHUB_ACCESS_OIDC_ROLES_DATA_READER", "IoT Hub Data Reader,watchers"))
                .oidc();

        assertThat(oidc.providerUrl()).contains(URI.create("https://id.example.net/realms/plant"));
        assertThat(oidc.rolesClaim()).containsExactly("realm_access/roles", "groups");
        assertThat(oidc.roles().dataReader()).containsExactly("IoT Hub Data Reader", "watchers");
    }
}
