package io.freehub.twin.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.TwinWrite;
import java.util.Arrays;
import java.util.Optional;

/** What a job does to each of its devices. */
sealed interface JobWork {

    Type type();

    /** The work as clients read it, and as {@link #read} does. */
    Json.Fields json();

    /** Kinds of work, by the names that clients know. */
    enum Type {
        UPDATE_TWIN("scheduleUpdateTwin", "updateTwin");

        private final String wireName;
        private final String member;

        Type(String wireName, String member) {
            this.wireName = wireName;
            this.member = member;
        }

        String wireName() {
            return wireName;
        }

        /** The member of a job that holds work of this type. */
        String member() {
            return member;
        }

        /** The type of this name, in whatever case. */
        static Optional<Type> of(String name) {
            return Arrays.stream(values())
                    .filter(type -> type.wireName.equalsIgnoreCase(name))
                    .findFirst();
        }
    }

    /** Merges into twins, whatever their etag is. */
    record UpdateTwin(TwinWrite write) implements JobWork {

        @Override
        public Type type() {
            return Type.UPDATE_TWIN;
        }

        @Override
        public Json.Fields json() {
            var json = Json.Fields.NONE.with("etag", new Json.Text("*"));
            json = write.tags().isEmpty()
                    ? json
                    : json.with("tags", write.tags().get());
            return write.desired().isEmpty()
                    ? json
                    : json.with(
                            "properties",
                            Json.Fields.NONE.with("desired", write.desired().get()));
        }
    }

    /**
     * Reads what a client asks for.
     *
     * @throws HubException {@link HubError#ARGUMENT_INVALID} naming what is wrong
     */
    static JobWork read(Type type, Json.Fields json) {
        return switch (type) {
            case UPDATE_TWIN -> {
                var etag = Members.of(json).get("etag");
                if (etag.isPresent() && !etag.get().equals(new Json.Text("*"))) {
                    // The words of IoT Hub.
                    throw new HubException(
                            HubError.ARGUMENT_INVALID,
                            "Missing or invalid etag for job type ScheduleUpdateTwin. ScheduleUpdateTwin job type is a"
                                    + " force update, which only accepts '*' as the Etag.");
                }
                yield new UpdateTwin(TwinWrite.patch(json));
            }
        };
    }
}
