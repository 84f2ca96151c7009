package io.freehub.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishOrderTest {

    private final List<Integer> acknowledged = new ArrayList<>();
    private final PublishOrder order = new PublishOrder(acknowledged::add);

    @Test
    void requestWaitsForTheTelemetryBeforeIt() {
        var request = order.add(3, 2);
        order.done(request, 0);
        order.telemetryDone(1, 1);
        assertThat(acknowledged).containsExactly(1);

        order.telemetryDone(2, 2);

        assertThat(acknowledged).containsExactly(1, 2, 3);
        assertThat(order.isEmpty()).isTrue();
    }

    @Test
    void telemetryWaitsForTheRequestBeforeIt() {
        var request = order.add(2, 1);
        order.telemetryDone(1, 1);
        order.telemetryDone(3, 2);
        order.telemetryDone(4, 3);
        assertThat(acknowledged).containsExactly(1);
        assertThat(order.size()).isEqualTo(3);

        order.done(request, 3);

        assertThat(acknowledged).containsExactly(1, 2, 3, 4);
        assertThat(order.size()).isZero();
    }

    @Test
    void requestsKeepTheirOrder() {
        var first = order.add(1, 0);
        var second = order.add(3, 1);
        order.done(second, 0);
        order.telemetryDone(2, 1);
        assertThat(acknowledged).isEmpty();

        order.done(first, 1);

        assertThat(acknowledged).containsExactly(1, 2, 3);
    }

    @Test
    void telemetryWithoutPacketIdCountsAndIsNotAcknowledged() {
        var request = order.add(1, 1);
        order.done(request, 0);

        order.telemetryDone(0, 1);

        assertThat(acknowledged).containsExactly(1);
    }
}
