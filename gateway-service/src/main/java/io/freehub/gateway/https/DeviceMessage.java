package io.freehub.gateway.https;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.MessageProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A message as a request brought it. */
record DeviceMessage(MessageProperties properties, byte[] body) {

    /** Content type of a request that brings many. */
    static final String BATCH_TYPE = "application/vnd.microsoft.iothub.json";

    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    /** @throws HubException {@link HubError#MESSAGE_TOO_LARGE} when body and properties together are */
    DeviceMessage {
        int size = body.length + properties.size();
        if (size > MessageProperties.MAX_MESSAGE_SIZE) {
            throw new HubException(
                    HubError.MESSAGE_TOO_LARGE,
                    "a message of " + size + " bytes with its properties, at most " + MessageProperties.MAX_MESSAGE_SIZE
                            + " are allowed");
        }
    }

    /**
     * Reads a batch: an array of {@code {"body": …, "base64Encoded": true, "properties": {…}}}, where all but the body can
     * be left out.
     *
     * <p>Source: IoT Hub REST, "Send Device Event"; C#, C and Node leave {@code base64Encoded} out and mean true.
     *
     * @throws HubException saying which item is wrong, and in what
     */
    static List<DeviceMessage> readBatch(byte[] json) {
        var batch = parse(json);
        if (!batch.isArray()) {
            throw new HubException(HubError.ARGUMENT_INVALID, "the batch must be a JSON array of messages");
        }
        var messages = new ArrayList<DeviceMessage>(batch.size());
        for (var item : batch) {
            messages.add(message(item, messages.size()));
        }
        return messages;
    }

    private static JsonNode parse(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            // Jackson's own message quotes the body.
            var at = e.getLocation();
            throw new HubException(
                    HubError.FORMAT_ERROR,
                    "the batch is not valid JSON"
                            + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DeviceMessage message(JsonNode item, int index) {
        var body = item.path("body");
        if (!body.isTextual()) {
            throw invalid(index, "'body' must be there and a text");
        }
        var encoded = item.path("base64Encoded");
        if (!encoded.isMissingNode() && !encoded.isNull() && !encoded.isBoolean()) {
            throw invalid(index, "'base64Encoded' must be true or false");
        }
        var properties = item.path("properties");
        if (!properties.isMissingNode() && !properties.isNull() && !properties.isObject()) {
            throw invalid(index, "'properties' must be an object");
        }
        return new DeviceMessage(
                properties(properties),
                encoded.asBoolean(true)
                        ? decode(body.asText(), index)
                        : body.asText().getBytes(StandardCharsets.UTF_8));
    }

    private static MessageProperties properties(JsonNode properties) {
        var headers = new MessageHeaders();
        properties
                .properties()
                .forEach(property -> headers.add(
                        property.getKey(),
                        property.getValue().isNull()
                                ? Optional.empty()
                                : Optional.of(
                                        property.getValue().isValueNode()
                                                ? property.getValue().asText()
                                                : property.getValue().toString())));
        return headers.toProperties();
    }

    private static byte[] decode(String base64, int index) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw invalid(index, "'body' is not base64, which it must be unless 'base64Encoded' is false");
        }
    }

    private static HubException invalid(int index, String what) {
        return new HubException(HubError.ARGUMENT_INVALID, "message " + index + " of the batch: " + what);
    }
}
