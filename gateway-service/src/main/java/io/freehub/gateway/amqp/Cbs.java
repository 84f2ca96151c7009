package io.freehub.gateway.amqp;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.SasToken;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Claims-based security on one connection: clients put tokens, and hear what became of them. A request is settled before
 * it is answered, which the C SDK insists on; the answer repeats the id of the request with its type, as all of them do.
 *
 * <p>Source: AMQP Claims-based Security 1.0 (working draft); IoT Hub, "communicate with your IoT hub by using the AMQP
 * protocol".
 */
final class Cbs {

    /** Requests that may be without an answer, and answers that the client may leave untaken. */
    private static final int MAX_REQUESTS = 100;

    /** Everybody takes a frame of 4 KiB, and the Java SDK takes no second one. */
    private static final int MAX_ANSWER = 3 << 10;

    private static final String SAS = "SharedAccessSignature ";

    /** A JSON Web Token, with or without what stands before it in an HTTP header. */
    private static final Pattern BEARER =
            Pattern.compile("(?i:Bearer )?([A-Za-z0-9_=-]++\\.[A-Za-z0-9_=-]++\\.[A-Za-z0-9_=-]++)");

    private final AmqpConnection connection;
    private final Answers answers = new Answers();

    Cbs(AmqpConnection connection) {
        this.connection = connection;
    }

    /** A link that brings tokens. */
    Intake requests(IncomingLink link) {
        return new Intake() {
            @Override
            public void begun() {
                link.grant(MAX_REQUESTS);
            }

            @Override
            public void take(Incoming message) {
                request(link, message);
            }
        };
    }

    /** A link that takes answers. */
    Outlet answers(OutgoingLink link) {
        return answers.on(link);
    }

    private void request(IncomingLink link, Incoming request) {
        Object id = null;
        try {
            var message = decode(request.encoded());
            id = message.getMessageId();
            var correlation = id;
            bring(text(message), refused -> answer(link, request, correlation, refused));
        } catch (HubException e) {
            answer(link, request, id, Optional.of(new Tokens.Refused(e.error(), e.getMessage())));
        }
    }

    private static Message decode(byte[] encoded) {
        try {
            var message = Proton.message();
            message.decode(encoded, 0, encoded.length);
            return message;
        } catch (RuntimeException | StackOverflowError e) {
            throw new HubException(HubError.BAD_REQUEST, "the request is no AMQP message");
        }
    }

    /** What the token is, it says itself: SDKs name its type in many ways. */
    private void bring(String text, Consumer<Optional<Tokens.Refused>> answered) {
        var jwt = BEARER.matcher(text);
        if (text.regionMatches(true, 0, SAS, 0, SAS.length())) {
            connection.tokens().bring(signature(text), answered);
        } else if (jwt.matches()) {
            connection.tokens().bringOfProvider(jwt.group(1), answered);
        } else {
            throw new HubException(
                    HubError.UNAUTHORIZED,
                    "expected is a token that starts with '" + SAS + "', or a JSON Web Token of an identity provider");
        }
    }

    private static SasToken signature(String text) {
        try {
            return SasToken.parse(text);
        } catch (HubException e) {
            throw new HubException(HubError.BAD_REQUEST, e.getMessage());
        }
    }

    private static String text(Message message) {
        var properties = message.getApplicationProperties();
        if (properties == null
                || properties.getValue() == null
                || !"put-token".equals(properties.getValue().get("operation"))) {
            throw new HubException(HubError.BAD_REQUEST, "the only operation is put-token");
        }
        if (!(message.getBody() instanceof AmqpValue value && value.getValue() instanceof String text)) {
            throw new HubException(HubError.BAD_REQUEST, "the body is the token, a string");
        }
        return text;
    }

    private void answer(
            IncomingLink link, Incoming request, @Nullable Object correlation, Optional<Tokens.Refused> refused) {
        if (link.isEnded()) {
            return;
        }
        link.settle(request, Accepted.getInstance());
        var encoded = encode(
                correlation,
                refused.map(why -> status(why.error())).orElse(200),
                refused.map(Cbs::description).orElse("OK"));
        if (encoded.isEmpty()) {
            link.detach(AmqpErrors.condition("amqp:invalid-field", "the message id is too long, or no id"));
            return;
        }
        answers.send(link, "", encoded.get());
    }

    private static int status(HubError error) {
        return switch (error) {
            case BAD_REQUEST -> 400;
            case THROTTLED, QUOTA_EXCEEDED -> 403;
            case SERVICE_UNAVAILABLE -> 503;
            // Whether there is such a device, nobody learns who has no key of it.
            default -> 401;
        };
    }

    private static String description(Tokens.Refused refused) {
        return switch (refused.error()) {
            case BAD_REQUEST, THROTTLED, QUOTA_EXCEEDED, SERVICE_UNAVAILABLE -> refused.reason();
            default -> "Unauthorized";
        };
    }

    private static Optional<byte[]> encode(@Nullable Object correlation, int status, String description) {
        var message = Proton.message();
        var properties = new Properties();
        properties.setCorrelationId(correlation);
        message.setProperties(properties);
        Map<String, Object> answer = new HashMap<>();
        answer.put("status-code", status);
        answer.put("status-description", description);
        message.setApplicationProperties(new ApplicationProperties(answer));
        message.setBody(new AmqpValue(""));
        try {
            var buffer = new byte[MAX_ANSWER];
            int length = message.encode(buffer, 0, buffer.length);
            return Optional.of(Arrays.copyOf(buffer, length));
        } catch (RuntimeException e) {
            // The id is longer than an answer may be, or of a type that no id has.
            return Optional.empty();
        }
    }
}
