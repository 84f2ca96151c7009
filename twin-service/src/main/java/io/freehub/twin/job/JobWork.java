package io.freehub.twin.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.MethodCall;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
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
        UPDATE_TWIN("scheduleUpdateTwin", "updateTwin"),
        CALL_METHOD("scheduleDeviceMethod", "cloudToDeviceMethod");

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
     * Calls a method of devices.
     *
     * @param payload as the client gave it, if it did
     */
    record CallMethod(MethodCall call, Optional<Json> payload) implements JobWork {

        @Override
        public Type type() {
            return Type.CALL_METHOD;
        }

        /** Also what command-service reads. */
        @Override
        public Json.Fields json() {
            var json = Json.Fields.NONE.with("methodName", new Json.Text(call.method()));
            json = payload.isEmpty() ? json : json.with("payload", payload.get());
            return json.with(
                            "responseTimeoutInSeconds",
                            Json.Number.of(call.responseTimeout().toSeconds()))
                    .with(
                            "connectTimeoutInSeconds",
                            Json.Number.of(call.connectTimeout().toSeconds()));
        }

        private static CallMethod read(Json.Fields json) {
            var members = Members.of(json);
            var payload = json.getIgnoringCase("payload");
            return new CallMethod(
                    MethodCall.of(
                            members.text("methodName"),
                            payload.map(JsonText::write),
                            members.integer("responseTimeoutInSeconds"),
                            members.integer("connectTimeoutInSeconds")),
                    payload);
        }
    }

    /**
     * Reads what a client asks for.
     *
     * @throws HubException naming what is wrong
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
                // Nobody has seen that null empties a section for jobs too; of thousands of twins it had better not.
                var patch = TwinWrite.patch(json);
                yield new UpdateTwin(new TwinWrite.Patch(patch.tags(), patch.desired()));
            }
            case CALL_METHOD -> CallMethod.read(json);
        };
    }
}
