package io.freehub.twin.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PageTokenTest {

    private static final String QUERY = "SELECT * FROM devices";
    private static final List<Position> POSITIONS = List.of(
            new Position.AtTwin(IdentityId.parse("d/m"), Optional.of("1.5"), Optional.of("é")),
            new Position.AtTwin(IdentityId.parse("d"), Optional.empty(), Optional.empty()),
            new Position.AtGroup(Long.MIN_VALUE, 1),
            new Position.AtDeviceJob(7, "d"));

    @Test
    void givenAPosition_whenWrittenAndRead_thenTheSame() {
        for (var position : POSITIONS) {
            var token = new PageToken(position, 3);

            assertThat(PageToken.read(token.write(QUERY), QUERY, position.getClass()))
                    .isEqualTo(token);
        }
    }

    @Test
    void givenAPositionOfAnotherKind_whenRead_thenRefused() {
        for (var position : POSITIONS) {
            for (var other : POSITIONS) {
                if (position.getClass() != other.getClass()) {
                    var forged = new PageToken(other, 3).write(QUERY);

                    assertThatThrownBy(() -> PageToken.read(forged, QUERY, position.getClass()))
                            .isInstanceOf(HubException.class)
                            .hasMessageContaining("continuation token");
                }
            }
        }
    }
}
