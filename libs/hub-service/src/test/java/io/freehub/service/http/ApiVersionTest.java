package io.freehub.service.http;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiVersionTest {

    @ParameterizedTest
    @ValueSource(strings = {"2016-11-14", "2020-05-31-preview", "2021-04-12", "2030-01-01"})
    void givenDatedVersion_whenChecked_thenKnown(String version) {
        assertThatCode(() -> ApiVersion.check(Optional.of(version))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2016-11-13", "2021-02-30", "2021-4-12", "2021-04-12-beta", " 2021-04-12", "v2"})
    void givenAnythingElse_whenChecked_thenInvalidProtocolVersion(String version) {
        assertRefused(Optional.of(version));
    }

    @Test
    void givenNone_whenChecked_thenInvalidProtocolVersion() {
        assertRefused(Optional.empty());
    }

    private static void assertRefused(Optional<String> version) {
        assertThatThrownBy(() -> ApiVersion.check(version))
                .isInstanceOfSatisfying(HubException.class, e -> org.assertj.core.api.Assertions.assertThat(e.error())
                        .isEqualTo(HubError.INVALID_PROTOCOL_VERSION));
    }
}
