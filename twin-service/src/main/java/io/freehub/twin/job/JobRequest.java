package io.freehub.twin.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.twin.document.Json;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * A job that a client asks for.
 *
 * @param condition which devices: {@link #ALL} or a condition, which may be a bad one
 * @param start not before now
 * @param maxTime that it may take from its start on
 */
record JobRequest(String id, JobWork work, String condition, Instant start, Duration maxTime) {

    /** The condition that every device meets. */
    static final String ALL = "*";

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.\\-']{1,128}");

    /** It is a path beside those of jobs, and could not be asked for. */
    private static final String NO_ID = "query";

    private static final Duration MAX_AHEAD = Duration.ofHours(168);
    private static final long DEFAULT_SECONDS = 3600;
    private static final long MAX_SECONDS = Duration.ofDays(365).toSeconds();

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern("['T'][' ']")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[XXX][XX][X]")
            .toFormatter();

    /**
     * Reads the body of a request. Of its id only that in the path counts.
     *
     * @throws HubException what is wrong with it
     */
    static JobRequest parse(String id, Json.Fields body, Instant now) {
        if (!ID.matcher(id).matches() || id.equals(NO_ID)) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    "the id of a job has 1 to 128 of the characters A-Z a-z 0-9 _ . - ' and is not '" + NO_ID + "'");
        }
        var members = Members.of(body);
        var type = type(members);
        var work = members.object(type.member())
                .orElseThrow(() -> new HubException(
                        HubError.ARGUMENT_INVALID, type.member() + " is missing, a " + type.wireName() + " needs it"));
        return new JobRequest(id, JobWork.read(type, work), condition(members), start(members, now), maxTime(members));
    }

    private static JobWork.Type type(Members members) {
        var name = members.text("type").or(() -> members.text("jobType")).orElse("");
        return JobWork.Type.of(name)
                .orElseThrow(() -> new HubException(
                        HubError.ARGUMENT_INVALID, "type must be scheduleUpdateTwin or scheduleDeviceMethod"));
    }

    private static String condition(Members members) {
        var condition = members.text("queryCondition").map(String::strip).orElse("");
        if (condition.isEmpty()) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID, "queryCondition is missing, '" + ALL + "' stands for all devices");
        }
        if (condition.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(condition)) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID, "queryCondition has a NUL or half of a surrogate pair in it");
        }
        return condition;
    }

    private static Instant start(Members members, Instant now) {
        var text = members.text("startTime").map(String::strip).filter(given -> !given.isEmpty());
        if (text.isEmpty()) {
            return now.truncatedTo(ChronoUnit.MILLIS);
        }
        var asked = time(text.get());
        if (asked.isAfter(now.plus(MAX_AHEAD))) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID, "startTime is more than " + MAX_AHEAD.toHours() + " hours ahead");
        }
        return (asked.isBefore(now) ? now : asked).truncatedTo(ChronoUnit.MILLIS);
    }

    /** ISO 8601, without an offset in UTC. */
    private static Instant time(String text) {
        try {
            return switch (TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from)) {
                case OffsetDateTime time -> time.toInstant();
                case LocalDateTime time -> time.toInstant(ZoneOffset.UTC);
                default -> throw new IllegalStateException("one of the two");
            };
        } catch (DateTimeException e) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID, "startTime must be a time such as 2026-08-20T10:00:00Z", e);
        }
    }

    private static Duration maxTime(Members members) {
        // Clients that know no default of their own send 0.
        var seconds = members.integer("maxExecutionTimeInSeconds")
                .filter(given -> given != 0)
                .orElse(DEFAULT_SECONDS);
        if (seconds < 0 || seconds > MAX_SECONDS) {
            throw new HubException(HubError.ARGUMENT_INVALID, "maxExecutionTimeInSeconds must be 1 to " + MAX_SECONDS);
        }
        return Duration.ofSeconds(seconds);
    }
}
