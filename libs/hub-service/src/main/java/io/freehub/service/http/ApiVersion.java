package io.freehub.service.http;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;

/** The {@code api-version} of a request. All that clients send mean the same here, so it is only checked. */
final class ApiVersion {

    private static final Pattern SYNTAX = Pattern.compile("(\\d{4}-\\d{2}-\\d{2})(-preview)?");
    private static final LocalDate OLDEST = LocalDate.of(2016, 11, 14);

    private ApiVersion() {}

    /** @throws HubException {@link HubError#INVALID_PROTOCOL_VERSION} unless it is a date from 2016-11-14 on */
    static void check(Optional<String> value) {
        var text = value.orElseThrow(() ->
                new HubException(HubError.INVALID_PROTOCOL_VERSION, "the query parameter api-version is missing"));
        var matcher = SYNTAX.matcher(text);
        if (!matcher.matches() || !isKnown(matcher.group(1))) {
            throw new HubException(
                    HubError.INVALID_PROTOCOL_VERSION,
                    "the query parameter api-version is no date from " + OLDEST + " on, such as 2021-04-12");
        }
    }

    private static boolean isKnown(String date) {
        try {
            return !LocalDate.parse(date).isBefore(OLDEST);
        } catch (DateTimeParseException e) {
            return false;
        }
    }
}
