package io.freehub.command.session;

import io.freehub.command.CommandConfig;
import io.freehub.command.receiver.ReceiverLog;
import io.freehub.command.session.SessionStore.Ending;
import io.freehub.command.session.SessionStore.Gateway;
import io.freehub.model.GatewayInstance;
import io.freehub.service.kafka.HubKafka;
import io.freehub.store.OutboxRelay;
import io.freehub.store.Worker;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Ends what gateways that are gone cannot end any more. A gateway that has restarted has lost its sessions for good. One that is
 * silent may only be cut off: its sessions and receivers are put aside, and are there again when it is heard again. Any
 * number of replicas may watch: what is to be done follows from what the database holds.
 */
@ApplicationScoped
class GatewayWatch {

    private final HubKafka kafka;
    private final SessionStore store;
    private final ReceiverLog receivers;
    private final OutboxRelay relay;
    private final CommandConfig.Sessions config;
    private final Clock clock;
    private final Worker worker = new Worker("gateway-watch", this::turn);

    /** Of the worker's thread. */
    private Optional<Listening> listening = Optional.empty();

    GatewayWatch(
            HubKafka kafka,
            SessionStore store,
            ReceiverLog receivers,
            OutboxRelay relay,
            CommandConfig config,
            Clock clock) {
        this.kafka = kafka;
        this.store = store;
        this.receivers = receivers;
        this.relay = relay;
        this.config = config.sessions();
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        worker.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        worker.stop();
        listening.ifPresent(Listening::close);
    }

    boolean isAlive() {
        return worker.isAlive();
    }

    private Duration turn() throws SQLException {
        if (listening.isEmpty()) {
            listening = Optional.of(new Listening(kafka, SessionLog.GROUP, config.gatewayTimeout()));
        }
        look(listening.get().look().compareTo(config.gatewayTimeout()) >= 0);
        return config.checkInterval();
    }

    /** Does what there is to do. @param heardAll nothing that gateways said within their time can have been missed */
    void look(boolean heardAll) throws SQLException {
        if (heardAll) {
            for (var gateway : store.fallSilent(config.gatewayTimeout())) {
                Log.warnf("gateway is silent ordinal=%d incarnation=%d", gateway.ordinal(), gateway.incarnation());
            }
        }
        for (var gateway : store.gateways()) {
            look(gateway);
        }
        store.forget(config.history());
    }

    private void look(Gateway gateway) throws SQLException {
        var instance = gateway.instance();
        close(instance, Ending.RESTARTED);
        receivers.outlived(instance.ordinal(), instance.incarnation());
        if (gateway.silent()) {
            close(instance, Ending.GONE);
            receivers.suspend(instance);
        } else {
            reopen(instance);
            receivers.resume(instance);
        }
    }

    private void close(GatewayInstance gateway, Ending ending) throws SQLException {
        int all = 0;
        int some;
        do {
            some = store.close(gateway, ending, clock.instant());
            all += some;
            kick(some);
        } while (some == SessionStore.MANY && !worker.isStopping());
        if (all > 0) {
            Log.infof("sessions closed ordinal=%d why=%s count=%d", gateway.ordinal(), ending, all);
        }
    }

    private void reopen(GatewayInstance gateway) throws SQLException {
        int all = 0;
        int some;
        do {
            some = store.reopen(gateway);
            all += some;
            kick(some);
        } while (some == SessionStore.MANY && !worker.isStopping());
        if (all > 0) {
            Log.infof("sessions of a gateway that is heard again opened ordinal=%d count=%d", gateway.ordinal(), all);
        }
    }

    private void kick(int told) {
        if (told > 0) {
            relay.kick();
        }
    }
}
