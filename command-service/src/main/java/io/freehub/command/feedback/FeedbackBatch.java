package io.freehub.command.feedback;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freehub.command.WireTime;
import java.util.List;

/** Records as back ends receive them: a JSON array. */
final class FeedbackBatch {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private FeedbackBatch() {}

    @JsonPropertyOrder({
        "originalMessageId",
        "enqueuedTimeUtc",
        "statusCode",
        "description",
        "deviceId",
        "deviceGenerationId"
    })
    private record Document(
            String originalMessageId,
            String enqueuedTimeUtc,
            String statusCode,
            String description,
            String deviceId,
            String deviceGenerationId) {

        static Document of(FeedbackRecord record) {
            return new Document(
                    record.messageId(),
                    WireTime.format(record.at()),
                    record.outcome().wireName(),
                    record.outcome().wireName(),
                    record.device().value(),
                    Long.toString(record.generation()));
        }
    }

    /**
     * Compact, and printable ASCII without a backslash: the Java SDK reads such bodies through a rendering that mangles
     * everything else.
     */
    static String body(List<FeedbackRecord> records) {
        try {
            return MAPPER.writeValueAsString(records.stream().map(Document::of).toList());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }
}
