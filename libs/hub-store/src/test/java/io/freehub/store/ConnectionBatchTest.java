package io.freehub.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.ConnectionEvent;
import io.freehub.model.ConnectionEvent.Closed;
import io.freehub.model.ConnectionEvent.GatewayAlive;
import io.freehub.model.ConnectionEvent.Opened;
import io.freehub.model.ConnectionEvent.SubscriptionsKept;
import io.freehub.model.GatewayInstance;
import io.freehub.model.IdentityId;
import io.freehub.model.KeptSubscriptions;
import io.freehub.model.KeptSubscriptions.Feed;
import io.freehub.store.ConnectionBatch.Closing;
import io.freehub.store.ConnectionBatch.GatewayLife;
import io.freehub.store.ConnectionBatch.LatestSession;
import io.freehub.store.ConnectionBatch.Logged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConnectionBatchTest {

    private static final IdentityId BOILER = IdentityId.parse("boiler");
    private static final IdentityId PUMP = IdentityId.parse("pump");
    private static final GatewayInstance FIRST = new GatewayInstance(0, 5);
    private static final GatewayInstance SECOND = new GatewayInstance(1, 9);
    private static final Instant NOW = Instant.parse("2026-08-15T09:11:06Z");

    @Test
    void givenSeveralOpenings_whenFolded_thenTheLastInTheLogCountsWhateverTheClock() {
        var batch = fold(new Opened(BOILER, "s1", FIRST, NOW.plusSeconds(9)), new Opened(BOILER, "s2", SECOND, NOW));

        assertThat(batch.sessions())
                .containsExactly(new LatestSession(new Opened(BOILER, "s2", SECOND, NOW), Optional.empty(), 3, 1));
        assertThat(batch.closings()).isEmpty();
    }

    @Test
    void givenSubscriptions_whenFolded_thenTheLastOfEachCountsWhateverTheSession() {
        var kept = new SubscriptionsKept(
                BOILER, "s1", new KeptSubscriptions(Optional.of(1), Set.of(Feed.METHODS)), FIRST, NOW);
        var gone = new SubscriptionsKept(BOILER, "s2", KeptSubscriptions.NONE, SECOND, NOW);
        var other = new SubscriptionsKept(PUMP, "s3", KeptSubscriptions.NONE.withMessages(Optional.of(0)), FIRST, NOW);

        assertThat(fold(kept, other, gone).subscriptions()).containsExactly(gone, other);
    }

    @Test
    void givenClosingOfTheLatestSession_whenFolded_thenClosedAtTheFirstOfThem() {
        var batch = fold(
                new Opened(BOILER, "s1", FIRST, NOW),
                new Closed(BOILER, "s1", FIRST, "bye", NOW.plusSeconds(1)),
                new Closed(BOILER, "s1", FIRST, "expired", NOW.plusSeconds(2)));

        assertThat(batch.sessions())
                .containsExactly(
                        new LatestSession(new Opened(BOILER, "s1", FIRST, NOW), Optional.of(NOW.plusSeconds(1)), 3, 1));
    }

    @Test
    void givenLateClosingOfAnOlderSession_whenFolded_thenPassedOver() {
        var batch = fold(
                new Closed(BOILER, "s0", FIRST, "bye", NOW),
                new Opened(BOILER, "s2", SECOND, NOW),
                new Closed(BOILER, "s1", FIRST, "bye", NOW));

        assertThat(batch.sessions())
                .containsExactly(new LatestSession(new Opened(BOILER, "s2", SECOND, NOW), Optional.empty(), 3, 1));
        assertThat(batch.closings()).containsExactly(new Closing(BOILER, "s0", NOW, 0));
    }

    @Test
    void givenClosingsOnly_whenFolded_thenTheLastOfEachSessionAndNoSignOfLife() {
        var batch = fold(
                new Closed(BOILER, "s1", FIRST, "bye", NOW),
                new Closed(BOILER, "s2", FIRST, "bye", NOW),
                new Closed(BOILER, "s1", FIRST, "again", NOW.plusSeconds(1)),
                new Closed(PUMP, "s1", FIRST, "bye", NOW));

        assertThat(batch.sessions()).isEmpty();
        assertThat(batch.closings())
                .containsExactly(
                        new Closing(BOILER, "s1", NOW.plusSeconds(1), 2),
                        new Closing(BOILER, "s2", NOW, 1),
                        new Closing(PUMP, "s1", NOW, 3));
        assertThat(batch.gateways()).isEmpty();
    }

    @Test
    void givenSessionsOfDeviceAndModule_whenFolded_thenEachHasItsOwn() {
        var burner = IdentityId.parse("boiler/burner");
        var batch = fold(
                new Opened(BOILER, "s1", FIRST, NOW),
                new Opened(burner, "s2", FIRST, NOW),
                new Closed(BOILER, "s1", FIRST, "bye", NOW.plusSeconds(1)));

        assertThat(batch.sessions())
                .containsExactly(
                        new LatestSession(new Opened(BOILER, "s1", FIRST, NOW), Optional.of(NOW.plusSeconds(1)), 3, 2),
                        new LatestSession(new Opened(burner, "s2", FIRST, NOW), Optional.empty(), 3, 1));
    }

    @Test
    void givenLivesOfGateways_whenFolded_thenTheLatestOfEachWithItsFirstAndLastSign() {
        var again = new GatewayInstance(0, 6);
        var batch = fold(
                new GatewayAlive(FIRST, NOW),
                new Opened(BOILER, "s1", again, NOW.plusSeconds(1)),
                new GatewayAlive(again, NOW.plusSeconds(2)),
                new GatewayAlive(FIRST, NOW.plusSeconds(3)),
                new GatewayAlive(SECOND, NOW));

        assertThat(batch.gateways())
                .containsExactly(
                        new GatewayLife(again, NOW.plusSeconds(1), NOW.plusSeconds(2)),
                        new GatewayLife(SECOND, NOW, NOW));
    }

    private static ConnectionBatch fold(ConnectionEvent... events) {
        var logged = new ArrayList<Logged>();
        for (var event : events) {
            logged.add(new Logged(event, 3, logged.size()));
        }
        return ConnectionBatch.of(logged);
    }
}
