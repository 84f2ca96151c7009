package io.freehub.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.MessageProperties.Application;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TelemetryHeadersTest {

    private static final MessageProperties STAMPED = new MessageProperties(
            Map.of(SystemProperty.CONNECTION_AUTH_GENERATION_ID, "g1", SystemProperty.DATA_SCHEMA, "dtmi:x;1"),
            List.of());
    private static final MessageProperties SET = new MessageProperties(
            Map.of(SystemProperty.MESSAGE_ID, "m1", SystemProperty.CONTENT_TYPE, "x".repeat(300)),
            List.of(
                    new Application("größe", Optional.of("20 µm")),
                    new Application("empty", Optional.of("")),
                    new Application("none", Optional.empty())));

    @Test
    void propertiesComeBackAsTheyWent() {
        assertThat(TelemetryHeaders.decode(TelemetryHeaders.encode(SET))).isEqualTo(SET);
        assertThat(TelemetryHeaders.encode(MessageProperties.NONE)).isEmpty();
    }

    @Test
    void twoListsJoinedAreOneList() {
        var joined = TelemetryHeaders.decode(
                TelemetryHeaders.join(TelemetryHeaders.encode(STAMPED), TelemetryHeaders.encode(SET)));

        assertThat(joined.application()).isEqualTo(SET.application());
        assertThat(joined.system()).containsAllEntriesOf(STAMPED.system()).containsAllEntriesOf(SET.system());
    }

    @Test
    void everySystemPropertyHasACodeOfItsOwn() {
        for (var property : SystemProperty.values()) {
            var properties = new MessageProperties(Map.of(property, "v"), List.of());
            assertThat(TelemetryHeaders.decode(TelemetryHeaders.encode(properties)))
                    .isEqualTo(properties);
        }
    }

    @Test
    void codeOfALaterVersionIsPassedOver() {
        var later = new byte[] {99, 2, 'x'};

        assertThat(TelemetryHeaders.decode(TelemetryHeaders.join(later, TelemetryHeaders.encode(SET))))
                .isEqualTo(SET);
    }

    @Test
    void rubbishIsRefusedAndNeverAnythingWorse() {
        var random = new Random(17);
        for (int i = 0; i < 100_000; i++) {
            var bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            try {
                TelemetryHeaders.decode(bytes);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).startsWith("malformed header");
            }
        }
        assertThatThrownBy(() -> TelemetryHeaders.decode(new byte[] {1, 9, 'x'}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
