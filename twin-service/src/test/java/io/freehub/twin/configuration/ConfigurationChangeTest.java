package io.freehub.twin.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.http.Precondition;
import io.freehub.twin.configuration.ConfigurationChange.Others;
import io.freehub.twin.document.JsonText;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigurationChangeTest {

    private static final Others MOST = new Others(2, 1000);
    private static final ConfigurationChange.Fresh FRESH =
            new ConfigurationChange.Fresh(7, Instant.parse("2026-01-01T00:00:00Z"));

    @Test
    void thereAreOnlySoMany() {
        assertThat(put(Optional.empty(), new Others(1, 0), 1)).isInstanceOf(ConfigurationChange.Outcome.Created.class);
        assertThatThrownBy(() -> put(Optional.empty(), new Others(2, 0), 1))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.TOO_MANY_CONFIGURATIONS));
    }

    @Test
    void togetherTheyHaveOnlySoManyBytesHoweverTheyCame() {
        var current =
                ((ConfigurationChange.Outcome.Created) put(Optional.empty(), new Others(0, 0), 1)).configuration();

        assertThat(put(Optional.of(current), new Others(1, 1000 - current.size()), 1))
                .isInstanceOf(ConfigurationChange.Outcome.Replaced.class);
        assertThatThrownBy(() -> put(Optional.of(current), new Others(1, 1000 - current.size()), 2))
                .hasMessageContaining("no more than 1000");
        assertThatThrownBy(() -> put(Optional.empty(), new Others(1, 990), 1)).hasMessageContaining("990");
    }

    @Test
    void onlyWhatMayReachOtherTwinsIsRolledOut() {
        var current =
                ((ConfigurationChange.Outcome.Created) put(Optional.empty(), new Others(0, 0), 1)).configuration();

        var labelled = replaced(current, "{\"content\":%s,\"labels\":{\"a\":\"b\"}}");
        var raised = replaced(current, "{\"content\":%s,\"priority\":1}");

        assertThat(labelled.rollsOut()).isFalse();
        assertThat(labelled.configuration().version()).isEqualTo(8);
        assertThat(labelled.configuration().rollout()).isEqualTo(1);
        assertThat(raised.rollsOut()).isTrue();
        assertThat(raised.configuration().rollout()).isEqualTo(2);
    }

    private static ConfigurationChange.Outcome.Replaced replaced(Configuration current, String body) {
        var spec = Spec.parse("c", JsonText.readObject(body.formatted("{\"deviceContent\":{}}")));
        return (ConfigurationChange.Outcome.Replaced) new ConfigurationChange.Put("c", new Precondition.Exists(), spec)
                .decide(Optional.of(current), new Others(0, 0), MOST, FRESH);
    }

    private static ConfigurationChange.Outcome put(Optional<Configuration> current, Others others, int labels) {
        var spec = Spec.parse(
                "c",
                JsonText.readObject(
                        "{\"content\":{\"deviceContent\":{\"properties.desired.a\":1}},\"labels\":{\"l\":\"%s\"}}"
                                .formatted("x".repeat(labels))));
        return new ConfigurationChange.Put(
                        "c", current.isPresent() ? new Precondition.Exists() : new Precondition.Absent(), spec)
                .decide(current, others, MOST, FRESH);
    }
}
