package io.freehub.twin.configuration;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.query.Evaluator;
import io.freehub.query.Expression;
import io.freehub.query.Query;
import io.freehub.query.QueryException;
import io.freehub.query.QueryParser;
import io.freehub.query.Target;
import io.freehub.twin.document.Twin;
import java.util.Optional;

/**
 * The twins that a configuration is for.
 *
 * @param text as the client wrote it
 * @param target empty when it was taken under other rules than those of today
 */
record TargetCondition(String text, Optional<Target> target) {

    /** @throws HubException {@link HubError#INVALID_TARGET_CONDITION} saying where the text is wrong */
    static TargetCondition parse(String text) {
        try {
            return new TargetCondition(text, Optional.of(QueryParser.parseTarget(text)));
        } catch (QueryException e) {
            throw new HubException(HubError.INVALID_TARGET_CONDITION, "targetCondition: " + e.getMessage());
        }
    }

    /** Reads what was stored. */
    static TargetCondition stored(String text) {
        try {
            return parse(text);
        } catch (HubException e) {
            return new TargetCondition(text, Optional.empty());
        }
    }

    /** @throws HubException {@link HubError#INVALID_TARGET_CONDITION} when modules are to have what is for devices, or the other way round */
    void requireFits(Content content) {
        boolean ofModules = content instanceof Content.OfModules;
        boolean isKnown = !(content instanceof Content.Unknown);
        if (isKnown
                && target.orElse(null) instanceof Target.Twins(var source, var _)
                && ofModules != (source == Query.Source.MODULES)) {
            throw new HubException(
                    HubError.INVALID_TARGET_CONDITION,
                    ofModules
                            ? "targetCondition of a configuration of modules begins with FROM devices.modules WHERE"
                            : "targetCondition is of modules, the content for devices");
        }
    }

    /** Whether the twin is one of them. */
    boolean matches(IdentityId identity, Twin twin) {
        return target.orElse(null) instanceof Target.Twins(var source, var where)
                && identity.isModule() == (source == Query.Source.MODULES)
                && where.map(condition -> Evaluator.matches(condition, new TwinProperties(identity, twin)))
                        .orElse(true);
    }

    /** Whether it depends on what devices report. */
    boolean asksForReported() {
        return target.orElse(null) instanceof Target.Twins(var _, var where)
                && where.stream()
                        .flatMap(Expression::paths)
                        .anyMatch(path -> path.startsWith("properties", "reported"));
    }

    /** The query that finds them; without text when there are none. */
    String query() {
        return switch (target.orElseGet(Target.Nothing::new)) {
            case Target.Nothing() -> "";
            case Target.Twins(var source, var _)
            when source == Query.Source.MODULES -> "select deviceId, moduleId " + text.strip();
            case Target.Twins(var _, var where) ->
                "select deviceId from devices"
                        + where.map(_ -> " where " + text.strip()).orElse("");
        };
    }
}
