package io.freehub.twin.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Nothing here waits for time but the one test of it: work ends when a test says so. */
class TurnsTest {

    private static final Vertx VERTX = Vertx.vertx();
    private static final Duration LONG = Duration.ofMinutes(5);

    private final Promise<String> first = Promise.promise();
    private final List<String> begun = new ArrayList<>();

    @AfterAll
    static void stop() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void givenAllTurnsTaken_thenOthersWaitInTheirOrderAndOneTooManyIsRefused() {
        var turns = new Turns(VERTX, 1, 2, LONG);
        var one = turns.take(first::future);
        var two = turns.take(() -> begin("two"));
        var three = turns.take(() -> begin("three"));
        var four = turns.take(() -> begin("four"));

        assertThrottled(four);
        assertThat(begun).isEmpty();
        first.complete("one");

        assertThat(one.result()).isEqualTo("one");
        assertThat(two.result()).isEqualTo("two");
        assertThat(three.result()).isEqualTo("three");
        assertThat(begun).containsExactly("two", "three");
    }

    @Test
    void givenWorkThatFailsOrThrows_thenItsTurnEndsToo() {
        var turns = new Turns(VERTX, 1, 1, LONG);
        turns.take(first::future);
        var next = turns.take(() -> begin("next"));
        first.fail("broken");

        assertThat(next.result()).isEqualTo("next");
        assertThat(turns.take(() -> {
                            throw new IllegalStateException("broken");
                        })
                        .failed())
                .isTrue();
        assertThat(turns.take(() -> begin("last")).result()).isEqualTo("last");
    }

    @Test
    void givenOneThatWaitsTooLong_thenItIsRefusedAndItsPlaceIsFree() {
        var turns = new Turns(VERTX, 1, 1, Duration.ofMillis(20));
        turns.take(first::future);
        var impatient = turns.take(() -> begin("impatient"));

        await().until(impatient::isComplete);
        assertThrottled(impatient);
        var next = turns.take(() -> begin("next"));
        first.complete("one");

        assertThat(next.result()).isEqualTo("next");
        assertThat(begun).containsExactly("next");
    }

    private Future<String> begin(String name) {
        begun.add(name);
        return Future.succeededFuture(name);
    }

    private static void assertThrottled(Future<String> refused) {
        assertThat(refused.cause()).isInstanceOfSatisfying(HubException.class, e -> assertThat(e.error())
                .isEqualTo(HubError.THROTTLED));
    }
}
