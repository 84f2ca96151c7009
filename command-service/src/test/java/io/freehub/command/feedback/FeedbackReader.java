package io.freehub.command.feedback;

import com.fasterxml.jackson.databind.JsonNode;
import io.freehub.command.BackEnd;
import io.freehub.command.CommandConfig;
import io.freehub.command.Transactions;
import io.freehub.model.IdentityId;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;

/** A back end that reads all feedback, with a replica whose clock is ahead so that no record waits for others. */
public final class FeedbackReader {

    private static final String PATH = "/messages/serviceBound/feedback";

    private final BackEnd backEnd;
    private final Feedback ahead;
    private final List<JsonNode> seen = new ArrayList<>();

    public FeedbackReader(BackEnd backEnd, Transactions transactions, CommandConfig config) {
        this.backEnd = backEnd;
        this.ahead = new Feedback(transactions, config, Clock.offset(Clock.systemUTC(), Duration.ofHours(3)));
    }

    /** Waits for so many records of a device; all there are of it. */
    public List<JsonNode> await(IdentityId device, int count) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> of(device).size() >= count);
        return of(device);
    }

    /** Those of a device that there are by now. */
    public List<JsonNode> of(IdentityId device) throws IllegalStateException {
        readAll();
        return seen.stream()
                .filter(record -> record.get("deviceId").asText().equals(device.toString()))
                .toList();
    }

    /** Reads until there is no more. */
    public void readAll() {
        close();
        Optional<String> lockToken;
        do {
            lockToken = readOne();
            lockToken.ifPresent(token -> backEnd.delete(PATH + "/" + token));
        } while (lockToken.isPresent());
    }

    private Optional<String> readOne() {
        var answer = backEnd.get(PATH);
        if (answer.status() != 200) {
            return Optional.empty();
        }
        answer.json().forEach(seen::add);
        return Optional.of(answer.header("iothub-messagelocktoken"));
    }

    private void close() {
        try {
            while (ahead.close()) {
                // More than one batch.
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
