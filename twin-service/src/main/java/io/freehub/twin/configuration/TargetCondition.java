package io.freehub.twin.configuration;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.query.Evaluator;
import io.freehub.query.Query;
import io.freehub.query.QueryException;
import io.freehub.query.QueryParser;
import io.freehub.query.Target;
import io.freehub.twin.document.Twin;

/**
 * The twins that a configuration is for.
 *
 * @param text as the client wrote it
 */
record TargetCondition(String text, Target target) {

    /** @throws HubException {@link HubError#INVALID_TARGET_CONDITION} saying where the text is wrong */
    static TargetCondition parse(String text) {
        try {
            return new TargetCondition(text, QueryParser.parseTarget(text));
        } catch (QueryException e) {
            throw new HubException(HubError.INVALID_TARGET_CONDITION, "targetCondition: " + e.getMessage());
        }
    }

    /** @throws HubException {@link HubError#INVALID_TARGET_CONDITION} when modules are to have what is for devices, or the other way round */
    void requireFits(Content content) {
        boolean ofModules = content instanceof Content.OfModules;
        if (target instanceof Target.Twins(var source, var _) && ofModules != (source == Query.Source.MODULES)) {
            throw new HubException(
                    HubError.INVALID_TARGET_CONDITION,
                    ofModules
                            ? "targetCondition of a configuration of modules begins with FROM devices.modules WHERE"
                            : "targetCondition is of modules, the content for devices");
        }
    }

    /** Whether the twin is one of them. */
    boolean matches(IdentityId identity, Twin twin) {
        return target instanceof Target.Twins(var source, var where)
                && identity.isModule() == (source == Query.Source.MODULES)
                && where.map(condition -> Evaluator.matches(condition, new TwinProperties(identity, twin)))
                        .orElse(true);
    }

    /** The query that finds them; without text when there are none. */
    String query() {
        return switch (target) {
            case Target.Nothing() -> "";
            case Target.Twins(var source, var _)
            when source == Query.Source.MODULES -> "select deviceId, moduleId " + text.strip();
            case Target.Twins(var _, var where) ->
                "select deviceId from devices"
                        + where.map(_ -> " where " + text.strip()).orElse("");
        };
    }
}
