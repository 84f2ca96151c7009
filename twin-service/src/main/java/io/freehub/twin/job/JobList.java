package io.freehub.twin.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What a client asks to see of the jobs.
 *
 * @param before only jobs of smaller numbers
 * @param isEmpty nothing, since it asks for what this hub has none of
 */
record JobList(
        Optional<JobWork.Type> type, Optional<ScheduledJob.Status> status, boolean isEmpty, long before, int pageSize) {

    private static final int DEFAULT_PAGE = 100;
    private static final int MAX_PAGE = 1000;
    private static final String TOKEN = "jobs:";

    /** Names that Azure's API has and this hub no jobs of. */
    private static final Set<String> OTHER_TYPES = ignoringCase("unknown", "export", "import");

    private static final Set<String> OTHER_STATUSES = ignoringCase("unknown", "enqueued");

    /**
     * Reads the parameters and headers of a request.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} what is wrong with them; a page size that is none is passed over
     */
    static JobList parse(
            Optional<String> type, Optional<String> status, Optional<String> pageSize, Optional<String> continuation) {
        var wantedType =
                filter("jobType", type, JobWork.Type::of, OTHER_TYPES, "scheduleUpdateTwin or scheduleDeviceMethod");
        var wantedStatus = filter(
                "jobStatus",
                // Azure's own documentation spells it in both ways.
                status.map(name -> name.equalsIgnoreCase("canceled") ? "cancelled" : name),
                ScheduledJob.Status::of,
                OTHER_STATUSES,
                "queued, scheduled, running, completed, failed or cancelled");
        return new JobList(
                wantedType,
                wantedStatus,
                isGiven(type) && wantedType.isEmpty() || isGiven(status) && wantedStatus.isEmpty(),
                continuation
                        .filter(token -> !token.isEmpty())
                        .map(JobList::position)
                        .orElse(Long.MAX_VALUE),
                pageSize.flatMap(JobList::size).orElse(DEFAULT_PAGE));
    }

    private static <T> Optional<T> filter(
            String parameter,
            Optional<String> name,
            Function<String, Optional<T>> read,
            Set<String> others,
            String expected) {
        var found = name.flatMap(read);
        if (isGiven(name) && found.isEmpty() && !others.contains(name.get())) {
            throw new HubException(HubError.ARGUMENT_INVALID, parameter + " must be " + expected);
        }
        return found;
    }

    private static boolean isGiven(Optional<String> parameter) {
        return parameter.filter(text -> !text.isEmpty()).isPresent();
    }

    private static Optional<Integer> size(String text) {
        try {
            return Optional.of(Integer.parseInt(text.strip()))
                    .filter(size -> size > 0)
                    .map(size -> Math.min(size, MAX_PAGE));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** What a client sends to see the jobs after this one. */
    static String continuation(ScheduledJob last) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((TOKEN + last.number()).getBytes(StandardCharsets.US_ASCII));
    }

    private static long position(String token) {
        try {
            var text = new String(Base64.getUrlDecoder().decode(token.strip()), StandardCharsets.US_ASCII);
            if (text.startsWith(TOKEN)) {
                return Long.parseLong(text, TOKEN.length(), text.length(), 10);
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new HubException(HubError.ARGUMENT_INVALID, "x-ms-continuation is none that this hub gave");
    }

    private static Set<String> ignoringCase(String... names) {
        var set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(List.of(names));
        return set;
    }
}
