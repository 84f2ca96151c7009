package io.freehub.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.store.OutboxRelay;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What becomes of requests that work in the database. */
@CommandServiceTest
class TransactionsIT {

    @Inject
    AgroalDataSource dataSource;

    @Inject
    OutboxRelay relay;

    @Inject
    Transactions transactions;

    @Test
    void givenOneWorksAndOneWaits_thenAFurtherOneIsRefused() {
        var few = new Transactions(dataSource, relay, oneAtATime());
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var first = few.ask(_ -> {
                    begun.countDown();
                    return await(goOn);
                })
                .subscribeAsCompletionStage();
        await(begun);
        var second = few.ask(_ -> "second").subscribeAsCompletionStage();

        assertThatThrownBy(() -> few.ask(_ -> "third").await().indefinitely())
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.THROTTLED));
        goOn.countDown();
        assertThat(first.join()).isTrue();
        assertThat(second.join()).isEqualTo("second");
    }

    @Test
    void workThatFailsLeavesNothing() throws SQLException {
        var device = BackEnd.newId();
        assertThatThrownBy(() -> transactions
                        .ask(connection -> {
                            connection
                                    .createStatement()
                                    .execute("insert into queue (device, generation) values ('" + device + "', 1)");
                            throw new HubException(HubError.QUEUE_FULL, "full");
                        })
                        .await()
                        .indefinitely())
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.error()).isEqualTo(HubError.QUEUE_FULL));
        boolean there = transactions.run(connection -> connection
                .createStatement()
                .executeQuery("select from queue where device = '" + device + "'")
                .next());
        assertThat(there).isFalse();
    }

    /** Done again it would fail again, so it is no matter of waiting. */
    @Test
    void workThatTheDatabaseRefusesIsAFaultOfTheHub() {
        assertThatThrownBy(() -> transactions
                        .ask(connection -> connection.createStatement().execute("select no_such_thing"))
                        .await()
                        .indefinitely())
                .isNotInstanceOf(HubException.class)
                .hasCauseInstanceOf(SQLException.class);
    }

    private static CommandConfig oneAtATime() {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(
                        Map.of(
                                "freehub.command.transactions.concurrency",
                                "1",
                                "freehub.command.transactions.waiting",
                                "1"),
                        "one-at-a-time"))
                .withMapping(CommandConfig.class)
                .build()
                .getConfigMapping(CommandConfig.class);
    }

    private static boolean await(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
