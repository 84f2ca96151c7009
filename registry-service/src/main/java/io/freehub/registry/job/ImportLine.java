package io.freehub.registry.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.registry.bulk.BulkItem;
import io.freehub.registry.identity.IdentityChange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a line of an import asks for. */
sealed interface ImportLine {

    /** The first line of an export without keys. */
    String KEYS_EXCLUDED = "Warning: this export holds no keys; whatever is imported from it gets new ones.";

    /** Nothing. */
    record Nothing() implements ImportLine {}

    /** A change of an identity. */
    record Change(IdentityChange change) implements ImportLine {}

    /** It is wrong. */
    record Wrong(Failure failure) implements ImportLine {}

    /** Why a line changes nothing, as the log of errors tells it; there, codes are numbers. */
    record Failure(@Nullable String deviceId, @Nullable String moduleId, int errorCode, String errorStatus) {

        static Failure of(IdentityChange change, HubError error, String detail) {
            var identity = change.identity();
            return new Failure(
                    identity.device().value(),
                    identity.module().map(Object::toString).orElse(null),
                    error.code(),
                    detail);
        }
    }

    /** Reads a line, passing over a byte order mark before it; the reader is one of {@link BulkItem}. */
    static ImportLine read(BlobLines.Line line, ObjectReader reader) {
        if (line.cut()) {
            return wrong(line, HubError.MESSAGE_TOO_LARGE, "is longer than " + BlobLines.MAX_LINE + " bytes");
        }
        var text = line.text();
        if (isBlank(text) || line.number() == 1 && new String(text, StandardCharsets.UTF_8).equals(KEYS_EXCLUDED)) {
            return new Nothing();
        }
        Optional<BulkItem> item;
        try {
            item = Optional.ofNullable(reader.readValue(text));
        } catch (JsonProcessingException e) {
            // Not its message: it quotes the line, keys and all.
            return wrong(
                    line,
                    HubError.FORMAT_ERROR,
                    "is no JSON object of an identity"
                            + (e.getLocation() == null
                                    ? ""
                                    : ": see column " + e.getLocation().getColumnNr()));
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory are always read", e);
        }
        return item.map(ImportLine::change)
                .orElseGet(() -> wrong(line, HubError.FORMAT_ERROR, "is no JSON object of an identity"));
    }

    private static ImportLine change(BulkItem item) {
        try {
            return new Change(item.importChange());
        } catch (HubException e) {
            return new Wrong(new Failure(item.id(), item.moduleId(), e.error().code(), e.getMessage()));
        }
    }

    private static Wrong wrong(BlobLines.Line line, HubError error, String detail) {
        return new Wrong(new Failure(null, null, error.code(), "line " + line.number() + " " + detail));
    }

    private static boolean isBlank(byte[] text) {
        for (byte character : text) {
            if (character != ' ' && character != '\t') {
                return false;
            }
        }
        return true;
    }
}
