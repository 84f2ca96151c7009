package io.freehub.gateway.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.EventClaim;
import io.freehub.model.GatewayInstance;
import io.freehub.model.HubError;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimBookTest {

    private static final GatewayInstance HERE = new GatewayInstance(0, 100);
    private static final GatewayInstance THERE = new GatewayInstance(1, 100);

    private final ClaimBook book = new ClaimBook();

    @Test
    void fiveReceiversWithoutEpochReadAPartitionTogether() {
        for (int n = 0; n < ClaimBook.MOST; n++) {
            assertGranted(claim("r" + n, HERE));
        }
        var refused = refused(claim("r5", THERE));
        assertThat(refused.why().error()).isEqualTo(HubError.QUOTA_EXCEEDED);
        assertThat(refused.why()).hasMessageContaining("which is 5").hasMessageContaining("r0, r1, r2, r3, r4");

        assertThat(book.ended(claim("r2", HERE).key())).isTrue();
        assertGranted(claim("r5", THERE));
    }

    @Test
    void anEpochDisplacesItsLikeAndAllBelow() {
        var plain = List.of(claim("a", HERE), claim("b", THERE));
        plain.forEach(this::assertGranted);
        var zero = claim("zero", HERE, 0);
        assertGranted(zero, plain.get(0), plain.get(1));
        var other = claim("other", THERE, 0);
        assertGranted(other, zero);
        var nine = claim("nine", HERE, 9);
        assertGranted(nine, other);

        assertThat(refused(claim("eight", HERE, 8)).why().error()).isEqualTo(HubError.DISPLACED_BY_NEW_CONNECTION);
        assertThat(refused(claim("plain", THERE)).why())
                .hasMessageStartingWith("At least one receiver for the endpoint is created with epoch of '9'");
        assertThat(book.ended(zero.key())).isFalse();
        assertThat(book.ended(nine.key())).isTrue();
        assertGranted(claim("eight", HERE, 8));
    }

    @Test
    void partitionsAndGroupsAreApart() {
        assertGranted(claim("a", HERE, 5));
        assertGranted(new EventClaim.Made("x", "other", 0, "x", Optional.of(1L), HERE, Instant.EPOCH));
        assertGranted(new EventClaim.Made("x", "$Default", 1, "x", Optional.of(1L), HERE, Instant.EPOCH));
        refused(new EventClaim.Made("x", "$default", 0, "x", Optional.of(1L), HERE, Instant.EPOCH));
    }

    @Test
    void whatAGatewayClaimedIsOverWhenItHasBegunAnew() {
        var old = claim("old", THERE, 5);
        assertGranted(old);
        assertThat(book.alive(THERE)).isEmpty();
        var next = new GatewayInstance(1, 101);
        assertThat(book.alive(next)).containsExactly(old);

        assertThat(refused(claim("late", THERE)).why().error()).isEqualTo(HubError.SERVICE_UNAVAILABLE);
        assertGranted(claim("new", next));
        assertThat(book.alive(THERE)).isEmpty();
        assertThat(book.ended(claim("new", next).key())).isTrue();
    }

    @Test
    void theDisplacedHearOfBoth() {
        assertThat(ClaimBook.displaced(claim("first", HERE, 1), claim("second", THERE, 2)))
                .hasMessage(
                        "New receiver 'second' with higher epoch of '2' is created hence current receiver 'first' with"
                                + " epoch '1' is getting disconnected. If you are recreating the receiver, make sure a higher epoch"
                                + " is used.");
    }

    private void assertGranted(EventClaim.Made claim, EventClaim.Made... displaced) {
        assertThat(book.made(claim)).isEqualTo(new ClaimBook.Verdict.Granted(List.of(displaced)));
    }

    private ClaimBook.Verdict.Refused refused(EventClaim.Made claim) {
        assertThat(book.made(claim)).isInstanceOf(ClaimBook.Verdict.Refused.class);
        return (ClaimBook.Verdict.Refused) book.made(claim);
    }

    private static EventClaim.Made claim(String id, GatewayInstance gateway) {
        return new EventClaim.Made(id, "$Default", 0, id, Optional.empty(), gateway, Instant.EPOCH);
    }

    private static EventClaim.Made claim(String id, GatewayInstance gateway, long epoch) {
        return new EventClaim.Made(id, "$Default", 0, id, Optional.of(epoch), gateway, Instant.EPOCH);
    }
}
