package io.freehub.gateway.amqp;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.SasToken;
import java.nio.charset.StandardCharsets;
import org.apache.qpid.proton.engine.Sasl;
import org.apache.qpid.proton.engine.SaslListener;
import org.apache.qpid.proton.engine.Transport;

/**
 * SASL as IoT Hub offers it. Clients that come by ANONYMOUS or MSSBCBS have proved nothing: they bring tokens to {@code $cbs}.
 * PLAIN brings one token for the whole life of the connection.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub by using the AMQP protocol", and "control access with shared access
 * signatures", SASL PLAIN.
 */
final class SaslServer implements SaslListener {

    private static final String OF_DEVICE = "@sas.";
    private static final String OF_POLICY = "@sas.root.";

    private final AmqpConnection connection;
    private final Sasl sasl;

    SaslServer(AmqpConnection connection, Transport engine) {
        this.connection = connection;
        this.sasl = engine.sasl();
        sasl.server();
        sasl.allowSkip(false);
        sasl.setMechanisms("ANONYMOUS", "MSSBCBS", "PLAIN", "EXTERNAL");
        sasl.setListener(this);
    }

    @Override
    public void onSaslInit(Sasl it, Transport engine) {
        var mechanisms = sasl.getRemoteMechanisms();
        switch (mechanisms.length == 0 ? "" : mechanisms[0]) {
            // Whatever else they say at first means nothing here.
            case "ANONYMOUS", "MSSBCBS" -> done(Sasl.SaslOutcome.PN_SASL_OK);
            // TLS has proved that the client has the key; whether it is the right one hangs on its links.
            case "EXTERNAL" ->
                done(
                        connection.channel().clientCertificates().isEmpty()
                                ? Sasl.SaslOutcome.PN_SASL_AUTH
                                : Sasl.SaslOutcome.PN_SASL_OK);
            case "PLAIN" -> plain();
            default -> done(Sasl.SaslOutcome.PN_SASL_AUTH);
        }
    }

    private void plain() {
        var response = new byte[Math.max(0, sasl.pending())];
        sasl.recv(response, 0, response.length);
        // What follows waits in the socket until the token is checked.
        connection.channel().pause();
        try {
            var fields = new String(response, StandardCharsets.UTF_8).split("\0", -1);
            if (fields.length != 3) {
                throw new HubException(HubError.UNAUTHORIZED, "SASL PLAIN has no user name and password");
            }
            var token = SasToken.parse(fields[2]);
            check(fields[1], token);
            connection.tokens().bring(token, refused -> {
                if (refused.isEmpty()) {
                    connection.tokens().endWith(token);
                }
                checked(refused.map(SaslServer::outcome).orElse(Sasl.SaslOutcome.PN_SASL_OK));
            });
        } catch (HubException e) {
            connection.tokens().refuse("", e.error(), e.getMessage(), _ -> checked(Sasl.SaslOutcome.PN_SASL_AUTH));
        }
    }

    private static Sasl.SaslOutcome outcome(Tokens.Refused refused) {
        return refused.error() == HubError.SERVICE_UNAVAILABLE
                ? Sasl.SaslOutcome.PN_SASL_TEMP
                : Sasl.SaslOutcome.PN_SASL_AUTH;
    }

    private void checked(Sasl.SaslOutcome outcome) {
        done(outcome);
        connection.channel().resume();
    }

    /** The user name must be that of whom the token is for. */
    private void check(String user, SasToken token) {
        int policy = user.indexOf(OF_POLICY);
        int device = user.lastIndexOf(OF_DEVICE);
        boolean right;
        if (policy >= 0 && isHub(user.substring(policy + OF_POLICY.length()))) {
            right = token.policy().filter(user.substring(0, policy)::equals).isPresent();
        } else if (device >= 0 && isHub(user.substring(device + OF_DEVICE.length()))) {
            var identity = IdentityId.parse(user.substring(0, device));
            right = connection.hub().hosts().stream()
                    .anyMatch(host -> token.policy().isPresent()
                            ? token.covers(host, identity.path())
                            : token.isFor(host, identity));
        } else {
            throw new HubException(
                    HubError.UNAUTHORIZED, "the user name is neither {device}@sas.{hub} nor {policy}@sas.root.{hub}");
        }
        if (!right) {
            throw new HubException(HubError.UNAUTHORIZED, "the token is for somebody else than the user name");
        }
    }

    /** The name of a hub is the first part of its host name; the whole is taken too. */
    private boolean isHub(String name) {
        return connection.hub().hosts().stream()
                .anyMatch(host -> host.equalsIgnoreCase(name) || host.split("\\.", 2)[0].equalsIgnoreCase(name));
    }

    private void done(Sasl.SaslOutcome outcome) {
        sasl.done(outcome);
        if (outcome == Sasl.SaslOutcome.PN_SASL_OK) {
            connection.channel().saslDone();
            connection.flush();
        } else {
            connection.saslFailed();
        }
    }

    @Override
    public void onSaslResponse(Sasl it, Transport engine) {
        done(Sasl.SaslOutcome.PN_SASL_AUTH);
    }

    @Override
    public void onSaslMechanisms(Sasl it, Transport engine) {}

    @Override
    public void onSaslChallenge(Sasl it, Transport engine) {}

    @Override
    public void onSaslOutcome(Sasl it, Transport engine) {}
}
