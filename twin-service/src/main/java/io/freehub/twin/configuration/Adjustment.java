package io.freehub.twin.configuration;

import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.TwinRules;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What becomes of a twin.
 *
 * @param patch to be merged into its desired properties; empty when they stay
 * @param assignments those that it has from now on
 * @param refusal why the claims could not be met, if they could not; what goes has gone nevertheless
 */
record Adjustment(Optional<Json.Fields> patch, List<Assignment> assignments, Optional<String> refusal) {

    /**
     * Decides; empty when all is as it should be. A twin is not touched while its claims stay the same, so that what a back end
     * writes over the settings stands.
     *
     * <p>What a configuration has set goes when the twin does not meet its condition any more, and stays when the configuration
     * is deleted. A whole deployment stays until another one takes its place. Of a configuration that is not understood, the twin
     * keeps what it has.
     *
     * @param claims the prevailing ones last
     * @param configurations all there are, by id
     */
    static Optional<Adjustment> of(
            IdentityId identity,
            Json.Fields desired,
            List<Assignment> before,
            List<Claim> claims,
            Map<String, Configuration> configurations) {
        var kept = before.stream()
                .filter(assignment -> configurationOf(assignment, configurations)
                        .filter(configuration -> !configuration.isUnderstood())
                        .isPresent())
                .toList();
        if (Set.copyOf(before).equals(Set.copyOf(assignments(kept, claims, Status.APPLIED)))) {
            return Optional.empty();
        }
        var target = desired;
        for (var assignment : before) {
            var goes = configurationOf(assignment, configurations)
                    .filter(Configuration::isUnderstood)
                    .filter(configuration -> claims.stream().noneMatch(claim -> claim.isOf(configuration)))
                    .flatMap(configuration -> configuration.content().ofTwin(identity))
                    .filter(settings -> !settings.isWhole());
            if (goes.isPresent()) {
                target = goes.get().takenFrom(target);
            }
        }
        var rest = target;
        for (var claim : claims) {
            if (claim.settings().isPresent()) {
                target = claim.settings().get().appliedTo(target);
            }
        }
        try {
            TwinRules.DESIRED.checkSize(target);
        } catch (HubException e) {
            var refused = assignments(kept, claims, Status.TARGETED);
            return Set.copyOf(before).equals(Set.copyOf(refused))
                    ? Optional.empty()
                    : Optional.of(new Adjustment(patch(desired, rest), refused, Optional.of(e.getMessage())));
        }
        return Optional.of(
                new Adjustment(patch(desired, target), assignments(kept, claims, Status.APPLIED), Optional.empty()));
    }

    private static Optional<Json.Fields> patch(Json.Fields from, Json.Fields to) {
        return Optional.of(from.patchTo(to)).filter(changes -> !changes.isEmpty());
    }

    private static Optional<Configuration> configurationOf(
            Assignment assignment, Map<String, Configuration> configurations) {
        return Optional.ofNullable(configurations.get(assignment.configuration()))
                .filter(assignment::isOf);
    }

    private static List<Assignment> assignments(List<Assignment> kept, List<Claim> claims, Status atMost) {
        return Stream.concat(
                        kept.stream(),
                        claims.stream()
                                .map(claim ->
                                        claim.assignment(claim.status() == Status.APPLIED ? atMost : claim.status())))
                .toList();
    }
}
