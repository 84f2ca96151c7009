package io.freehub.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PacketIdsTest {

    private final PacketIds ids = new PacketIds();

    @Test
    void everyIdIsUsedButZeroBeforeOneComesAgain() {
        var seen = new HashSet<Integer>();
        for (int i = 0; i < 0xffff; i++) {
            assertThat(seen.add(ids.next(Set.of()))).isTrue();
        }

        assertThat(seen).doesNotContain(0);
        assertThat(ids.next(Set.of())).isEqualTo(1);
    }

    @Test
    void idInUseIsPassedOver() {
        assertThat(ids.next(Set.of(1, 2, 4))).isEqualTo(3);
        assertThat(ids.next(Set.of(1, 2, 4))).isEqualTo(5);
    }
}
