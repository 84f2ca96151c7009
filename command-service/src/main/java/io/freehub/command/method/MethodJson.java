package io.freehub.command.method;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.MethodCall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** JSON of calls and answers. Payloads are cut out and put in as they stand, since {@code 1.0} and {@code 1} differ to some. */
final class MethodJson {

    private static final int MAX_NESTING = 100;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
            .build();

    private MethodJson() {}

    /**
     * Reads the body of a request. Names of members count in any case, unknown ones do not, null is as none but for the
     * payload.
     *
     * @throws HubException what is wrong with it
     */
    static MethodCall call(byte[] body) {
        try {
            var text = text(body);
            try (var parser = FACTORY.createParser(text)) {
                return call(parser, text);
            }
        } catch (JsonProcessingException e) {
            // Jackson's own message quotes the body.
            throw new HubException(
                    HubError.FORMAT_ERROR,
                    "the body is not valid JSON of at most " + MAX_NESTING + " levels" + at(e),
                    e);
        } catch (IOException e) {
            throw new HubException(HubError.FORMAT_ERROR, "the body is not valid UTF-8", e);
        }
    }

    private static MethodCall call(JsonParser parser, String text) throws IOException {
        var begin = parser.nextToken();
        if (begin == null) {
            throw new HubException(HubError.ARGUMENT_NULL, "the body is missing");
        }
        if (begin != JsonToken.START_OBJECT) {
            throw new HubException(HubError.ARGUMENT_INVALID, "the body must be a JSON object");
        }
        var method = Optional.<String>empty();
        var payload = Optional.<String>empty();
        var response = Optional.<Long>empty();
        var connect = Optional.<Long>empty();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName().toLowerCase(Locale.ROOT);
            parser.nextToken();
            switch (name) {
                case "methodname" -> method = string(parser);
                case "payload" -> payload = Optional.of(verbatim(parser, text));
                case "responsetimeoutinseconds" -> response = seconds(parser, "responseTimeoutInSeconds");
                case "connecttimeoutinseconds" -> connect = seconds(parser, "connectTimeoutInSeconds");
                default -> parser.skipChildren();
            }
        }
        if (parser.nextToken() != null) {
            throw new HubException(HubError.FORMAT_ERROR, "the body goes on after its JSON");
        }
        return MethodCall.of(method, payload, response, connect);
    }

    /**
     * The answer of a device as JSON text, {@code null} when it sent none; empty when it is no JSON.
     *
     * @param payload as the device sent it
     */
    static Optional<String> payload(byte[] payload) {
        try {
            var text = text(payload);
            if (text.isBlank()) {
                return Optional.of("null");
            }
            try (var parser = FACTORY.createParser(text)) {
                parser.nextToken();
                verbatim(parser, text);
                return parser.nextToken() == null ? Optional.of(text) : Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String text(byte[] utf8) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    }

    private static Optional<String> string(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> Optional.of(parser.getText());
            case VALUE_NULL -> Optional.empty();
            default -> throw new HubException(HubError.ARGUMENT_INVALID, "methodName must be a string");
        };
    }

    private static Optional<Long> seconds(JsonParser parser, String name) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_STRING -> Optional.of(integer(parser.getText(), name));
            case VALUE_NULL -> Optional.empty();
            default -> throw noInteger(name);
        };
    }

    private static long integer(String text, String name) {
        try {
            // Some clients write integers as 30.0. More digits than these are too many for any limit.
            return Integer.parseInt(text.strip().replaceFirst("\\.0$", ""));
        } catch (NumberFormatException e) {
            throw noInteger(name);
        }
    }

    private static HubException noInteger(String name) {
        return new HubException(HubError.ARGUMENT_INVALID, name + " must be a whole number of seconds");
    }

    /** The value at which the parser stands, as it is written. */
    private static String verbatim(JsonParser parser, String text) throws IOException {
        long begin = parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        parser.finishToken();
        return text.substring((int) begin, (int) parser.currentLocation().getCharOffset());
    }

    private static String at(JsonProcessingException failure) {
        var location = failure.getLocation();
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
