package io.freehub.registry.bulk;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** New keys for many devices: what clients ask and what they are answered. Source: the Azure CLI's model of it. */
public final class KeyRegeneration {

    private KeyRegeneration() {}

    /** @param policyKey {@code primaryKey}, {@code secondaryKey} or {@code both} */
    public record Request(
            @Nullable String policyKey, @Nullable List<@Nullable Target> devices) {}

    public record Target(@Nullable String id, @Nullable String moduleId) {}

    public record Result(String policyKey, List<RotatedKeys> rotatedKeys, List<Failure> errors) {}

    public record RotatedKeys(String id, @Nullable String moduleId, String primaryKey, String secondaryKey) {

        @Override
        public String toString() {
            return "RotatedKeys[id=" + id + "]";
        }
    }

    public record Failure(@Nullable String id, @Nullable String moduleId, String errorCode, String errorStatus) {}
}
