package io.freehub.gateway.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.MessageProperties;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTest {

    @Test
    void givenAllFour_whenRead_thenTheyAreTheFault() {
        assertThat(fault(
                        "AzIoTHub_FaultOperationType=KillTcp",
                        "AzIoTHub_FaultOperationCloseReason=boom",
                        "AzIoTHub_FaultOperationDelayInSecs=2",
                        "AzIoTHub_FaultOperationDurationInSecs=5"))
                .contains(new Fault(Fault.Kind.KILL_TCP, "boom", Duration.ofSeconds(2), Duration.ofSeconds(5)));
    }

    @Test
    void givenTheTypeAlone_whenRead_thenItIsAtOnce() {
        assertThat(fault("aziothub_faultoperationtype=killtcp"))
                .contains(new Fault(Fault.Kind.KILL_TCP, "a fault was asked for", Duration.ZERO, Duration.ZERO));
    }

    @ParameterizedTest
    @EnumSource
    void givenTheNameOfAKind_whenRead_thenItIsThat(Fault.Kind kind) {
        assertThat(fault("AzIoTHub_FaultOperationType=" + kind.wireName()))
                .map(Fault::kind)
                .contains(kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "soon", "", "1.5", "99999999999"})
    void givenNoNumber_whenRead_thenTheDelayIsNone(String delay) {
        assertThat(fault("AzIoTHub_FaultOperationType=KillTcp", "AzIoTHub_FaultOperationDelayInSecs=" + delay))
                .map(Fault::delay)
                .contains(Duration.ZERO);
    }

    @Test
    void givenAnEndlessDelay_whenRead_thenItIsCut() {
        assertThat(fault("AzIoTHub_FaultOperationType=KillTcp", "AzIoTHub_FaultOperationDelayInSecs=86400"))
                .map(Fault::delay)
                .contains(Duration.ofMinutes(10));
    }

    @Test
    void givenNoTypeOrAnUnknownOne_whenRead_thenItIsNoFault() {
        assertThat(fault("AzIoTHub_FaultOperationDelayInSecs=2")).isEmpty();
        assertThat(fault("AzIoTHub_FaultOperationType=KillEverything")).isEmpty();
        assertThat(fault()).isEmpty();
    }

    private static Optional<Fault> fault(String... properties) {
        return Fault.in(new MessageProperties(
                Map.of(),
                Arrays.stream(properties)
                        .map(property -> property.split("=", 2))
                        .map(part -> new MessageProperties.Application(part[0], Optional.of(part[1])))
                        .toList()));
    }
}
