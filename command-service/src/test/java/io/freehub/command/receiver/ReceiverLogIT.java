package io.freehub.command.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.freehub.command.BackEnd;
import io.freehub.command.CommandServiceTest;
import io.freehub.command.Gateways;
import io.freehub.model.IdentityId;
import io.freehub.model.ReceiverEvent.Link;
import io.freehub.model.SessionAddress;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What gateways say of receivers, by way of Kafka. */
@CommandServiceTest
class ReceiverLogIT {

    private static final long GENERATION = 1;
    private static final long INCARNATION = 1_000;

    private final AgroalDataSource dataSource;
    private final ReceiverLog log;
    private final Gateways gateways = new Gateways();
    private final IdentityId device = IdentityId.parse(BackEnd.newId());

    ReceiverLogIT(AgroalDataSource dataSource, ReceiverLog log) {
        this.dataSource = dataSource;
        this.log = log;
    }

    @AfterEach
    void close() {
        gateways.close();
    }

    @Test
    void theNewestSessionReceivesUntilItIsGone() throws SQLException {
        var older = new SessionAddress(device, "001", 0);
        var newer = new SessionAddress(device, "002", 1);
        gateways.attach(newer, GENERATION, INCARNATION, Link.MESSAGES, 8);
        awaitReceiver(Link.MESSAGES, Optional.of(new Receiver(newer, GENERATION, 8)));
        gateways.attach(older, GENERATION, INCARNATION, Link.MESSAGES, 7);
        gateways.attach(older, GENERATION, INCARNATION, Link.METHODS, 5);
        awaitReceiver(Link.METHODS, Optional.of(new Receiver(older, GENERATION, 5)));
        assertThat(receiver(Link.MESSAGES)).contains(new Receiver(newer, GENERATION, 8));

        gateways.detach(newer, Link.MESSAGES);
        awaitReceiver(Link.MESSAGES, Optional.of(new Receiver(older, GENERATION, 7)));
        gateways.detach(older, Link.MESSAGES);
        awaitReceiver(Link.MESSAGES, Optional.empty());
        assertThat(receiver(Link.METHODS)).isPresent();
    }

    @Test
    void windowIsThatOfTheLastAttach() {
        var session = new SessionAddress(device, "001", 0);
        gateways.attach(session, GENERATION, INCARNATION, Link.MESSAGES, 8);
        gateways.attach(session, GENERATION, INCARNATION, Link.MESSAGES, 3);
        awaitReceiver(Link.MESSAGES, Optional.of(new Receiver(session, GENERATION, 3)));
    }

    @Test
    void receiversOfAnEarlierLifeOfTheirGatewayAreRemoved() throws SQLException {
        int ordinal = 3;
        var outlived = new SessionAddress(device, "001", ordinal);
        var present = new SessionAddress(device, "002", ordinal);
        gateways.attach(outlived, GENERATION, INCARNATION, Link.METHODS, 1);
        gateways.attach(outlived, GENERATION, INCARNATION, Link.MESSAGES, 1);
        awaitReceiver(Link.MESSAGES, Optional.of(new Receiver(outlived, GENERATION, 1)));
        gateways.attach(present, GENERATION, INCARNATION + 1, Link.METHODS, 1);
        awaitReceiver(Link.METHODS, Optional.of(new Receiver(present, GENERATION, 1)));

        log.outlived(ordinal, INCARNATION + 1);
        assertThat(receiver(Link.MESSAGES)).isEmpty();
        assertThat(receiver(Link.METHODS)).contains(new Receiver(present, GENERATION, 1));
    }

    private void awaitReceiver(Link link, Optional<Receiver> expected) {
        Awaitility.await().untilAsserted(() -> assertThat(receiver(link)).isEqualTo(expected));
    }

    private Optional<Receiver> receiver(Link link) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            return Optional.ofNullable(
                    ReceiverTable.newest(connection, link, List.of(device)).get(device));
        }
    }
}
